import { requireFinite, requireInteger, requireLength } from '../config/require.js'
import { invalidOption } from '../errors.js'
import { mean, standardError } from './statistics.js'

/** A decision rule "same if and only if score >= threshold" and how well it does on the pairs it was chosen on. */
export interface ThresholdChoice {
  /** In the unit of the scores; ∓Infinity where accepting or rejecting everything is best. */
  threshold: number
  /** Fraction of the pairs that the threshold decides rightly, in [0, 1]. */
  accuracy: number
}

/**
 * The threshold with the highest accuracy under the rule "same ⇔ score >= threshold", exactly.
 *
 * Every threshold between two neighbouring distinct scores decides alike, so the candidates are −∞, the midpoints and
 * +∞. Where several are best, neighbouring ones form a plateau; the middle of the longest plateau is taken (length in
 * score units, cut to the range of the scores), of equally long ones (to 1e-9) the highest, which accepts fewest.
 * A plateau outside that range has length 0 and gives ∓∞.
 *
 * `threshold = argmax_t Σ_p 1[(s_p ≥ t) = same_p]`
 *
 * @param scores - `[p]` finite, larger = more alike
 * @param same - `[p]` 1 for a genuine pair, 0 for an impostor pair
 * @throws NPairError `INVALID_OPTION` where a score is not finite or the lists differ in length
 * @example bestThreshold([0.1, 0.4, 0.6, 0.9], [0, 0, 1, 1]) // { threshold: 0.5, accuracy: 1 }
 */
export function bestThreshold(scores: ArrayLike<number>, same: ArrayLike<number>): ThresholdChoice {
  requireLength('same', same, scores.length)
  requireFinite('scores', scores)
  const count = scores.length
  const order = Int32Array.from({ length: count }, (_, i) => i).sort(
    (a, b) => (scores[a] as number) - (scores[b] as number),
  )
  let correct = 0 // of the threshold −∞: everything accepted
  for (let i = 0; i < count; i++) correct += same[i] ? 1 : 0

  // Thresholds in (values[c − 1], values[c]] decide alike: candidate c. rights[c] = pairs it decides rightly.
  const values: number[] = []
  const rights: number[] = [correct]
  for (let i = 0; i < count; ) {
    const value = scores[order[i] as number] as number
    for (; i < count && scores[order[i] as number] === value; i++) correct += same[order[i] as number] ? -1 : 1
    values.push(value)
    rights.push(correct)
  }

  let best = 0
  for (const right of rights) best = Math.max(best, right)
  let threshold = Number.NEGATIVE_INFINITY
  let longest = 0
  for (let c = 0; c < rights.length; c++) {
    if (rights[c] !== best) continue
    const start = c
    while (c + 1 < rights.length && rights[c + 1] === best) c++
    const low = values[Math.max(start - 1, 0)] ?? Number.NEGATIVE_INFINITY
    const high = values[Math.min(c, values.length - 1)] ?? Number.NEGATIVE_INFINITY
    const length = high - low
    if (length < longest * (1 - 1e-9)) continue
    longest = length
    if (low < high) {
      const middle = low + length / 2
      threshold = middle > low ? middle : high // neighbouring floats have no midpoint; `high` decides the same
    } else threshold = start === 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  }
  return { threshold, accuracy: best / count }
}

/**
 * Fraction of pairs that "same ⇔ score >= threshold" decides rightly, in [0, 1]; NaN of no pairs.
 *
 * `accuracy = 1/n Σ_p 1[(s_p ≥ threshold) = same_p]`
 *
 * @param scores - `[p]` finite, larger = more alike
 * @param same - `[p]` 1 genuine, 0 impostor
 * @param threshold - ∓Infinity accepts or rejects everything
 * @throws NPairError `INVALID_OPTION` where a score is not finite, the threshold is no number or the lists differ in length
 * @example accuracyAt([0.2, 0.5, 0.8], [0, 0, 1], 0.5) // 0.6666666666666666
 */
export function accuracyAt(scores: ArrayLike<number>, same: ArrayLike<number>, threshold: number): number {
  requireLength('same', same, scores.length)
  requireFinite('scores', scores)
  if (typeof threshold !== 'number' || Number.isNaN(threshold)) throw invalidOption('threshold', 'a number', threshold)
  let right = 0
  for (let i = 0; i < scores.length; i++) if ((scores[i] as number) >= threshold === Boolean(same[i])) right++
  return right / scores.length
}

/** Accuracy of each fold at the threshold that the other folds chose. */
export interface FoldAccuracy {
  /** `[folds]` in [0, 1]. */
  accuracies: number[]
  /** `[folds]` the threshold used on each fold, chosen on all other folds. */
  thresholds: number[]
  /** Mean over folds, in [0, 1]. */
  mean: number
  /** Sample standard deviation over folds / √folds. */
  standardError: number
}

/**
 * Cross-validated verification accuracy: for each fold the threshold that is best on all other folds
 * ({@link bestThreshold}), applied to that fold; mean ± standard error over folds (LFW view 2).
 *
 * `mean = 1/F Σ_k a_k, a_k = accuracyAt(fold k, bestThreshold(all others)), S_E = √(Σ_k (a_k − mean)² / (F (F − 1)))`
 *
 * @param scores - `[p]` finite, larger = more alike
 * @param same - `[p]` 1 genuine, 0 impostor
 * @param fold - `[p]` in [0, folds); every fold holds at least one pair
 * @param folds - at least 2
 * @throws NPairError `INVALID_OPTION` where a score is not finite, a fold is none of them or empty, or the lists differ in length
 * @example foldAccuracy([0.9, 0.1, 0.8, 0.3], [1, 0, 1, 0], [0, 0, 1, 1], 2)
 * // { accuracies: [1, 1], thresholds: [0.55, 0.5], mean: 1, standardError: 0 }
 */
export function foldAccuracy(
  scores: ArrayLike<number>,
  same: ArrayLike<number>,
  fold: ArrayLike<number>,
  folds: number,
): FoldAccuracy {
  requireInteger('folds', folds, 2)
  requireLength('same', same, scores.length)
  requireLength('fold', fold, scores.length)
  requireFinite('scores', scores)
  const pairs = new Array<number>(folds).fill(0)
  for (let i = 0; i < fold.length; i++) {
    const k = fold[i] as number
    if (pairs[k] === undefined) throw invalidOption(`fold[${i}]`, `an integer in [0, ${folds})`, k)
    pairs[k]++
  }
  const empty = pairs.indexOf(0)
  if (empty >= 0) throw invalidOption('fold', `a pair in each of ${folds} folds`, `none in fold ${empty}`)
  const accuracies: number[] = []
  const thresholds: number[] = []
  for (let k = 0; k < folds; k++) {
    const inside: number[] = []
    const outside: number[] = []
    for (let i = 0; i < scores.length; i++) (fold[i] === k ? inside : outside).push(i)
    const pick = (from: ArrayLike<number>, at: number[]) => Float64Array.from(at, (i) => from[i] as number)
    const { threshold } = bestThreshold(pick(scores, outside), pick(same, outside))
    thresholds.push(threshold)
    accuracies.push(accuracyAt(pick(scores, inside), pick(same, inside), threshold))
  }
  return { accuracies, thresholds, mean: mean(accuracies), standardError: standardError(accuracies) }
}
