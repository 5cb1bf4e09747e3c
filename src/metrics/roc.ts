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

/**
 * ROC over all pairs; equal scores make one point, so that no order of ties can flatter or harm.
 *
 * @param scores - `[p]` finite, larger = more alike
 * @param same - `[p]` 1 genuine, 0 impostor; at least one of each, else the rates are NaN
 * @example roc([0.9, 0.4, 0.4, 0.1], [1, 1, 0, 0])
 * // { thresholds: [Infinity, 0.9, 0.4, 0.1], far: [0, 0, 0.5, 1], tar: [0, 0.5, 1, 1], genuine: 2, impostor: 2 }
 */
export function roc(scores: ArrayLike<number>, same: ArrayLike<number>): Roc {
  const count = scores.length
  const order = Int32Array.from({ length: count }, (_, i) => i).sort(
    (a, b) => (scores[b] as number) - (scores[a] as number),
  )
  const thresholds: number[] = [Number.POSITIVE_INFINITY]
  const accepted: number[] = [0] // genuine pairs accepted so far
  const wrong: number[] = [0] // impostor pairs accepted so far
  let genuine = 0
  let impostor = 0
  for (let i = 0; i < count; ) {
    const value = scores[order[i] as number] as number
    for (; i < count && scores[order[i] as number] === value; i++) {
      if (same[order[i] as number]) genuine++
      else impostor++
    }
    thresholds.push(value)
    accepted.push(genuine)
    wrong.push(impostor)
  }
  return {
    thresholds: Float64Array.from(thresholds),
    far: Float64Array.from(wrong, (n) => n / impostor),
    tar: Float64Array.from(accepted, (n) => n / genuine),
    genuine,
    impostor,
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
  /** False accept rate really reached: the largest possible one that does not exceed the target. */
  far: number
  /** Score from which on pairs are accepted. */
  threshold: number
}

/**
 * True accept rate at the lowest threshold whose false accept rate does not exceed `target`.
 *
 * @param target - in (0, 1]
 * @returns undefined where the impostor pairs cannot resolve the target: fewer than 1 / target of them
 * @example tarAtFar(roc([0.9, 0.8, 0.3, 0.6, 0.2], [1, 1, 1, 0, 0]), 0.5) // { tar: 1, far: 0.5, threshold: 0.3 }
 */
export function tarAtFar({ far, tar, thresholds, impostor }: Roc, target: number): TarAtFar | undefined {
  const allowed = Math.floor(target * impostor * (1 + 1e-12)) // 0.001 × 3000 must be 3 pairs whatever the rounding
  if (allowed < 1) return undefined
  let i = 0
  while (i + 1 < far.length && Math.round((far[i + 1] as number) * impostor) <= allowed) i++
  return { tar: tar[i] as number, far: far[i] as number, threshold: thresholds[i] as number }
}
