import { requireInteger, requireNames, requireWord } from '../config/require.js'
import type { Dataset } from '../data/dataset.js'
import type { Embeddings } from '../embeddings.js'
import { invalidOption } from '../errors.js'
import { pairWeights } from '../metrics/bootstrap.js'
import { pairCosines } from '../metrics/cosine.js'
import { dPrime } from '../metrics/dPrime.js'
import { pairHistogram } from '../metrics/histogram.js'
import type { Interval } from '../metrics/interval.js'
import { areaUnderRoc, equalErrorRate, roc, sortPairs, tarAtFar, weightedRoc } from '../metrics/roc.js'
import { rocCurve } from '../metrics/rocCurve.js'
import { mean } from '../metrics/statistics.js'
import { bestThreshold, foldAccuracy } from '../metrics/verification.js'
import { figure } from './figure.js'
import { type IntervalOptions, intervalSentence, intervals, resolveIntervals } from './intervals.js'
import type { Protocol } from './protocol.js'
import type { EvaluationResult, Figure } from './result.js'
import { type VerificationPairs, verificationPairs } from './verificationPairs.js'

/** Options of {@link verification}. */
export interface VerificationOptions extends IntervalOptions {
  /** Number of folds, no class in two of them; at least 2. Default 10. */
  folds?: number
  /** Impostor pairs drawn for each genuine pair, within the fold; at least 1. Default 1. */
  impostorsPerGenuine?: number
  /** Above this many genuine pairs a seeded sample of about so many is taken, the same share of each fold. Default 200000. */
  maxGenuinePairs?: number
  /** False accept rates at which the true accept rate is given, each in (0, 1]. Default 0.1, 0.01, … 1e-6. */
  far?: readonly number[]
  /** How alike two embeddings are. Default `cosine`. */
  score?: 'cosine'
}

/** Resolved plan of {@link verification}. */
export interface VerificationPlan extends Required<VerificationOptions> {
  readonly type: 'verification'
}

/**
 * "Same class or not?" on pairs of images: cross-validated accuracy with the threshold from the other folds, ROC, AUC,
 * equal error rate, true accept rate at fixed false accept rates.
 *
 * @throws NPairError `INVALID_OPTION`; `DATA_CLASSES` with fewer than two classes, or one genuine pair, a fold
 */
export function verification(dataset: Dataset, options: VerificationOptions = {}): Protocol<VerificationPlan> {
  requireNames('verification', options, [
    'folds',
    'impostorsPerGenuine',
    'maxGenuinePairs',
    'far',
    'score',
    'bootstrap',
    'seed',
  ])
  const { folds = 10, impostorsPerGenuine = 1, maxGenuinePairs = 200_000, score = 'cosine' } = options
  const far = options.far ?? [0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6]
  requireInteger('verification.folds', folds, 2)
  requireInteger('verification.impostorsPerGenuine', impostorsPerGenuine, 1)
  requireInteger('verification.maxGenuinePairs', maxGenuinePairs, folds)
  requireWord('verification.score', score, ['cosine'])
  const resampling = resolveIntervals('verification', options)
  if (!Array.isArray(far) || !far.every((rate) => typeof rate === 'number' && rate > 0 && rate <= 1))
    throw invalidOption('verification.far', 'an array of numbers in (0, 1]', far)

  const plan = Object.freeze({
    type: 'verification' as const,
    ...{ folds, impostorsPerGenuine, maxGenuinePairs, far: Object.freeze([...far]), score, ...resampling },
  })
  const pairs = verificationPairs(dataset.byClass(), plan)
  const classes = (side: Int32Array) => side.map((i) => dataset.labels[i] as number)
  return Object.freeze({
    plan,
    dataset,
    judge: (embeddings: Embeddings) => judge(plan, dataset, pairs, embeddings),
    outcomes: (embeddings: Embeddings) => {
      const scores = pairCosines(embeddings, pairs.first, pairs.second)
      const { thresholds } = foldAccuracy(scores, pairs.same, pairs.fold, folds)
      return {
        label: 'Pairs decided rightly',
        values: decidedRightly(pairs, scores, thresholds),
        identities: classes(pairs.first),
        others: classes(pairs.second),
      }
    },
  })
}

