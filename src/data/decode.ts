import { readFile } from 'node:fs/promises'
import type { Sharp } from 'sharp'
import { NPairError } from '../errors.js'
import { centreMass } from './centre.js'
import type { Decoding } from './ingestOptions.js'
import { isPnm, readPnm } from './pnm.js'
import { decodeSvg, mayBeSvg } from './svg.js'

/** Pixels of the largest image that is decoded, four times those of a good camera: a damaged size must not ask for gigabytes. */
const mostPixels = 1 << 27

/**
 * Decodes an image: whatever sharp reads (JPEG, PNG, WebP, TIFF, GIF, SVG, AVIF), PGM and PPM; turned as its EXIF says.
 *
 * @param input - path, or the bytes of an encoded image
 * @returns `[height, width, channels]` uint8
 * @throws NPairError `IMAGE_UNREADABLE` with path and reason
 */
export async function decodeImage(input: string | Uint8Array, options: Decoding): Promise<Uint8Array> {
  try {
    return await decodeBytes(typeof input === 'string' ? await readFile(input) : input, options)
  } catch (error) {
    throw unreadable(typeof input === 'string' ? input : `an image of ${input.length} bytes`, error)
  }
}

/** As {@link decodeImage}, from bytes; what is thrown has the bare reason as its message. */
export async function decodeBytes(bytes: Uint8Array, decoding: Decoding): Promise<Uint8Array> {
  if (bytes.length === 0) throw new Error('the file is empty')
  return !isPnm(bytes) && mayBeSvg(bytes) ? decodeSvg(bytes, decoding) : decodeHere(bytes, decoding)
}

/** As {@link decodeBytes}, in this process whatever the format. */
export async function decodeHere(bytes: Uint8Array, decoding: Decoding): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp')
  const {
    size: [height, width],
    channels,
    interpolation,
    fit,
    background,
    centre = false,
  } = decoding
  const pnm = isPnm(bytes) ? readPnm(bytes) : undefined
  // A truncated file is an error, not a picture with a grey lower half; a warning (bytes after the end, say) is none.
  const image = pnm
    ? sharp(pnm.data, { raw: { width: pnm.width, height: pnm.height, channels: pnm.channels } })
    : sharp(bytes, { failOn: 'error', limitInputPixels: mostPixels }).rotate()
  const fill = { r: background, g: background, b: background }
  const opaque = image.flatten({ background: fill })
  const placed = centre ? await centred(opaque, decoding) : opaque
  const { data, info } = await placed
    .resize(width, height, { fit, kernel: interpolation, background: fill })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  if (info.channels !== channels) throw new Error(`it has ${info.channels} channels and cannot be given ${channels}`)
  return data
}

/** The picture with its mass in the middle: of at most four times the pixels wanted, so that half a pixel more or less is none. */
async function centred(
  image: Sharp,
  { size: [height, width], channels, interpolation, background }: Decoding,
): Promise<Sharp> {
  const { default: sharp } = await import('sharp')
  const { data, info } = await image
    .resize(4 * width, 4 * height, { fit: 'inside', withoutEnlargement: true, kernel: interpolation })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  return sharp(centreMass({ data, ...info }, background), { raw: info })
}

/** `Cannot read PATH: REASON` */
export function unreadable(where: string, cause: unknown): NPairError {
  return new NPairError('IMAGE_UNREADABLE', `Cannot read ${where}: ${reason(cause)}`, { cause })
}

/** Why an image cannot be read, in one line and without its path, which differs between machines. */
export function reason(cause: unknown): string {
  const text = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0] as string
  // `ENOENT: no such file or directory, open '/home/…'`
  return cause instanceof Error && 'syscall' in cause ? (text.split(', ')[0] as string) : text
}
