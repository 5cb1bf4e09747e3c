import { requireInteger } from '../config/require.js'
import { requireWhole } from '../config/requireWhole.js'

/**
 * Cumulative match characteristic: entry k − 1 is the fraction of searches whose mate comes at rank k or better.
 * Searches without a mate (rank 0) are left out; NaN where no search has one.
 *
 * `CMC(k) = Σ_p 1[1 ≤ rank_p ≤ k] / Σ_p 1[rank_p ≥ 1]`
 *
 * @param ranks - `[p]` rank of the mate, 1 = best; 0 where the gallery holds none
 * @param depth - how many entries, at least 1
 * @returns `[depth]` rising, in [0, 1]
 * @throws NPairError `INVALID_OPTION` where a rank or the depth is no such number
 * @example cmc([1, 3, 0, 1, 9], 3) // [0.5, 0.5, 0.75]
 */
export function cmc(ranks: ArrayLike<number>, depth: number): Float64Array {
  requireInteger('depth', depth, 1)
  requireWhole('ranks', ranks)
  const found = new Float64Array(depth)
  let mated = 0
  for (let p = 0; p < ranks.length; p++) {
    const rank = ranks[p] as number
    if (rank < 1) continue
    mated++
    for (let k = rank; k <= depth; k++) found[k - 1] = (found[k - 1] as number) + 1
  }
  return found.map((n) => n / mated)
}
