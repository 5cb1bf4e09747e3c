import type { Embeddings } from '../embeddings.js'
import { dot } from './dot.js'

/**
 * Cosine similarity of listed pairs of rows, in [−1, 1]; the inner product of
 * embeddings whose `metric` is `dot`, which is a mean of cosines. A row of zeros has cosine 0 with everything.
 *
 * `score_p = a · b / (|a| |b|), a = row(first_p), b = row(second_p)`
 *
 * @param embeddings - `[n, d]`, of any length
 * @param first - `[p]` rows in [0, n)
 * @param second - `[p]` rows in [0, n)
 * @returns `[p]` float64
 * @example pairCosines(new Embeddings(Float32Array.of(3, 0, 0, 2, -1, 0), 2), [0, 0], [1, 2]) // Float64Array [0, -1]
 */
export function pairCosines(embeddings: Embeddings, first: ArrayLike<number>, second: ArrayLike<number>): Float64Array {
  const unit = embeddings.comparable()
  const scores = new Float64Array(first.length)
  for (let p = 0; p < scores.length; p++) scores[p] = dot(unit.row(first[p] as number), unit.row(second[p] as number))
  return scores
}
