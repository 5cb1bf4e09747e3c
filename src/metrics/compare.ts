import { requireLength } from '../config/require.js'
import { invalidOption } from '../errors.js'
import { type BootstrapOptions, bootstrap, pairWeights, weightedMean } from './bootstrap.js'
import type { Interval } from './interval.js'
import { mean } from './statistics.js'

/** Two models on the same yes-or-no trials. */
export interface McNemar {
  /** Trials that only the first model gets right. */
  onlyFirst: number
  /** Trials that only the second gets right. */
  onlySecond: number
  /** Two-sided exact probability of so uneven a split, or a more uneven one, if both were equally good. */
  pValue: number
  /** What it means, in words. */
  sentence: string
}

/**
 * McNemar's exact test of two models on the same independent trials: of the trials on which they differ each would win
 * half, if they were equally good (binomial, two-sided). For trials that share images use {@link pairedBootstrap}.
 *
 * `p = min(1, 2 Σ_{i=0}^{min(b, c)} C(b + c, i) / 2^(b + c)), b = onlyFirst, c = onlySecond`
 *
 * @param first - `[t]` 1 where the first model is right, else 0
 * @param second - `[t]` the same of the second
 * @throws NPairError `INVALID_OPTION` where the lists differ in length
 * @example mcNemar([1, 1, 1, 1, 0], [0, 0, 0, 1, 0]).pValue // 0.25
 */
export function mcNemar(first: ArrayLike<number>, second: ArrayLike<number>): McNemar {
  requireLength('second', second, first.length)
  let [onlyFirst, onlySecond] = [0, 0]
  for (let i = 0; i < first.length; i++) {
    if (first[i] && !second[i]) onlyFirst++
    if (!first[i] && second[i]) onlySecond++
  }
  const pValue = evenSplit(Math.min(onlyFirst, onlySecond), onlyFirst + onlySecond)
  const differ =
    onlyFirst + onlySecond === 0
      ? `the models decide all ${first.length} trials alike`
      : `of ${onlyFirst + onlySecond} trials on which they differ the first is right on ${onlyFirst}, the second on ${onlySecond}`
  const verdict =
    pValue < 0.05
      ? `The ${onlyFirst > onlySecond ? 'first' : 'second'} model is better`
      : 'No difference between the models is shown'
  return {
    onlyFirst,
    onlySecond,
    pValue,
    sentence: `${verdict}: ${differ} (McNemar's exact test, p = ${say(pValue)}).`,
  }
}

/** Two models' means over the same items. */
export interface PairedDifference {
  /** Mean of the first minus mean of the second. */
  difference: number
  /** Of the difference. */
  interval: Interval
  /** What it means, in words. */
  sentence: string
}

/**
 * Paired bootstrap of two models on the same items: both means are taken over the same resampled identities, so that what
 * is hard for both cancels.
 *
 * `difference = 1/n Σ_i (first_i − second_i)`
 *
 * @param first - `[n]` value of each item under the first model, larger = better
 * @param second - `[n]` the same under the second
 * @param identities - `[n]` identity of each item: items of one identity are drawn together
 * @param others - `[n]` for pairs, identity of the second image, see {@link pairWeights}; default the same
 * @throws NPairError `INVALID_OPTION`
 * @example pairedBootstrap([1, 1, 1], [0, 0, 0], [0, 1, 1]).difference // 1
 */
export function pairedBootstrap(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  identities: ArrayLike<number>,
  options: BootstrapOptions = {},
  others: ArrayLike<number> = identities,
): PairedDifference {
  requireLength('second', second, first.length)
  requireLength('identities', identities, first.length)
  const gains = Float64Array.from(first, (value, i) => value - (second[i] as number))
  const broken = gains.findIndex((gain) => !Number.isFinite(gain))
  if (broken >= 0) throw invalidOption(`first[${broken}] and second[${broken}]`, 'finite numbers', gains[broken])
  requireLength('others', others, first.length)
  const dense = new Map([...new Set([...Array.from(identities), ...Array.from(others)])].map((id, i) => [id, i]))
  const [own, other] = [identities, others].map((ids) => Int32Array.from(ids, (id) => dense.get(id) as number)) as [
    Int32Array,
    Int32Array,
  ]
  const [interval] = bootstrap(dense.size, (w) => [weightedMean(gains, pairWeights(own, other, w))], options)
  // Every resample of single identities weighs something; of a few pairs all could fall out.
  if (interval === undefined) throw invalidOption('identities', 'items that some resample draws', identities)
  const difference = mean(gains)
  const verdict =
    interval.low > 0
      ? 'The first model is better'
      : interval.high < 0
        ? 'The second model is better'
        : 'No difference between the models is shown'
  const level = `${Number((interval.level * 100).toFixed(2))} %`
  return {
    difference,
    interval,
    sentence:
      `${verdict}: first minus second is ${say(difference)}, between ${say(interval.low)} and ${say(interval.high)} with ` +
      `${level} confidence (paired bootstrap over ${dense.size} identities).`,
  }
}

/** Two-sided probability that a fair coin splits n throws at least as unevenly as fewer : n − fewer. */
function evenSplit(fewer: number, n: number): number {
  let logTerm = -n * Math.LN2 // of C(n, 0) / 2^n
  let sum = Math.exp(logTerm)
  for (let i = 1; i <= fewer; i++) {
    logTerm += Math.log((n - i + 1) / i)
    sum += Math.exp(logTerm)
  }
  return Math.min(1, 2 * sum)
}

function say(x: number): string {
  return String(Number(x.toPrecision(3)))
}
