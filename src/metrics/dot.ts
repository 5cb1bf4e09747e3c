/**
 * Dot product, summed in float64. Of rows of length 1 it is their cosine, in [−1, 1] up to rounding.
 * The order of summation is fixed, so that `dot(a, b) === dot(b, a)` and equal rows tie exactly.
 *
 * `dot = Σ_k a_k b_k`
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
