import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { requireInteger, requireNames, requireWord } from '../config/require.js'
import { invalidOption, NPairError } from '../errors.js'
import { type PackContent, writePack } from './pack.js'
import { isPnm, readPnm } from './pnm.js'

/** How files become pixels; part of the pack, the plan and the bundle. */
export interface IngestOptions {
  readonly size: readonly [height: number, width: number]
  /** 1: grey (sharp's luminance of the colours), 3: RGB */
  readonly channels: 1 | 3
  /** Resampling kernel. */
  readonly interpolation: 'nearest' | 'linear' | 'cubic' | 'mitchell' | 'lanczos2' | 'lanczos3'
  /** How another aspect ratio is met: stretched, cut, or bordered. */
  readonly fit: 'fill' | 'cover' | 'contain'
  /** Grey level 0..255 of borders and of what is transparent. */
  readonly background: number
  /** A broken image stops the ingestion, or is left out and counted. */
  readonly broken: 'error' | 'skip'
}

/** Options as users give them: the size, and what differs from the defaults. */
export interface IngestInput extends Partial<Omit<IngestOptions, 'size'>> {
  /** Pixels: one side of a square, or `[height, width]`. */
  readonly size: number | readonly [height: number, width: number]
  /** Folder of the packs. Default: NPAIR_CACHE, else the user's cache folder. */
  readonly cache?: string
  readonly onProgress?: (done: number, total: number) => void
  readonly signal?: AbortSignal
}

const ingestNames = [
  'size',
  'channels',
  'interpolation',
  'fit',
  'background',
  'broken',
  'cache',
  'onProgress',
  'signal',
]
const kernels = ['nearest', 'linear', 'cubic', 'mitchell', 'lanczos2', 'lanczos3'] as const
const largestSide = 4096

/** Checks the options of a source and fills in the defaults; `more` names those that the source has besides. */
export function resolveIngest(
  input: IngestInput,
  defaults: Partial<IngestOptions> = {},
  more: readonly string[] = [],
): IngestOptions {
  requireNames('', input, [...ingestNames, ...more])
  const side = (name: string, value: unknown): number => {
    requireInteger(name, value, 1)
    if (value > largestSide) throw invalidOption(name, `an integer <= ${largestSide}`, value)
    return value
  }
  const { size } = input
  const pixels: [number, number] = Array.isArray(size)
    ? [side('size[0]', size[0]), side('size[1]', size[1])]
    : [side('size', size), side('size', size)]
  if (Array.isArray(size) && size.length !== 2) throw invalidOption('size', 'a side or [height, width]', size)
  const {
    channels = 1,
    interpolation = 'lanczos3',
    fit = 'fill',
    background = 255,
    broken = 'error',
  } = { ...defaults, ...input }
  if (channels !== 1 && channels !== 3) throw invalidOption('channels', '1 or 3', channels)
  requireWord('interpolation', interpolation, kernels)
  requireWord('fit', fit, ['fill', 'cover', 'contain'])
  requireWord('broken', broken, ['error', 'skip'])
  requireInteger('background', background, 0)
  if (background > 255) throw invalidOption('background', 'an integer in [0, 255]', background)
  return Object.freeze({ size: Object.freeze(pixels), channels, interpolation, fit, background, broken })
}

type Decoding = Pick<IngestOptions, 'size' | 'channels' | 'interpolation' | 'fit' | 'background'>

/**
 * Decodes an image: whatever sharp reads (JPEG, PNG, WebP, TIFF, GIF, SVG, AVIF), PGM and PPM; turned as its EXIF says.
 *
 * @param input - path, or the bytes of an encoded image
 * @returns `[height, width, channels]` uint8
 * @throws NPairError `IMAGE_UNREADABLE` with path and reason
 */
export async function decodeImage(input: string | Uint8Array, options: Decoding): Promise<Uint8Array> {
  const name = typeof input === 'string' ? input : `an image of ${input.length} bytes`
  try {
    const bytes = typeof input === 'string' ? await readFile(input) : input
    if (bytes.length === 0) throw new Error('the file is empty')
    return await decode(bytes, options)
  } catch (error) {
    throw new NPairError(
      'IMAGE_UNREADABLE',
      `Cannot read ${name}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`,
      { cause: error },
    )
  }
}

