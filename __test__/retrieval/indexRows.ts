import { Embeddings } from '../../src/embeddings.js'
import type { IndexEntry } from '../../src/retrieval/indexOptions.js'

/** Entries of rows `first` and so on. */
export const entriesOf = (count: number, first = 0): IndexEntry[] =>
  Array.from({ length: count }, (_, i) => ({ id: `image ${first + i}`, label: (first + i) % 5, metadata: { at: [i] } }))

/** Rows `from` to `to`, copied. */
export const rowsOf = (rows: Embeddings, from: number, to: number) =>
  new Embeddings(rows.data.slice(from * rows.size, to * rows.size), rows.size)

/** What an index takes for a model. */
export const modelOf = (weights: string, shifts: number[] = []) => ({
  identity: { weights: weights.repeat(64), definition: '0'.repeat(64), views: { mirror: false, shifts } },
})
