import { invalidOption, NPairError } from '../errors.js'
import { version } from '../version.js'
import { packPath } from './cache.js'
import { Dataset, type DatasetPlan } from './dataset.js'
import { decodeImage, type IngestInput, type IngestOptions, ingest, resolveIngest, type SourceImage } from './ingest.js'
import { openPack } from './pack.js'
import {
  alphabetShapes,
  type Characters,
  type CharactersOptions,
  drawCharacter,
  resolveCharacters,
} from './sources/characters.js'
import { folderClass, folderImages } from './sources/folder.js'
import { omniglotSource } from './sources/omniglot.js'

/** Raised when the same source and options would give other pixels. */
const ingestVersion = 1

type Hooks = Pick<IngestInput, 'cache' | 'onProgress' | 'signal'>

/**
 * A folder of images, one folder a class, at any depth; decoded once into a pack.
 *
 * @throws NPairError `NOT_FOUND`, `DATA_EMPTY`, `IMAGE_UNREADABLE`, `INVALID_OPTION`
 */
async function folder(path: string, options: IngestInput): Promise<Dataset> {
  requirePath(path)
  const resolved = resolveIngest(options)
  const files = await folderImages(path)
  const images = files.map(
    (file): SourceImage => ({ name: file.name, class: folderClass(file.name), load: () => file.path }),
  )
  const stamp = files.map(({ name, bytes, modified }) => [name, bytes, modified])
  return fromSource({ type: 'folder', path }, stamp, images, resolved, options, decodeSource(resolved))
}

/**
 * Omniglot's layout, alphabet/character/drawing.png, as a folder or as the zip that it comes in; alphabets are super-classes.
 *
 * @throws NPairError `NOT_FOUND`, `DATA_EMPTY`, `IMAGE_UNREADABLE`, `INVALID_OPTION`
 */
async function omniglot(path: string, options: IngestInput): Promise<Dataset> {
  requirePath(path)
  const resolved = resolveIngest(options)
  const source = await omniglotSource(path)
  try {
    return await fromSource(
      { type: 'omniglot', path },
      source.stamp,
      source.images,
      resolved,
      options,
      decodeSource(resolved),
    )
  } finally {
    await source.close()
  }
}

/** Options of {@link characters}. */
export interface CharactersInput extends Omit<IngestInput, 'size'>, CharactersOptions {
  /** Default 28. */
  readonly size?: IngestInput['size']
}

/**
 * Generated handwritten-like characters in alphabets of like strokes: dark ink on white paper, needing nothing but a seed.
 *
 * @throws NPairError `INVALID_OPTION`
 */
async function characters(options: CharactersInput = {}): Promise<Dataset> {
  const { alphabets, characters, drawings, seed, size = 28, ...rest } = options
  const given = { alphabets, characters, drawings, seed }
  const plan = resolveCharacters(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)))
  const resolved = resolveIngest({ size, ...rest })
  if (resolved.channels !== 1) throw invalidOption('channels', '1 for generated characters', resolved.channels)
  return fromSource(
    { type: 'characters', source: plan },
    [],
    generate(plan, resolved.size),
    resolved,
    options,
    async (image) => (await image.load()) as Uint8Array,
  )
}

/** Every drawing of every alphabet, each made when it is asked for. */
function generate(plan: Characters, size: readonly [number, number]): SourceImage[] {
  const two = (n: number) => String(n + 1).padStart(2, '0')
  return Array.from({ length: plan.alphabets }, (_, a) => {
    const superClass = `alphabet${two(a)}`
    let shapes: ReturnType<typeof alphabetShapes> | undefined
    return Array.from({ length: plan.characters }, (_, c) =>
      Array.from({ length: plan.drawings }, (_, d) => ({
        ...{
          name: `${superClass}/character${two(c)}/${two(d)}`,
          class: `${superClass}/character${two(c)}`,
          superClass,
        },
        load: () => {
          shapes ??= alphabetShapes(plan, a)
          return drawCharacter(plan, a, c, d, shapes[c] ?? [], size)
        },
      })),
    ).flat()
  }).flat()
}

/**
 * The dataset that a plan recorded.
 *
 * @param moved - where the source is now, if it has moved
 * @throws NPairError as the source; `PACK_CORRUPT` if its images are no longer the same
 */
async function fromPlan(plan: DatasetPlan, moved: { path?: string } & Hooks = {}): Promise<Dataset> {
  const { path = plan.path, ...hooks } = moved
  const options = { ...plan.ingest, ...hooks }
  const whole = await (() => {
    switch (plan.type) {
      case 'folder':
        return folder(path ?? '', options)
      case 'omniglot':
        return omniglot(path ?? '', options)
      case 'characters':
        return characters({ ...plan.source, ...options })
      default:
        throw invalidOption('data.type', "'folder', 'omniglot' or 'characters'", plan.type)
    }
  })()
  if (whole.plan.pack !== plan.pack)
    throw new NPairError(
      'PACK_CORRUPT',
      `The images of ${path ?? plan.type} are not those of the plan: their pack has the hash ${whole.plan.pack.slice(0, 12)}, the plan's ${plan.pack.slice(0, 12)}`,
    )
  return whole.withParts(plan.parts)
}

function decodeSource(options: IngestOptions): (image: SourceImage) => Promise<Uint8Array> {
  return async (image) => {
    try {
      return await decodeImage(await image.load(), options)
    } catch (error) {
      if (!(error instanceof NPairError) || error.message.includes(image.name)) throw error
      throw new NPairError(error.code, `${image.name}: ${error.message}`, { cause: error })
    }
  }
}

async function fromSource(
  plan: Omit<DatasetPlan, 'pack' | 'parts' | 'ingest'>,
  stamp: unknown,
  images: readonly SourceImage[],
  options: IngestOptions,
  hooks: Hooks,
  decode: (image: SourceImage) => Promise<Uint8Array>,
): Promise<Dataset> {
  const { path, exists } = await packPath(hooks.cache, {
    ingestVersion,
    plan,
    stamp,
    options,
    npair: plan.type === 'characters' ? version() : '',
  })
  if (!exists) await ingest(path, images, options, hooks, decode)
  return Dataset.whole(await openPack(path), plan)
}

function requirePath(path: unknown): void {
  if (typeof path !== 'string' || path === '') throw invalidOption('path', 'the path of the images', path)
}

/** Where labelled images come from. */
export const datasets = { folder, omniglot, characters, fromPlan }
