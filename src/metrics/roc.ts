import { allowedImpostors } from '../config/falseAcceptRate.js'
import { requireFinite, requireLength, requireNumber, requireWord } from '../config/require.js'
import { requireWhole } from '../config/requireWhole.js'

/**
 * Receiver operating characteristic of the rule "same ⇔ score >= threshold", one point a distinct score.
 * Point 0 is the threshold +∞, where nothing is accepted; thresholds fall from there.
 */
export interface Roc {
  /** `[m]` descending; `thresholds[0]` is +Infinity. */
  thresholds: Float64Array
  /** `[m]` false accept rate: fraction of impostor pairs with score >= threshold; rises from 0 to 1. */
  far: Float64Array
  /** `[m]` true accept rate: fraction of genuine pairs with score >= threshold; rises from 0 to 1. */
  tar: Float64Array
  /** Number of genuine pairs. */
  genuine: number
  /** Number of impostor pairs. */
  impostor: number
}

/** Pairs in the order of their scores, so that many curves over the same scores need one sort. */
export interface SortedPairs {
  scores: ArrayLike<number>
  same: ArrayLike<number>
  /** `[p]` pairs, highest score first. */
  order: Int32Array
}

/**
 * Sorts pairs for {@link weightedRoc}.
 *
 * `order = argsort_p (−s_p)`
 *
 * @param scores - `[p]` finite, larger = more alike
 * @param same - `[p]` 1 genuine, 0 impostor
 * @throws NPairError `INVALID_OPTION` where a score is not finite or the lists differ in length
 * @example sortPairs([0.4, 0.9], [0, 1]).order // [1, 0]
 */
export function sortPairs(scores: ArrayLike<number>, same: ArrayLike<number>): SortedPairs {
  requireLength('same', same, scores.length)
  requireFinite('scores', scores)
  const order = Int32Array.from({ length: scores.length }, (_, i) => i)
  return { scores, same, order: order.sort((a, b) => (scores[b] as number) - (scores[a] as number)) }
}

/**
 * ROC over all pairs; equal scores make one point, so that no order of ties can flatter or harm.
 *
 * `FAR(t) = 1/n_i Σ_{impostor p} 1[s_p ≥ t], TAR(t) = 1/n_g Σ_{genuine p} 1[s_p ≥ t]`
 *
 * @param scores - `[p]` finite, larger = more alike
 * @param same - `[p]` 1 genuine, 0 impostor; at least one of each, else the rates are NaN
 * @throws NPairError `INVALID_OPTION` where a score is not finite or the lists differ in length
 * @example roc([0.9, 0.4, 0.4, 0.1], [1, 1, 0, 0])
 * // { thresholds: [Infinity, 0.9, 0.4, 0.1], far: [0, 0, 0.5, 1], tar: [0, 0.5, 1, 1], genuine: 2, impostor: 2 }
 */
export function roc(scores: ArrayLike<number>, same: ArrayLike<number>): Roc {
  return weightedRoc(sortPairs(scores, same))
}

/**
 * ROC in which pair p counts `weights[p]` times, as in a bootstrap sample; `genuine` and `impostor` are sums of weights.
 * A score whose pairs all have weight 0 still makes a point.
 *
 * `FAR(t) = Σ_{impostor p} w_p 1[s_p ≥ t] / Σ_{impostor p} w_p, TAR(t) = Σ_{genuine p} w_p 1[s_p ≥ t] / Σ_{genuine p} w_p`
 *
 * @param weights - `[p]` whole numbers >= 0; default all 1
 * @throws NPairError `INVALID_OPTION` where a weight is no whole number, or there is not one a pair
 * @example weightedRoc(sortPairs([0.9, 0.4, 0.1], [1, 0, 0]), [1, 3, 1]).far // [0, 0, 0.75, 1]
 */
export function weightedRoc({ scores, same, order }: SortedPairs, weights?: ArrayLike<number>): Roc {
  if (weights !== undefined) {
    requireLength('weights', weights, scores.length)
    requireWhole('weights', weights)
  }
  const count = order.length
  const thresholds = new Float64Array(count + 1)
  const far = new Float64Array(count + 1)
  const tar = new Float64Array(count + 1)
  thresholds[0] = Number.POSITIVE_INFINITY
  let points = 1
  let genuine = 0
  let impostor = 0
  for (let i = 0; i < count; points++) {
    const value = scores[order[i] as number] as number
    for (; i < count && scores[order[i] as number] === value; i++) {
      const pair = order[i] as number
      const weight = weights === undefined ? 1 : (weights[pair] as number)
      if (same[pair]) genuine += weight
      else impostor += weight
    }
    thresholds[points] = value
    tar[points] = genuine
    far[points] = impostor
  }
  for (let i = 0; i < points; i++) {
    tar[i] = (tar[i] as number) / genuine
    far[i] = (far[i] as number) / impostor
  }
  return {
    thresholds: thresholds.slice(0, points),
    far: far.slice(0, points),
    tar: tar.slice(0, points),
    ...{ genuine, impostor },
  }
}

/**
 * Area under the ROC curve, in [0, 1] (Mann-Whitney): the trapezoids over the tie-collapsed curve.
 *
 * `AUC = P(genuine > impostor) + ½ P(genuine = impostor) = Σ_j (FAR_j − FAR_{j−1}) (TAR_j + TAR_{j−1}) / 2`
 *
 * @example areaUnderRoc(roc([0.9, 0.4, 0.4, 0.1], [1, 1, 0, 0])) // 0.875
 */
