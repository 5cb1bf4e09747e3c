import { requireInteger, requireLength } from '../config/require.js'
import { invalidOption } from '../errors.js'
import type { Searches } from './identification.js'
import { type Roc, sortPairs, weightedRoc } from './roc.js'

/**
 * Open-set identification as a curve, one point a threshold t: `tar` is the DIR or TPIR, `far` the FAR or FPIR.
 * The rate at a false accept rate is {@link tarAtFar} of it. Mated searches never count for `far`: a wrong identity for
 * a known person is missed, not a false alarm (insightface's IJB-C script, where every probe is mated, does otherwise).
 * Unlike a ROC it ends below 1 where a mate is beyond `maxRank`.
 *
 * `DIR(t) = Σ_p 1[1 ≤ rank_p ≤ maxRank] 1[mate_p ≥ t] / Σ_p 1[rank_p ≥ 1]; FAR(t) = Σ_p 1[rank_p = 0] 1[stranger_p ≥ t] / Σ_p 1[rank_p = 0]`
 *
 * @param searches - from {@link identify}; rates are NaN without a mated or without a non-mated search
 * @param maxRank - at least 1; default 1
 * @param weights - `[p]` how often each search counts; default once
 * @throws NPairError `INVALID_OPTION`
 * @example openSet({ mate: [0.9, 0.5, NaN], stranger: [0.1, 0.6, 0.7], rank: [1, 2, 0] })
 * // { thresholds: [Infinity, 0.9, 0.7], far: [0, 0, 1], tar: [0, 0.5, 0.5], genuine: 2, impostor: 1 }
 */
export function openSet(
  { mate, stranger, rank }: { [K in keyof Searches]: ArrayLike<number> },
  maxRank = 1,
  weights?: ArrayLike<number>,
): Roc {
  requireInteger('maxRank', maxRank, 1)
  if (weights !== undefined) requireLength('weights', weights, rank.length)
  requireLength('mate', mate, rank.length)
  requireLength('stranger', stranger, rank.length)
  const scores: number[] = []
  const same: number[] = []
  const own: number[] = []
  let mated = 0
  for (let p = 0; p < rank.length; p++) {
    const place = rank[p] as number
    const weight = weights === undefined ? 1 : (weights[p] as number)
    if (place > 0) mated += weight
    if (place > maxRank) continue
    const [side, score] = place > 0 ? (['mate', mate[p]] as const) : (['stranger', stranger[p]] as const)
    if (!Number.isFinite(score))
      throw invalidOption(`${side}[${p}]`, `a finite number, since rank[${p}] is ${place}`, score)
    scores.push(score as number)
    same.push(place > 0 ? 1 : 0)
    own.push(weight)
  }
  const identified = weightedRoc(sortPairs(scores, same), own)
  const share = (tar: number) => (identified.genuine === 0 ? 0 : Math.round(tar * identified.genuine)) / mated
  return { ...identified, tar: identified.tar.map(share), genuine: mated }
}
