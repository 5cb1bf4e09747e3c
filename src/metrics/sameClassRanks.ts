import type { Embeddings } from '../embeddings.js'
import { dot } from './dot.js'

/** Queries whose similarities to the whole gallery are held at one time: `[block, n]` float64. */
const block = 32

/**
 * For every image as a query against all other images: the ranks at which the images of its own class come.
 *
 * The gallery is ordered by cosine similarity, best first, equal ones by lower row first; the query itself is taken out
 * by its row, not by its score, so that a duplicate counts. Rank 1 is the best. Every ranking metric of
 * {@link recallAtK}, {@link rPrecision} and {@link averagePrecisionAtR} follows from these numbers.
 * Memory is a block of rows, never n × n; time is n² dot products.
 *
 * @param embeddings - `[n, d]`, of any length
 * @param labels - `[n]` class of each row
 * @returns for each query its ranks, ascending; empty where its class has no other image
 * @example sameClassRanks(new Embeddings(Float32Array.of(1, 0, 0.8, 0.6, 1, 0.1), 2), [0, 0, 1]) // [[2], [2], []]
 */
export function sameClassRanks(embeddings: Embeddings, labels: ArrayLike<number>): Int32Array[] {
  const { count } = embeddings
  const unit = embeddings.normalized()
  const rows = Array.from(unit)
  const scores = Array.from({ length: Math.min(block, count) }, () => new Float64Array(count))
  const result: Int32Array[] = []
  for (let first = 0; first < count; first += block) {
    const queries = rows.slice(first, first + block)
    // Gallery rows outside: each is read once per block and serves every query of it from the cache.
    for (let g = 0; g < count; g++) {
      const row = rows[g] as Float32Array
      for (let q = 0; q < queries.length; q++) (scores[q] as Float64Array)[g] = dot(queries[q] as Float32Array, row)
    }
    for (let q = 0; q < queries.length; q++) result.push(ranksOf(first + q, scores[q] as Float64Array, labels))
  }
  return result
}

/** Ranks of the images of the query's class by counting what comes before them: no sort of the gallery. */
function ranksOf(query: number, scores: Float64Array, labels: ArrayLike<number>): Int32Array {
  const mates: number[] = []
  for (let g = 0; g < scores.length; g++) if (g !== query && labels[g] === labels[query]) mates.push(g)
  if (mates.length === 0) return new Int32Array(0)
  mates.sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b)
  const last = mates[mates.length - 1] as number
  const before = new Int32Array(mates.length) // strangers that come before mate m but not before mate m − 1
  for (let g = 0; g < scores.length; g++) {
    if (labels[g] === labels[query] || !precedes(scores, g, last)) continue
    let low = 0
    let high = mates.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (precedes(scores, g, mates[middle] as number)) high = middle
      else low = middle + 1
    }
    before[low] = (before[low] as number) + 1
  }
  let strangers = 0
  return before.map((n, m) => {
    strangers += n
    return strangers + m + 1
  })
}

function precedes(scores: Float64Array, a: number, b: number): boolean {
  const difference = (scores[a] as number) - (scores[b] as number)
  return difference > 0 || (difference === 0 && a < b)
}
