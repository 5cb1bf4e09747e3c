import { Embeddings } from '../../src/embeddings.js'
import { dot } from '../../src/metrics/dot.js'
import type { Metric } from '../../src/native/gallery.js'

/** Slow and obvious: every score, all of them sorted, of equal ones the lower row first. */
export function nearest(query: Float32Array, gallery: Embeddings, metric: Metric): { row: number; score: number }[] {
  const all = Array.from(gallery, (other, row) => ({ row, score: score(query, other, metric) }))
  return all.sort((a, b) => b.score - a.score || a.row - b.row)
}

export function score(a: Float32Array, b: Float32Array, metric: Metric): number {
  if (metric === 'dot') return dot(a, b)
  if (metric === 'cosine') return new Embeddings(Float32Array.of(...a, ...b), a.length).cosine(0, 1)
  // Even and odd places apart, as `dot` sums.
  const sums = [0, 0]
  a.forEach((x, i) => {
    sums[i % 2] = (sums[i % 2] as number) + (x - (b[i] as number)) ** 2
  })
  return -Math.sqrt((sums[0] as number) + (sums[1] as number))
}

/** Random rows, some of which are copies of others, or zero. */
export function someRows(count: number, size: number, draw: () => number): Embeddings {
  const rows = new Embeddings(Float32Array.from({ length: count * size }, draw), size)
  for (let i = 5; i < count; i += 7) rows.row(i).set(rows.row(i - 5))
  for (let i = 11; i < count; i += 101) rows.row(i).fill(0)
  return rows
}