export function areaUnderRoc({ far, tar }: Roc): number {
  let area = 0
  for (let i = 1; i < far.length; i++)
    area += (((far[i] as number) - (far[i - 1] as number)) * ((tar[i] as number) + (tar[i - 1] as number))) / 2
  return area
}

/**
 * Equal error rate, in [0, 1]: the mean of both error rates where they differ least, of equally near thresholds the highest.
 *
 * `EER = (FAR(t) + FRR(t)) / 2, t = argmin_t |FAR(t) − FRR(t)|, FRR = 1 − TAR`
 *
 * @example equalErrorRate(roc([0.9, 0.4, 0.6, 0.1], [1, 1, 0, 0])).rate // 0.5
 */
export function equalErrorRate({ far, tar, thresholds, genuine, impostor }: Roc): { rate: number; threshold: number } {
  let best = 0
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < far.length; i++) {
    // In whole pairs, so that equal distances are equal.
    const wrong = Math.round((far[i] as number) * impostor) * genuine
    const missed = (genuine - Math.round((tar[i] as number) * genuine)) * impostor
    const gap = Math.abs(wrong - missed)
    if (gap < least) [best, least] = [i, gap]
  }
  return { rate: ((far[best] as number) + 1 - (tar[best] as number)) / 2, threshold: thresholds[best] as number }
}

/** True accept rate at a false accept rate that was asked for. */
export interface TarAtFar {
  /** Fraction of genuine pairs accepted, in [0, 1]. */
  tar: number
  /** False accept rate really reached. */
  far: number
  /** Score from which on pairs are accepted. */
  threshold: number
}

/**
 * Which threshold stands for a false accept rate: `atMost` is the lowest score whose rate does not exceed the target;
 * `nthImpostor` is BLUFR's, the n-th highest impostor score, n = target · impostors rounded to the nearest, whose rate may
 * exceed the target by half a pair and by ties.
 *
 * Where n is 0, `nthImpostor` takes the middle between the highest impostor score and the lowest genuine one above it, without
 * such a one √ε = 1.5e-8 above the highest impostor score: a rate of 0 is reached, not the target. Where n is all of them, everything is
 * accepted: at the lowest score of all, where BLUFR prints √ε less. (EvalROC.m and OpenSetROC.m of Liao et al. 2014.)
 */
export type FarRule = 'atMost' | 'nthImpostor'

/**
 * True accept rate at a false accept rate.
 *
 * `TAR@FAR = TAR(t), t = min {t : FAR(t) ≤ target}`
 *
 * @param curve - of {@link roc}; or of {@link openSet}, where genuine scores are those of mates at rank `maxRank` or better alone: BLUFR,
 *   which looks at all mates, may put the threshold of n = 0 elsewhere in the gap above the impostors, with the same rates
 * @param target - in (0, 1]; `nthImpostor` takes 0, too
 * @param rule - how the threshold is found. Default `atMost`
 * @returns undefined where there is no impostor pair, and with `atMost` where they cannot resolve the target: it is less than one
 *   of them
 * @throws NPairError `INVALID_OPTION`
 * @example tarAtFar(roc([0.9, 0.8, 0.3, 0.6, 0.2], [1, 1, 1, 0, 0]), 0.5) // { tar: 1, far: 0.5, threshold: 0.3 }
 */
export function tarAtFar(curve: Roc, target: number, rule: FarRule = 'atMost'): TarAtFar | undefined {
  requireWord('rule', rule, ['atMost', 'nthImpostor'])
  if (rule === 'nthImpostor') {
    requireNumber('target', target, 'in [0, 1]', (x) => x >= 0 && x <= 1)
    return atNthImpostor(curve, target)
  }
  requireNumber('target', target, 'in (0, 1]', (x) => x > 0 && x <= 1)
  const allowed = allowedImpostors(target, curve.impostor)
  if (!(allowed >= 1)) return undefined
  let i = 0
  while (i + 1 < curve.far.length && accepted(curve, i + 1) <= allowed) i++
  return point(curve, i)
}

function atNthImpostor(curve: Roc, target: number): TarAtFar | undefined {
  const { tar, thresholds, impostor } = curve
  if (!(impostor > 0)) return undefined
  const n = Math.round(target * impostor)
  if (n === impostor) return point(curve, thresholds.length - 1)
  let i = 0
  while (accepted(curve, i) < Math.max(n, 1)) i++
  if (n > 0) return point(curve, i)
  const highest = thresholds[i] as number
  let above = i - 1
  while (above > 0 && tar[above] === tar[above - 1]) above-- // a score that none of a resample has
  if (above > 0 && (tar[above] as number) > 0) {
    const lowest = thresholds[above] as number
    const middle = (highest + lowest) / 2
    // Neighbouring floats have no middle.
    return { tar: tar[above] as number, far: 0, threshold: middle > highest ? middle : lowest }
  }
  const step = Math.max(Math.sqrt(Number.EPSILON), Math.abs(highest) * Number.EPSILON)
  return { tar: tar[0] as number, far: 0, threshold: highest + step }
}

/** Impostor pairs at or above the i-th threshold. */
function accepted({ far, impostor }: Roc, i: number): number {
  return Math.round((far[i] as number) * impostor)
}

function point({ far, tar, thresholds }: Roc, i: number): TarAtFar {
  return { tar: tar[i] as number, far: far[i] as number, threshold: thresholds[i] as number }
}
