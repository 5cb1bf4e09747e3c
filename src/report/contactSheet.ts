import type { PictureSource } from './pictureSource.js'

/** Many thumbnails as one picture, a fraction of the size that each would take for itself. */
export interface ContactSheet {
  /** `data:` URI. */
  picture: string
  /** Thumbnails in a row; they stand row by row. */
  columns: number
  rows: number
}

/** Side of a thumbnail in pixels. */
const side = 56

/**
 * A sheet of square thumbnails, images fitted into them with their edges as they are.
 *
 * @param positions - of the source's dataset, at least one
 */
export async function contactSheet(source: PictureSource, positions: readonly number[]): Promise<ContactSheet> {
  const { default: sharp } = await import('sharp')
  const { height, width, channels } = source
  const columns = Math.ceil(Math.sqrt(positions.length))
  const rows = Math.ceil(positions.length / columns)
  const pixels = await source.pixels(positions)
  const thumbnails = await Promise.all(
    pixels.map((image) =>
      sharp(image, { raw: { height, width, channels } })
        .resize(side, side, {
          fit: 'contain',
          background: '#888',
          kernel: Math.max(height, width) < side ? 'nearest' : 'lanczos3',
        })
        .toColourspace('srgb')
        .png()
        .toBuffer(),
    ),
  )
  const sheet = await sharp({ create: { width: columns * side, height: rows * side, channels: 3, background: '#888' } })
    .composite(
      thumbnails.map((input, i) => ({ input, left: (i % columns) * side, top: Math.floor(i / columns) * side })),
    )
    .webp({ quality: 70 })
    .toBuffer()
  return { picture: `data:image/webp;base64,${sheet.toString('base64')}`, columns, rows }
}