/** `[pairs]` 1 where the threshold of the pair's fold decides rightly. */
function decidedRightly(pairs: VerificationPairs, scores: Float64Array, thresholds: readonly number[]): Uint8Array {
  return pairs.same.map((same, p) => {
    const called = (scores[p] as number) >= (thresholds[pairs.fold[p] as number] as number)
    return called === Boolean(same) ? 1 : 0
  })
}

function judge(
  plan: VerificationPlan,
  dataset: Dataset,
  pairs: VerificationPairs,
  embeddings: Embeddings,
): EvaluationResult {
  const { same, fold } = pairs
  const scores = pairCosines(embeddings, pairs.first, pairs.second)
  const byFold = foldAccuracy(scores, same, fold, plan.folds)
  const curve = roc(scores, same)
  const targets = plan.far.map((target) => ({ target, at: tarAtFar(curve, target) }))
  const resolved = targets.flatMap(({ target, at }) => (at === undefined ? [] : [{ target, at }]))
  const spread = pairIntervals(
    plan,
    dataset,
    pairs,
    scores,
    byFold.thresholds,
    resolved.map(({ target }) => target),
  )
  const pooled = 'All folds pooled.'
  const figures: Record<string, Figure> = {
    accuracy: figure('foldAccuracy', byFold.mean, {
      standardError: byFold.standardError,
      interval: spread[0],
      detail: `${plan.folds} folds that share no class; the interval keeps their thresholds.`,
    }),
    auc: figure('areaUnderRoc', areaUnderRoc(curve), { interval: spread[1], detail: pooled }),
    eer: figure('equalErrorRate', equalErrorRate(curve).rate, { interval: spread[2], detail: pooled }),
  }
  const separation = dPrime(scores, same)
  // Not finite where nothing spreads, or one kind has a single pair: no number to print.
  if (Number.isFinite(separation))
    figures.dPrime = figure('dPrime', separation, { interval: spread[3], detail: pooled })
  resolved.forEach(({ target, at }, i) => {
    figures[`tar@far=${target}`] = figure('tarAtFar', at.tar, {
      label: `True accept rate at false accept rate ${target}`,
      interval: spread[4 + i],
      detail: `Here at ${at.threshold.toPrecision(4)}; false accept rate reached: ${Number(at.far.toPrecision(4))}.`,
    })
  })
  const unresolved = targets.flatMap(({ target, at }) => (at === undefined ? [target] : []))
  const { threshold } = bestThreshold(scores, same)
  if (Number.isFinite(threshold))
    figures.threshold = figure('bestThreshold', threshold, {
      detail: 'A cosine, over all pairs; not the one the accuracy was measured with.',
    })
  return {
    protocol: plan.type,
    version: 1,
    definition: define(plan),
    options: { ...plan },
    data: dataset.plan,
    counts: {
      images: dataset.length,
      classes: dataset.classes.length,
      genuinePairs: curve.genuine,
      impostorPairs: curve.impostor,
      genuinePairsExisting: pairs.genuineExisting,
    },
    headline: 'accuracy',
    figures,
    tables: { folds: foldTable(pairs, byFold.accuracies, byFold.thresholds) },
    curves: {
      roc: rocCurve(curve, 800),
      histogram: { ...pairHistogram(scores, same, { bins: 80, low: -1, high: 1 }) },
    },
    notes: notes(plan, pairs, curve.impostor, unresolved),
  }
}

