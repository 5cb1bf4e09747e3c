import { requireInteger, requireNumber } from '../config/require.js'
import { normalQuantile } from './normalQuantile.js'

/** An interval that holds the true value with a stated confidence. */
export interface Interval {
  low: number
  high: number
  /** Confidence, in (0, 1), for example 0.95. */
  level: number
  /** `wilson`: independent trials; `bootstrap`: percentiles over resampled identities. */
  method: 'wilson' | 'bootstrap'
}

/**
 * Wilson's score interval of a fraction (Wilson 1927): right also near 0 and 1 and for few trials, as long as the trials
 * are independent. Pairs that share images are not: see {@link bootstrap}.
 *
 * `low, high = (p + z²/2n ∓ z √(p (1 − p)/n + z²/4n²)) / (1 + z²/n), p = successes/n, n = trials, z = Φ⁻¹((1 + level)/2)`
 *
 * @param successes - whole number in [0, trials]
 * @param trials - at least 1
 * @param level - confidence in (0, 1). Default 0.95
 * @throws NPairError `INVALID_OPTION`
 * @example wilson(8, 10).low // 0.490162471536642
 */
export function wilson(successes: number, trials: number, level = 0.95): Interval {
  requireInteger('trials', trials, 1)
  requireNumber(
    'successes',
    successes,
    `that is an integer in [0, ${trials}]`,
    (x) => Number.isInteger(x) && x >= 0 && x <= trials,
  )
  return wilsonOfMean(successes / trials, trials, level)
}

/**
 * Wilson's interval of a mean of numbers in [0, 1]: those that are not all 0 or 1 vary less than {@link wilson}'s trials, so that it
 * is rather too wide.
 *
 * `low, high = (p + z²/2n ∓ z √(p (1 − p)/n + z²/4n²)) / (1 + z²/n), p = rate, n = trials, z = Φ⁻¹((1 + level)/2)`
 *
 * @param rate - the mean, in [0, 1]
 * @param trials - how many numbers, at least 1
 * @param level - confidence in (0, 1). Default 0.95
 * @throws NPairError `INVALID_OPTION`
 * @example wilsonOfMean(0.8, 10).low // 0.490162471536642
 */
export function wilsonOfMean(rate: number, trials: number, level = 0.95): Interval {
  requireNumber('rate', rate, 'in [0, 1]', (x) => x >= 0 && x <= 1)
  requireInteger('trials', trials, 1)
  requireNumber('level', level, 'in (0, 1)', (x) => x > 0 && x < 1)
  const z2 = normalQuantile((1 + level) / 2) ** 2
  const centre = (rate + z2 / (2 * trials)) / (1 + z2 / trials)
  const half =
    (Math.sqrt(z2) * Math.sqrt((rate * (1 - rate)) / trials + z2 / (4 * trials * trials))) / (1 + z2 / trials)
  return {
    low: rate === 0 ? 0 : centre - half,
    high: rate === 1 ? 1 : centre + half,
    ...{ level, method: 'wilson' },
  }
}
