import type { Embeddings } from '../embeddings.js'

/**
 * Dot product `Σ_k a[k]·b[k]`, summed in float64. Of rows of length 1 it is their cosine, in [−1, 1] up to rounding.
 * The order of summation is fixed, so that `dot(a, b) === dot(b, a)` and equal rows tie exactly.
 *
 * @example dot(Float32Array.of(3, 4), Float32Array.of(1, 0.5)) // 5
 */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const size = a.length
  let even = 0
  let odd = 0
  let k = 0
  for (; k + 1 < size; k += 2) {
    even += (a[k] as number) * (b[k] as number)
    odd += (a[k + 1] as number) * (b[k + 1] as number)
  }
  if (k < size) even += (a[k] as number) * (b[k] as number)
  return even + odd
}

/**
 * Cosine similarity of listed pairs of rows: `scores[p] = cos(row(first[p]), row(second[p]))`, in [−1, 1].
 * A row of zeros has cosine 0 with everything.
 *
 * @param embeddings - `[n, d]`, of any length
 * @param first - `[p]` rows in [0, n)
 * @param second - `[p]` rows in [0, n)
 * @returns `[p]` float64
 * @example pairCosines(new Embeddings(Float32Array.of(3, 0, 0, 2, -1, 0), 2), [0, 0], [1, 2]) // Float64Array [0, -1]
 */
export function pairCosines(embeddings: Embeddings, first: ArrayLike<number>, second: ArrayLike<number>): Float64Array {
  const unit = embeddings.normalized()
  const scores = new Float64Array(first.length)
  for (let p = 0; p < scores.length; p++) scores[p] = dot(unit.row(first[p] as number), unit.row(second[p] as number))
  return scores
}