/** Of accuracy, area, equal error rate, d′ and each true accept rate, in this order. */
function pairIntervals(
  plan: VerificationPlan,
  dataset: Dataset,
  pairs: VerificationPairs,
  scores: Float64Array,
  thresholds: readonly number[],
  far: readonly number[],
): (Interval | undefined)[] {
  // Everything once in the order of scores: a resample then reads memory straight through.
  const { order } = sortPairs(scores, pairs.same)
  const sorted = sortPairs(
    Float64Array.from(order, (p) => scores[p] as number),
    Uint8Array.from(order, (p) => pairs.same[p] as number),
  )
  const first = Int32Array.from(order, (p) => dataset.labels[pairs.first[p] as number] as number)
  const second = Int32Array.from(order, (p) => dataset.labels[pairs.second[p] as number] as number)
  const fold = Int32Array.from(order, (p) => pairs.fold[p] as number)
  const decisions = decidedRightly(pairs, scores, thresholds)
  const right = Uint8Array.from(order, (p) => decisions[p] as number)
  return intervals(dataset.classes.length, 4 + far.length, plan, (weights) => {
    const own = pairWeights(first, second, weights)
    const curve = weightedRoc(sorted, own)
    const [decided, all] = [new Float64Array(plan.folds), new Float64Array(plan.folds)]
    for (let p = 0; p < own.length; p++) {
      const [k, weight] = [fold[p] as number, own[p] as number]
      all[k] = (all[k] as number) + weight
      decided[k] = (decided[k] as number) + weight * (right[p] as number)
    }
    const drawn = Array.from(decided, (n, k) => n / (all[k] as number)).filter((x) => !Number.isNaN(x))
    const bothKinds = curve.genuine > 0 && curve.impostor > 0
    const separation = dPrime(sorted.scores, sorted.same, own)
    return [
      mean(drawn),
      ...(bothKinds ? [areaUnderRoc(curve), equalErrorRate(curve).rate] : [Number.NaN, Number.NaN]),
      Number.isFinite(separation) ? separation : Number.NaN,
      ...far.map((target) => (bothKinds ? (tarAtFar(curve, target)?.tar ?? Number.NaN) : Number.NaN)),
    ]
  })
}

function define(plan: VerificationPlan): string {
  return (
    `Genuine pairs: every two images of one class (at most about ${plan.maxGenuinePairs}, else a seeded sample). Impostor pairs: ` +
    `${plan.impostorsPerGenuine} for each genuine pair, different ones drawn with seed ${plan.seed} among the images of different ` +
    `classes of the same fold. Classes are dealt to ${plan.folds} folds, balanced by genuine pairs, none in two. ` +
    'Score: cosine similarity; a pair is called same if its score is at or above the threshold.' +
    intervalSentence(plan, 'classes: a pair of two classes counts as often as both were drawn, multiplied')
  )
}

function foldTable(
  pairs: VerificationPairs,
  accuracies: number[],
  thresholds: number[],
): EvaluationResult['tables'][string] {
  const genuine = new Array<number>(accuracies.length).fill(0)
  const impostor = [...genuine]
  pairs.fold.forEach((k, p) => {
    const side = pairs.same[p] ? genuine : impostor
    side[k] = (side[k] as number) + 1
  })
  return {
    label: 'Folds',
    columns: [
      { label: 'Fold', unit: 'text' },
      { label: 'Classes', unit: 'count' },
      { label: 'Genuine pairs', unit: 'count' },
      { label: 'Impostor pairs', unit: 'count' },
      { label: 'Threshold from the others', unit: 'score' },
      { label: 'Accuracy', unit: 'fraction' },
    ],
    rows: accuracies.map((accuracy, k) => {
      const t = thresholds[k] as number
      const threshold = Number.isFinite(t) ? t : t > 0 ? 'reject all' : 'accept all'
      return [
        String(k + 1),
        pairs.foldClasses[k]?.length ?? 0,
        genuine[k] as number,
        impostor[k] as number,
        threshold,
        accuracy,
      ]
    }),
  }
}

function notes(plan: VerificationPlan, pairs: VerificationPairs, impostors: number, unresolved: number[]): string[] {
  const genuine = pairs.same.length - impostors
  const said: string[] = []
  if (genuine < pairs.genuineExisting)
    said.push(
      `${genuine} of ${pairs.genuineExisting} genuine pairs were drawn (maxGenuinePairs ${plan.maxGenuinePairs}).`,
    )
  if (impostors < genuine * plan.impostorsPerGenuine)
    said.push(
      `Only ${impostors} different impostor pairs exist within the folds, of ${genuine * plan.impostorsPerGenuine} asked for.`,
    )
  if (unresolved.length > 0)
    said.push(
      `No true accept rate at ${unresolved.join(', ')}: ${impostors} impostor pairs cannot resolve so low a rate.`,
    )
  return said
}