async function decode(
  bytes: Uint8Array,
  { size, channels, interpolation, fit, background }: Decoding,
): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp')
  const pnm = isPnm(bytes) ? readPnm(bytes) : undefined
  // A truncated file is an error, not a picture with a grey lower half.
  const image = pnm
    ? sharp(pnm.data, { raw: { width: pnm.width, height: pnm.height, channels: pnm.channels } })
    : sharp(bytes, { failOn: 'truncated' }).rotate()
  const [height, width] = size
  const fill = { r: background, g: background, b: background }
  const kernel = interpolation
  const pixels = await image
    .flatten({ background: fill })
    .resize(width, height, { fit, kernel, background: fill })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  if (pixels.info.channels === channels) return pixels.data
  // A grey picture stays grey through `srgb`: repeat it; what is left of an alpha channel is dropped.
  const from = pixels.info.channels
  const data = new Uint8Array(height * width * channels)
  for (let i = 0; i < height * width; i++)
    for (let c = 0; c < channels; c++) data[i * channels + c] = pixels.data[i * from + Math.min(c, from - 1)] as number
  return data
}

/** One image of a source. */
export interface SourceImage {
  /** Path within the source, with slashes. */
  readonly name: string
  readonly class: string
  readonly superClass?: string
  /** Pixels, or what {@link decodeImage} takes. */
  load(): Promise<Uint8Array | string> | Uint8Array | string
}

/**
 * Decodes the images of a source in parallel and writes their pack.
 *
 * @param images - sorted as they shall stand in the pack
 * @throws NPairError `DATA_EMPTY`; `IMAGE_UNREADABLE` for the first broken image, unless they are skipped; `ABORTED`;
 *   nothing is left behind
 */
export async function ingest(
  path: string,
  images: readonly SourceImage[],
  options: IngestOptions,
  hooks: Pick<IngestInput, 'onProgress' | 'signal'>,
  decodeOne: (image: SourceImage) => Promise<Uint8Array>,
): Promise<void> {
  const pixels: (Uint8Array | undefined)[] = new Array(images.length)
  const skipped: { path: string; reason: string }[] = []
  let next = 0
  let done = 0
  const worker = async (): Promise<void> => {
    while (next < images.length) {
      if (hooks.signal?.aborted)
        throw new NPairError('ABORTED', `Stopped after ${done} of ${images.length} images; nothing was written`)
      const index = next++
      const image = images[index] as SourceImage
      try {
        pixels[index] = await decodeOne(image)
      } catch (error) {
        if (!(error instanceof NPairError) || error.code !== 'IMAGE_UNREADABLE' || options.broken === 'error') {
          next = images.length
          throw error
        }
        skipped.push({ path: image.name, reason: error.message })
      }
      hooks.onProgress?.(++done, images.length)
    }
  }
  await Promise.all(Array.from({ length: Math.min(2 * availableParallelism(), images.length) }, worker))
  const kept = images.filter((_, i) => pixels[i] !== undefined)
  if (kept.length === 0)
    throw new NPairError(
      'DATA_EMPTY',
      `None of ${images.length} images could be read${skipped[0] ? `; the first: ${skipped[0].reason}` : ''}`,
    )
  skipped.sort((a, b) => (a.path < b.path ? -1 : 1))
  await writePack(
    path,
    { ...index(kept), skipped, ingest: options },
    pixels.filter((p) => p !== undefined),
  )
}

/** Class names in code point order, so that labels do not depend on the machine's locale. */
function index(
  images: readonly SourceImage[],
): Pick<PackContent, 'classes' | 'superClasses' | 'superClassOf' | 'labels' | 'names'> {
  const classes = [...new Set(images.map((image) => image.class))].sort(byCodePoint)
  const superClasses = [...new Set(images.flatMap((image) => image.superClass ?? []))].sort(byCodePoint)
  const labelOf = new Map(classes.map((name, label) => [name, label]))
  const superOf = new Map(superClasses.map((name, i) => [name, i]))
  const superClassOf: number[] = []
  for (const image of images)
    if (image.superClass !== undefined)
      superClassOf[labelOf.get(image.class) as number] = superOf.get(image.superClass) as number
  return {
    ...{ classes, superClasses, superClassOf },
    labels: Int32Array.from(images, (image) => labelOf.get(image.class) as number),
    names: images.map((image) => image.name),
  }
}

/** Order of strings by code point: the same everywhere. */
export function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
