import { requireFinite, requireLength } from '../config/require.js'
import { invalidOption } from '../errors.js'

/**
 * Sensitivity index d′: how far genuine scores lie above impostor scores, in their mean spread; sample deviations (divisor n − 1).
 * NaN with fewer than two pairs of a kind, ∓Infinity where nothing spreads.
 *
 * `d′ = (μ_g − μ_i) / √((σ_g² + σ_i²) / 2)`
 *
 * @param scores - `[p]` finite, larger = more alike
 * @param same - `[p]` 1 genuine, 0 impostor
 * @param weights - `[p]` how often each pair counts, >= 0; default once
 * @throws NPairError `INVALID_OPTION` where a score is not finite, a weight is negative or none, or the lists differ in length
 * @example dPrime([1, 3, 0, 2], [1, 1, 0, 0]) // 1 / Math.SQRT2
 */
export function dPrime(scores: ArrayLike<number>, same: ArrayLike<number>, weights?: ArrayLike<number>): number {
  requireLength('same', same, scores.length)
  requireFinite('scores', scores)
  if (weights !== undefined) {
    requireLength('weights', weights, scores.length)
    for (let p = 0; p < weights.length; p++)
      if (!Number.isFinite(weights[p]) || (weights[p] as number) < 0)
        throw invalidOption(`weights[${p}]`, 'a finite number >= 0', weights[p])
  }
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
