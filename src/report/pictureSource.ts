import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Dataset } from '../data/dataset.js'
import { decodeImage } from '../data/decode.js'
import { isFeatures } from '../data/featureIngest.js'
import { datasetPixels } from '../data/pixels.js'
import { NPairError } from '../errors.js'

/** Where the pictures of a dataset's images come from. */
export interface PictureSource {
  readonly height: number
  readonly width: number
  readonly channels: 1 | 3
  /**
   * @param positions - indices into `dataset.images`
   * @returns for each position uint8 `[height, width, channels]`
   */
  pixels(positions: readonly number[]): Promise<Uint8Array[]>
}

/** The pixels as they are packed; of features nothing. */
export function packedPictures(dataset: Dataset): PictureSource | undefined {
  const { height, width, channels, ingest } = dataset.pack
  if (isFeatures(ingest)) return undefined
  return { height, width, channels: channels as 1 | 3, pixels: (positions) => datasetPixels(dataset, positions) }
}

/** Side in pixels that files are decoded to: what a page shows of an image at most. */
const side = 112
const decoding = {
  size: [side, side],
  channels: 3,
  interpolation: 'lanczos3',
  fit: 'contain',
  background: 136,
} as const

/** Files that are looked at or decoded at a time. */
const atOnce = 32

/**
 * Pictures of rows of features: the files of a folder that have the rows' names. Only those that are shown are decoded.
 *
 * @param option - what names the folder, for the message
 * @returns its `pixels` throws NPairError `IMAGE_UNREADABLE`
 * @throws NPairError `NOT_FOUND` with the first name that is no file, before any is decoded
 */
export async function filePictures(dataset: Dataset, folder: string, option: string): Promise<PictureSource> {
  const path = (position: number) => resolve(folder, dataset.imageName(position))
  await inPortions([...dataset.images.keys()], async (position) => {
    const found = await stat(path(position)).catch(() => undefined)
    if (found?.isFile()) return
    const expected = `Expected a folder that has an image for every row for ${option} but received '${folder}'`
    throw new NPairError('NOT_FOUND', `${expected}: ${path(position)} is no file`, { option })
  })
  return {
    ...{ height: side, width: side, channels: 3 },
    pixels: (positions) => inPortions(positions, (position) => decodeImage(path(position), decoding)),
  }
}

async function inPortions<T>(positions: readonly number[], work: (position: number) => Promise<T>): Promise<T[]> {
  const done: T[] = []
  for (let from = 0; from < positions.length; from += atOnce)
    done.push(...(await Promise.all(positions.slice(from, from + atOnce).map(work))))
  return done
}
