import { requireBoolean, requireInteger, requireNames, requireWord } from '../config/require.js'
import { requireHooks } from '../config/requireHooks.js'
import { invalidOption } from '../errors.js'

/** How files become pixels; part of the pack, the plan and the bundle. */
export interface IngestOptions {
  readonly size: readonly [height: number, width: number]
  /** 1: grey (sharp's luminance of the colours), 3: RGB */
  readonly channels: 1 | 3
  /** Resampling kernel where the picture is made smaller; made larger, all but `nearest` and `linear` are cubic. */
  readonly interpolation: 'nearest' | 'linear' | 'cubic' | 'mitchell' | 'lanczos2' | 'lanczos3'
  /** How another aspect ratio is met: stretched, cut, or bordered. */
  readonly fit: 'fill' | 'cover' | 'contain'
  /** Grey level 0..255 of borders and of what is transparent. */
  readonly background: number
  /**
   * Whether the centre of mass of what differs from the background is moved into the middle of the picture, as in MNIST: for
   * drawings on an even ground, whose place says nothing. Missing where it is not.
   */
  readonly centre?: boolean
  /** A broken image stops the ingestion, or is left out and counted. */
  readonly broken: 'error' | 'skip'
}

/** The options that decide the pixels of one image. */
export type Decoding = Pick<IngestOptions, 'size' | 'channels' | 'interpolation' | 'fit' | 'background' | 'centre'>

/**
 * Options as users give them: the size, and what differs from the defaults: one channel, `lanczos3`, `fill`, background 255, not centred,
 * `error`.
 */
export interface IngestInput extends Partial<Omit<IngestOptions, 'size'>> {
  /** Pixels: one side of a square, or `[height, width]`. */
  readonly size: number | readonly [height: number, width: number]
  /** Folder of the packs. Default: NPAIR_CACHE, else the user's cache folder. */
  readonly cache?: string
  readonly onProgress?: (done: number, total: number) => void
  readonly signal?: AbortSignal
}

const decodingNames = ['size', 'channels', 'interpolation', 'fit', 'background', 'centre', 'broken']
const hookNames = ['cache', 'onProgress', 'signal']
const kernels = ['nearest', 'linear', 'cubic', 'mitchell', 'lanczos2', 'lanczos3'] as const
const largestSide = 4096

/**
 * Checks the options of a source and fills in the defaults.
 *
 * @param more - names of options that the source has besides, and checks itself
 */
export function resolveIngest(input: IngestInput, more: readonly string[] = []): IngestOptions {
  requireNames('', input, [...decodingNames, ...more, ...hookNames])
  requireIngestHooks(input)
  const { channels = 1, interpolation = 'lanczos3', fit = 'fill', background = 255, broken = 'error' } = input
  const { centre = false } = input
  if (channels !== 1 && channels !== 3) throw invalidOption('channels', '1 or 3', channels)
  requireWord('interpolation', interpolation, kernels)
  requireWord('fit', fit, ['fill', 'cover', 'contain'])
  requireWord('broken', broken, ['error', 'skip'])
  requireInteger('background', background, 0)
  if (background > 255) throw invalidOption('background', 'an integer in [0, 255]', background)
  requireBoolean('centre', centre)
  const moved = centre && { centre }
  return Object.freeze({ size: resolveSize(input.size), channels, interpolation, fit, background, ...moved, broken })
}

/** Checks what comes with the options of every source. */
export function requireIngestHooks(input: Pick<IngestInput, 'cache' | 'onProgress' | 'signal'>): void {
  const { cache, onProgress, signal } = input
  if (cache !== undefined && (typeof cache !== 'string' || cache === ''))
    throw invalidOption('cache', 'the path of a folder', cache)
  requireHooks({ onProgress, signal })
}

function resolveSize(size: unknown): readonly [height: number, width: number] {
  const isSide = (value: unknown): value is number =>
    typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= largestSide
  if (isSide(size)) return Object.freeze([size, size] as const)
  if (!Array.isArray(size) || size.length !== 2)
    throw invalidOption('size', `an integer in [1, ${largestSide}] or [height, width]`, size)
  const [height, width] = size.map((side: unknown, i) => {
    if (!isSide(side)) throw invalidOption(`size[${i}]`, `an integer in [1, ${largestSide}]`, side)
    return side
  }) as [number, number]
  return Object.freeze([height, width] as const)
}
