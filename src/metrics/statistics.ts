/**
 * Arithmetic mean; NaN of nothing.
 *
 * `mean = 1/n Σ_i x_i`
 *
 * @example mean([1, 2, 6]) // 3
 */
export function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i] as number
  return sum / values.length
}

/**
 * Standard error of the mean: sample standard deviation / √n, in the unit of the values.
 * The S_E that LFW asks for; many programs print the population deviation instead, which for 10 folds is 3 times as much.
 * NaN for fewer than two values.
 *
 * `S_E = √(Σ_i (x_i − mean)² / (n (n − 1)))`
 *
 * @example standardError([1, 2, 6]) // 1.5275252316519468
 */
export function standardError(values: ArrayLike<number>): number {
  const n = values.length
  const centre = mean(values)
  let squares = 0
  for (let i = 0; i < n; i++) squares += ((values[i] as number) - centre) ** 2
  return Math.sqrt(squares / (n - 1) / n)
}
