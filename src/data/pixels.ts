import { invalidOption } from '../errors.js'
import type { Dataset } from './dataset.js'
import { readPackImages } from './pack.js'

/**
 * Pixels of some of a dataset's images, turned as their ids say: for pictures and baselines, without the engine.
 *
 * @param positions - indices into `dataset.images`
 * @returns for each position uint8 `[height, width, channels]`
 * @throws NPairError `PACK_CORRUPT`; `INVALID_OPTION` for a position that is none
 */
export async function datasetPixels(dataset: Dataset, positions: ArrayLike<number>): Promise<Uint8Array[]> {
  const { path, count, width, channels } = dataset.pack
  const ids = Array.from(positions, (i) => {
    const id = dataset.images[i]
    if (id === undefined) throw invalidOption('positions', `integers in [0, ${dataset.length})`, i)
    return id
  })
  const rows = ids.map((id) => id % count)
  const stored = await readPackImages(path, rows)
  return stored.map((pixels, k) => turned(pixels, width, channels, Math.floor((ids[k] as number) / count)))
}

/** A square image turned counter-clockwise by quarter turns, as `numpy.rot90`: `[side, side, channels]`. */
export function turned(pixels: Uint8Array, side: number, channels: number, quarters: number): Uint8Array {
  let from = pixels
  for (let turn = 0; turn < quarters; turn++) {
    const to = new Uint8Array(from.length)
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++)
        for (let c = 0; c < channels; c++)
          to[(y * side + x) * channels + c] = from[(x * side + side - 1 - y) * channels + c] as number
    from = to
  }
  return from
}
