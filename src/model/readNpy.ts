import { Embeddings } from '../embeddings.js'
import { invalidOption } from '../errors.js'
import { NpyFile } from '../files/npyFile.js'

/** Options of {@link readNpy}. */
export interface ReadNpyOptions {
  /** What the float32 numbers may take in memory. Default: 4 GiB. */
  readonly maxBytes?: number
}

/**
 * Reads a NumPy file of numbers `[n, d]`, row after row, little-endian, as float32.
 *
 * @throws NPairError `NOT_FOUND`; `FEATURES_CORRUPT` saying what is wrong, or what of it is not read
 */
export async function readNpy(path: string, { maxBytes = 2 ** 32 }: ReadNpyOptions = {}): Promise<Embeddings> {
  if (!(maxBytes > 0)) throw invalidOption('maxBytes', 'a number > 0', maxBytes)
  return NpyFile.with(path, async (npy) => {
    const [count, size] = npy.requireRows()
    await npy.requireWhole()
    if (4 * npy.length > maxBytes)
      throw new Error(`its [${count}, ${size}] numbers take ${4 * npy.length} bytes, more than the ${maxBytes} allowed`)
    const data = new Float32Array(npy.length)
    await npy.readRows(0, data)
    return new Embeddings(data, size)
  })
}
