import { requireInteger, requireNames, requireNumber } from '../config/require.js'
import { Random } from '../random.js'
import type { Interval } from './interval.js'

/** Options of {@link bootstrap}. */
export interface BootstrapOptions {
  /** Resamples; at least 1. Default 1000. */
  samples?: number
  /** Confidence in (0, 1). Default 0.95. */
  level?: number
  /** Default 0. */
  seed?: number
}

/**
 * Percentile bootstrap over identities: each resample draws as many identities as there are, with replacement, and every
 * figure is computed again. Images of one person, and pairs that share one, rise and fall together, so that drawing
 * pairs would give intervals that are much too narrow.
 *
 * `[low, high] = quantiles (1 − level)/2 and (1 + level)/2 of statistic(w_b), w_b ~ Multinomial(identities, 1/identities), b = 1 … samples`
 *
 * @param identities - number of identities, at least 1
 * @param statistic - figures of a resample in which identity i occurs `weights[i]` times; the array is overwritten later.
 *   Where a resample does not define a figure (NaN), it is left out of that figure's interval
 * @returns an interval for each figure, by linear interpolation between resamples; undefined where none defined it
 * @throws NPairError `INVALID_OPTION`
 * @example bootstrap(3, (w) => [weightedMean([4, 4, 4], w)], { samples: 20 }) // [{ low: 4, high: 4, level: 0.95, method: 'bootstrap' }]
 */
export function bootstrap(
  identities: number,
  statistic: (weights: Int32Array) => readonly number[],
  options: BootstrapOptions = {},
): (Interval | undefined)[] {
  requireNames('', options, ['samples', 'level', 'seed'])
  const { samples = 1000, level = 0.95, seed = 0 } = options
  requireInteger('identities', identities, 1)
  requireInteger('samples', samples, 1)
  requireNumber('level', level, 'in (0, 1)', (x) => x > 0 && x < 1)
  requireInteger('seed', seed, 0)
  const found: number[][] = []
  const weights = new Int32Array(identities)
  for (let sample = 0; sample < samples; sample++) {
    const random = new Random(seed, 'bootstrap', sample)
    weights.fill(0)
    for (let i = 0; i < identities; i++) {
      const drawn = random.below(identities)
      weights[drawn] = (weights[drawn] as number) + 1
    }
    statistic(weights).forEach((value, f) => {
      found[f] ??= []
      if (!Number.isNaN(value)) found[f].push(value)
    })
  }
  return found.map((values) => {
    if (values.length === 0) return undefined
    const sorted = Float64Array.from(values).sort()
    const [low, high] = [quantile(sorted, (1 - level) / 2), quantile(sorted, (1 + level) / 2)]
    return { low, high, level, method: 'bootstrap' }
  })
}

/**
 * Weighted mean; NaN where all weights are 0.
 *
 * `mean = Σ_i w_i v_i / Σ_i w_i`
 *
 * @example weightedMean([1, 5], [3, 1]) // 2
 */
export function weightedMean(values: ArrayLike<number>, weights: ArrayLike<number>): number {
  let [sum, total] = [0, 0]
  for (let i = 0; i < values.length; i++) {
    const weight = weights[i] as number
    if (weight === 0) continue // what is not defined (NaN) may have no weight
    sum += weight * (values[i] as number)
    total += weight
  }
  return sum / total
}

/**
 * Weights of pairs in a resample of identities (the subset bootstrap of Bolle et al. 2004). Two copies of one identity make no
 * impostor pair.
 *
 * `W_p = w_a where a = b, else w_a w_b; a = first_p, b = second_p`
 *
 * @param first - `[p]` identity of each pair's first image
 * @param second - `[p]` identity of its second
 * @param weights - `[identities]`
 * @example pairWeights([0, 0], [0, 1], [2, 3]) // Float64Array [2, 6]
 */
export function pairWeights(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  weights: ArrayLike<number>,
): Float64Array {
  const own = new Float64Array(first.length)
  for (let p = 0; p < own.length; p++) {
    const [a, b] = [first[p] as number, second[p] as number]
    own[p] = a === b ? (weights[a] as number) : (weights[a] as number) * (weights[b] as number)
  }
  return own
}

/** Of ascending values, with linear interpolation (NumPy's default). */
function quantile(sorted: Float64Array, q: number): number {
  const at = q * (sorted.length - 1)
  const low = Math.floor(at)
  const [a, b] = [sorted[low] as number, sorted[Math.min(low + 1, sorted.length - 1)] as number]
  return a === b ? a : a + (b - a) * (at - low)
}
