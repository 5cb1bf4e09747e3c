import { allowedImpostors } from '../config/falseAcceptRate.js'
import { requireFinite, requireLength, requireNumber, requireWord } from '../config/require.js'

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
 * @param weights - `[p]` whole numbers >= 0; default all 1
 * @example weightedRoc(sortPairs([0.9, 0.4, 0.1], [1, 0, 0]), [1, 3, 1]).far // [0, 0, 0.75, 1]
 */
export function weightedRoc({ scores, same, order }: SortedPairs, weights?: ArrayLike<number>): Roc {
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
 * Area under the ROC curve, in [0, 1] = P(genuine > impostor) + ½ P(genuine = impostor) (Mann-Whitney):
 * the trapezoids over the tie-collapsed curve.
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
 * Equal error rate, in [0, 1]: (FAR + FRR) / 2 at the threshold where |FAR − FRR| is least, FRR = 1 − TAR;
 * of equally near thresholds the highest.
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
 * `nthImpostor` is the n-th highest impostor score, n = target · impostors rounded to the nearest (BLUFR), whose rate may
 * exceed the target by half a pair and by ties.
 */
export type FarRule = 'atMost' | 'nthImpostor'

/**
 * True accept rate at a false accept rate.
 *
 * @param target - in (0, 1]
 * @param rule - how the threshold is found. Default `atMost`
 * @returns undefined where the impostor pairs cannot resolve the target: it is less than one of them
 * @example tarAtFar(roc([0.9, 0.8, 0.3, 0.6, 0.2], [1, 1, 1, 0, 0]), 0.5) // { tar: 1, far: 0.5, threshold: 0.3 }
 */
export function tarAtFar(
  { far, tar, thresholds, impostor }: Roc,
  target: number,
  rule: FarRule = 'atMost',
): TarAtFar | undefined {
  requireNumber('target', target, 'in (0, 1]', (x) => x > 0 && x <= 1)
  requireWord('rule', rule, ['atMost', 'nthImpostor'])
  const allowed = rule === 'atMost' ? allowedImpostors(target, impostor) : Math.round(target * impostor)
  if (!(allowed >= 1)) return undefined
  const pairs = (i: number) => Math.round((far[i] as number) * impostor)
  let i = 0
  if (rule === 'atMost') while (i + 1 < far.length && pairs(i + 1) <= allowed) i++
  else while (pairs(i) < allowed) i++
  return { tar: tar[i] as number, far: far[i] as number, threshold: thresholds[i] as number }
}
