import { Embeddings } from '../embeddings.js'

/** The listed rows as embeddings of their own, copied. */
export function rowsAt({ data, size, metric }: Embeddings, positions: ArrayLike<number>): Embeddings {
  const rows = new Float32Array(positions.length * size)
  for (let i = 0; i < positions.length; i++) {
    const from = (positions[i] as number) * size
    rows.set(data.subarray(from, from + size), i * size)
  }
  return new Embeddings(rows, size, metric)
}
