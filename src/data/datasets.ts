import { dirname, relative, resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { requireBoolean, requireNames } from '../config/require.js'
import { invalidOption, NPairError } from '../errors.js'
import { version } from '../version.js'
import { packPath } from './cache.js'
import { Dataset, type DatasetPlan } from './dataset.js'
import { decodeBytes } from './decode.js'
import { type FeatureIngest, isFeatures } from './featureIngest.js'
import { ingest, type SourceImage } from './ingest.js'
import { type IngestInput, type IngestOptions, requireIngestHooks, resolveIngest } from './ingestOptions.js'
import { openPack } from './pack.js'
import { type Benchmark, benchmarkSource, requireBenchmark } from './sources/benchmark.js'
import {
  alphabetShapes,
  type Characters,
  type CharactersOptions,
  characterNames,
  drawCharacter,
  resolveCharacters,
} from './sources/characters.js'
import { featureLabels, featureRows, featureShape, fileStamp, rowNames } from './sources/features.js'
import { folderSource } from './sources/folder.js'
import { omniglotSource } from './sources/omniglot.js'
import type { Source } from './sources/source.js'
import { writePack } from './writePack.js'

/** Raised when the same source and options would give other pixels, or their pack another layout. */
const ingestVersion = 3

type Hooks = Pick<IngestInput, 'cache' | 'onProgress' | 'signal'>

/**
 * A folder of images, one folder a class, at any depth; decoded once into a pack.
 *
 * @throws NPairError `NOT_FOUND`, `DATA_EMPTY`, `IMAGE_UNREADABLE`, `INVALID_OPTION`
 */
function folder(path: string, options: IngestInput): Promise<Dataset> {
  return fromFiles('folder', path, options, folderSource)
}

/**
 * Omniglot's layout, alphabet/character/drawing.png, as a folder or as the zip that it comes in; alphabets are super-classes.
 *
 * @throws NPairError `NOT_FOUND`, `DATA_EMPTY`, `IMAGE_UNREADABLE`, `INVALID_OPTION`
 */
function omniglot(path: string, options: IngestInput): Promise<Dataset> {
  return fromFiles('omniglot', path, options, omniglotSource)
}

/** Options of {@link benchmark}. */
export interface BenchmarkInput extends IngestInput, Benchmark {}

/**
 * A half of a published set as it comes, by its own split: CUB-200-2011 (`cub`), Stanford Cars (`cars196`), Stanford Online Products (`sop`), In-Shop (`inShop`),
 * Market-1501 (`market1501`). A listed image that is missing is a broken one. Test images of the last two are named `query/…` and
 * `gallery/…`.
 *
 * @throws NPairError `NOT_FOUND`, `DATA_EMPTY`, `IMAGE_UNREADABLE`, `INVALID_OPTION`
 */
function benchmark(path: string, options: BenchmarkInput): Promise<Dataset> {
  const half = requireBenchmark(options)
  return fromFiles('benchmark', path, options, (root) => benchmarkSource(root, half), { ...half })
}

/** Options of {@link features}. */
export interface FeaturesInput extends Hooks {
  /** The class of each row: a `.npy` of integers `[n]`, a `.json` array of names or integers, or a text file, a name a line. */
  readonly labels: string
  /** The name of each row, all different: a text file, a name a line, or a `.json` array. Default: their numbers, from 0. */
  readonly names?: string
  /** Bring each row to Euclidean length 1; a row of zeros stays. A model trained on it does so, too. Default false. */
  readonly normalize?: boolean
}

/**
 * Features of another model instead of images: a NumPy file of `[n, D]` float32, float64, float16 or integers, and the class of
 * each row; brought into a pack of float32 once.
 *
 * @throws NPairError `NOT_FOUND`, `DATA_EMPTY`, `FEATURES_CORRUPT`, `INVALID_OPTION`
 */
async function features(path: string, options: FeaturesInput): Promise<Dataset> {
  if (typeof path !== 'string' || path === '') throw invalidOption('path', 'the path of a .npy file', path)
  requireNames('', options, ['labels', 'names', 'normalize', 'cache', 'onProgress', 'signal'])
  requireIngestHooks(options)
  const { labels, names, normalize = false } = options
  if (names !== undefined && (typeof names !== 'string' || names === ''))
    throw invalidOption('names', 'the path of a file of names', names)
  if (typeof labels !== 'string' || labels === '') throw invalidOption('labels', 'the path of a file of labels', labels)
  requireBoolean('normalize', normalize)
  const [rows, own] = [
    resolve(path),
    { labels: resolve(labels), ...(names !== undefined && { names: resolve(names) }) },
  ]
  const stamp = await fileStamp([rows, ...Object.values(own)])
  const [count, size] = await featureShape(rows)
  const ingest: FeatureIngest = { features: size, normalize }
  const plan = { type: 'features', path: rows, source: own }
  const pack = await packPath(options.cache, { ingestVersion, type: 'features', stamp, ingest })
  if (!pack.exists) {
    const named = own.names === undefined ? undefined : await rowNames(own.names, count)
    const content = await featureLabels(own.labels, count, named)
    await writePack(pack.path, ingest, content, featureRows(rows, ingest, options), () => content)
  }
  return Dataset.whole(await openPack(pack.path), plan)
}

/** Where the labels and names of a plan's features are now: they move with the features. */
function movedLists({ source, path: before }: DatasetPlan, path: string): Pick<FeaturesInput, 'labels' | 'names'> {
  const moved = (list: unknown) =>
    before === undefined ? String(list) : resolve(dirname(path), relative(dirname(before), String(list)))
  return {
    labels: source?.labels === undefined ? '' : moved(source.labels),
    ...(source?.names !== undefined && { names: moved(source.names) }),
  }
}

async function fromFiles(
  type: string,
  path: string,
  options: IngestInput,
  open: (path: string) => Promise<Source>,
  own?: Readonly<Record<string, unknown>>,
): Promise<Dataset> {
  if (typeof path !== 'string' || path === '') throw invalidOption('path', 'the path of the images', path)
  const resolved = resolveIngest(options, Object.keys(own ?? {}))
  const source = await open(path)
  try {
    const images = source.files.map(
      ({ read, ...file }): SourceImage => ({ ...file, pixels: async () => decodeBytes(await read(), resolved) }),
    )
    const plan = { type, path: resolve(path), ...(own && { source: own }) }
    return await packed(plan, [resolve(path), source.stamp], images, resolved, options)
  } finally {
    await source.close()
  }
}

/** Options of {@link characters}. */
export interface CharactersInput extends Hooks, CharactersOptions {
  /** Default 28. */
  readonly size?: IngestInput['size']
}

/**
 * Generated handwritten-like characters in alphabets of like strokes: dark ink on white paper, needing nothing but a seed.
 *
 * @throws NPairError `INVALID_OPTION`
 */
async function characters(options: CharactersInput = {}): Promise<Dataset> {
  requireNames('', options as unknown, ['size', ...characterNames, 'cache', 'onProgress', 'signal'])
  requireIngestHooks(options)
  // They are drawn at their size, grey on white: nothing is decoded.
  const { size = 28 } = options
  const resolved = resolveIngest({ size })
  const plan = resolveCharacters(options)
  const images = generate(plan, resolved.size)
  return packed({ type: 'characters', source: plan }, version(), images, resolved, options)
}

/** Every drawing of every alphabet, each made when it is asked for. */
function generate(plan: Characters, size: readonly [number, number]): SourceImage[] {
  const two = (n: number) => String(n + 1).padStart(2, '0')
  const upTo = (n: number) => Array.from({ length: n }, (_, i) => i)
  return upTo(plan.alphabets).flatMap((a) => {
    const superClass = `alphabet${two(a)}`
    let shapes: ReturnType<typeof alphabetShapes> | undefined
    return upTo(plan.characters).flatMap((c) =>
      upTo(plan.drawings).map((d): SourceImage => {
        const name = `${superClass}/character${two(c)}/${two(d)}`
        return {
          ...{ name, where: name, class: `${superClass}/character${two(c)}`, superClass },
          pixels: async () => {
            // Drawing never waits for anything: let the event loop see Ctrl-C and progress in between.
            await setImmediate()
            shapes ??= alphabetShapes(plan, a)
            return drawCharacter(plan, a, c, d, shapes[c] ?? [], size)
          },
        }
      }),
    )
  })
}

/**
 * The dataset that a plan recorded.
 *
 * @param moved - where the source is now, if it has moved
 * @throws NPairError as the source; `PACK_CORRUPT` if its images are no longer the same
 */
async function fromPlan(plan: DatasetPlan, moved: { path?: string } & Hooks = {}): Promise<Dataset> {
  const { path = plan.path, ...hooks } = moved
  const { ingest } = plan
  const whole = await (() => {
    if (isFeatures(ingest))
      return features(path ?? '', { ...movedLists(plan, path ?? ''), normalize: ingest.normalize, ...hooks })
    const options = { ...ingest, ...hooks }
    switch (plan.type) {
      case 'folder':
        return folder(path ?? '', options)
      case 'omniglot':
        return omniglot(path ?? '', options)
      case 'benchmark':
        return benchmark(path ?? '', { ...requireBenchmark(plan.source), ...options })
      case 'characters':
        return characters({ ...plan.source, size: ingest.size, ...hooks })
      default:
        throw invalidOption('data.type', "'folder', 'omniglot', 'benchmark', 'characters' or 'features'", plan.type)
    }
  })()
  if (whole.plan.pack !== plan.pack)
    throw new NPairError(
      'PACK_CORRUPT',
      `The images of ${path ?? plan.type} are not those of the plan: their pack has the hash ${whole.plan.pack.slice(0, 12)}, the plan's ${plan.pack.slice(0, 12)}`,
    )
  return whole.withParts(plan.parts)
}

/** The dataset of a source: from its pack, which is made first where there is none. */
async function packed(
  plan: Omit<DatasetPlan, 'pack' | 'parts' | 'ingest'>,
  stamp: unknown,
  images: readonly SourceImage[],
  options: IngestOptions,
  hooks: Hooks,
): Promise<Dataset> {
  const { type, source } = plan
  const { path, exists } = await packPath(hooks.cache, { ingestVersion, type, source, stamp, options })
  if (!exists) await ingest(path, images, options, hooks)
  return Dataset.whole(await openPack(path), plan)
}

/** Where labelled images come from. */
export const datasets = { folder, omniglot, benchmark, characters, features, fromPlan }
