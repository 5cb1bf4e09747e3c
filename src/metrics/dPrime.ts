import { mean } from './statistics.js'

/**
 * Sensitivity index d′: how far genuine scores lie above impostor scores, in their mean spread:
 * (μ_g − μ_i) / √((σ_g² + σ_i²) / 2), sample deviations (divisor n − 1).
 * NaN with fewer than two pairs of a kind, ∓Infinity where nothing spreads.
 *
 * @param scores - `[p]`, larger = more alike
 * @param same - `[p]` 1 genuine, 0 impostor
 * @example dPrime([1, 3, 0, 2], [1, 1, 0, 0]) // 1 / Math.SQRT2
 */
export function dPrime(scores: ArrayLike<number>, same: ArrayLike<number>): number {
  const kinds = [1, 0].map((kind) => Array.from(scores).filter((_, i) => Boolean(same[i]) === Boolean(kind)))
  const [genuine, impostor] = kinds.map((values) => {
    const centre = mean(values)
    return { centre, variance: values.reduce((sum, x) => sum + (x - centre) ** 2, 0) / (values.length - 1) }
  }) as [{ centre: number; variance: number }, { centre: number; variance: number }]
  return (genuine.centre - impostor.centre) / Math.sqrt((genuine.variance + impostor.variance) / 2)
}
