import type { PackInfo } from '../data/pack.js'
import type { PictureSource } from './pictureSource.js'

/** Side in pixels up to which pictures are kept exactly; larger ones are made as small as this. */
const largest = 112
/** Up to this side every pixel matters and PNG is small; above it photographs are stored as WebP, a tenth of the size. */
const exact = 64

/** Pixels `[height, width, channels]` as a `data:` URI small enough for a page with hundreds of them. */
export async function picture(
  pixels: Uint8Array,
  { height, width, channels }: Pick<PackInfo, 'height' | 'width' | 'channels'>,
): Promise<string> {
  const { default: sharp } = await import('sharp')
  const image = sharp(pixels, { raw: { height, width, channels: channels as 1 | 3 } })
  const small = Math.max(height, width) <= exact
  const encoded = small
    ? image.toColourspace(channels === 1 ? 'b-w' : 'srgb').png({ compressionLevel: 9 })
    : image.resize(largest, largest, { fit: 'inside', withoutEnlargement: true }).webp({ quality: 80 })
  return `data:image/${small ? 'png' : 'webp'};base64,${(await encoded.toBuffer()).toString('base64')}`
}

/**
 * Pictures of some images, each made once.
 *
 * @param positions - of the source's dataset, the same one as often as one likes
 * @returns the `data:` URI of a position that was asked for
 */
export async function pictureOf(
  source: PictureSource,
  positions: readonly number[],
): Promise<(position: number) => string> {
  const unique = [...new Set(positions)]
  const pixels = await source.pixels(unique)
  const made = new Map<number, string>()
  for (const [i, position] of unique.entries()) made.set(position, await picture(pixels[i] as Uint8Array, source))
  return (position) => made.get(position) as string
}
