import { requireFinite, requireInteger, requireLength, requireNumber } from '../config/require.js'

/** Two histograms over the same bins: genuine and impostor scores. */
export interface PairHistogram {
  /** `[bins + 1]` ascending; bin b holds scores in [edges[b], edges[b + 1]), the last one its upper edge too. */
  edges: number[]
  /** `[bins]` number of genuine pairs. */
  same: number[]
  /** `[bins]` number of impostor pairs. */
  different: number[]
}

/**
 * Histogram of pair scores, genuine and impostor apart, in equal bins over [low, high].
 * Scores beyond the range (a cosine of 1 + rounding) count in the outermost bins.
 *
 * `bin of s = min(max(⌊bins (s − low) / (high − low)⌋, 0), bins − 1)`
 *
 * @param scores - `[p]` finite
 * @param same - `[p]` 1 genuine, 0 impostor
 * @param bins - at least 1
 * @param low - lower edge of the first bin
 * @param high - upper edge of the last, above `low`
 * @throws NPairError `INVALID_OPTION` where a score or edge is not finite, there is no bin or range, or the lists differ in length
 * @example pairHistogram([-1, 0.2, 0.9, 1], [0, 0, 1, 1], { bins: 2, low: -1, high: 1 })
 * // { edges: [-1, 0, 1], same: [0, 2], different: [1, 1] }
 */
export function pairHistogram(
  scores: ArrayLike<number>,
  same: ArrayLike<number>,
  { bins, low, high }: { bins: number; low: number; high: number },
): PairHistogram {
  requireLength('same', same, scores.length)
  requireFinite('scores', scores)
  requireInteger('bins', bins, 1)
  requireNumber('low', low, 'below high', () => true)
  requireNumber('high', high, `above low, ${low}`, (x) => x > low)
  const counts = { same: new Array<number>(bins).fill(0), different: new Array<number>(bins).fill(0) }
  for (let i = 0; i < scores.length; i++) {
    const bin = Math.floor((((scores[i] as number) - low) / (high - low)) * bins)
    const side = same[i] ? counts.same : counts.different
    const b = Math.min(Math.max(bin, 0), bins - 1)
    side[b] = (side[b] as number) + 1
  }
  const edges = Array.from({ length: bins + 1 }, (_, b) => low + ((high - low) * b) / bins)
  return { edges, ...counts }
}
