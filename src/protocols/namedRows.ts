import type { Embeddings } from '../embeddings.js'
import { NPairError } from '../errors.js'
import type { Embedder } from './protocol.js'
import { rowsAt } from './rows.js'

/**
 * Embeddings from anywhere as an embedder: an image of a dataset has the row of its name.
 *
 * @param rows - `[n, d]`
 * @param names - `[n]`, all different
 * @param where - the file that the names are from, for messages
 * @returns its `embedDataset` throws NPairError `FEATURES_CORRUPT` for an image without a row, and for a row without an image
 */
export function namedRows(rows: Embeddings, names: readonly string[], where: string): Embedder {
  const rowOf = new Map(names.map((name, row) => [name, row]))
  return {
    async embedDataset(dataset) {
      const wanted = Array.from({ length: dataset.length }, (_, i) => dataset.imageName(i))
      const known = new Set(wanted)
      const missing = wanted.filter((name) => !rowOf.has(name))
      const unknown = names.filter((name) => !known.has(name))
      if (missing.length > 0 || unknown.length > 0) {
        const faults = [
          ...(missing.length > 0 ? [`${missing.length} images have no row in it, the first ${missing[0]}`] : []),
          ...(unknown.length > 0 ? [`${unknown.length} of its names are of no image, the first ${unknown[0]}`] : []),
        ]
        throw new NPairError('FEATURES_CORRUPT', `${where}: ${faults.join('; ')}`)
      }
      return rowsAt(
        rows,
        wanted.map((name) => rowOf.get(name) as number),
      )
    },
  }
}
