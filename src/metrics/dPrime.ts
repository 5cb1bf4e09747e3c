/**
 * Sensitivity index d′: how far genuine scores lie above impostor scores, in their mean spread:
 * (μ_g − μ_i) / √((σ_g² + σ_i²) / 2), sample deviations (divisor n − 1).
 * NaN with fewer than two pairs of a kind, ∓Infinity where nothing spreads.
 *
 * @param scores - `[p]`, larger = more alike
 * @param same - `[p]` 1 genuine, 0 impostor
 * @param weights - `[p]` how often each pair counts; default once
 * @example dPrime([1, 3, 0, 2], [1, 1, 0, 0]) // 1 / Math.SQRT2
 */
export function dPrime(scores: ArrayLike<number>, same: ArrayLike<number>, weights?: ArrayLike<number>): number {
  const [genuine, impostor] = [true, false].map((kind) => {
    let [count, sum, squares] = [0, 0, 0]
    const each = (visit: (score: number, weight: number) => void) => {
      for (let p = 0; p < scores.length; p++)
        if (Boolean(same[p]) === kind) visit(scores[p] as number, weights === undefined ? 1 : (weights[p] as number))
    }
    each((score, weight) => {
      count += weight
      sum += weight * score
    })
    const centre = sum / count
    each((score, weight) => {
      squares += weight * (score - centre) ** 2
    })
    return { centre, variance: count < 2 ? Number.NaN : squares / (count - 1) }
  }) as [{ centre: number; variance: number }, { centre: number; variance: number }]
  return (genuine.centre - impostor.centre) / Math.sqrt((genuine.variance + impostor.variance) / 2)
}
