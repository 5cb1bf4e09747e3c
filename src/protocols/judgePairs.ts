import type { Dataset } from '../data/dataset.js'
import type { Embeddings } from '../embeddings.js'
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
import { type IntervalOptions, intervalSentence, intervals } from './intervals.js'
import type { Outcomes, ProtocolPlan } from './protocol.js'
import type { EvaluationResult, Figure } from './result.js'
import { scoreName } from './scoreName.js'
import { normalized, type ScoreNorm, scoreNormSentence } from './scoreNorm.js'
import type { VerificationPairs } from './verificationPairs.js'

/** Pairs, wherever they come from, and what a result says of them. */
export interface PairJudgement {
  /** `folds` 0: the pairs have none, and there is no accuracy. */
  readonly plan: ProtocolPlan & Required<IntervalOptions> & { readonly far: readonly number[]; readonly folds: number }
  readonly dataset: Dataset
  readonly pairs: Omit<VerificationPairs, 'genuineExisting'>
  /** Which pairs, in words. */
  readonly definition: string
  /** What the folds are, in words. */
  readonly folds: string
  /** Besides images, classes and pairs. */
  readonly counts: Readonly<Record<string, number>>
  readonly scoreNorm?: ScoreNorm | undefined
  readonly notes: readonly string[]
}

/** Accuracy over the folds, where there are any; ROC, area, equal error rate, TAR at each FAR. */
export function judgePairs(judgement: PairJudgement, embeddings: Embeddings, cohort?: Embeddings): EvaluationResult {
  const { plan, dataset, pairs } = judgement
  const { same, fold } = pairs
  const scores = pairScores(judgement, embeddings, cohort)
  const byFold = plan.folds >= 2 ? foldAccuracy(scores, same, fold, plan.folds) : undefined
  const curve = roc(scores, same)
  const targets = plan.far.map((target) => ({ target, at: tarAtFar(curve, target) }))
  const resolved = targets.flatMap(({ target, at }) => (at === undefined ? [] : [{ target, at }]))
  const spread = pairIntervals(
    plan,
    dataset,
    pairs,
    scores,
    byFold?.thresholds,
    resolved.map(({ target }) => target),
  )
  const pooled = byFold === undefined ? 'All pairs.' : 'All folds pooled.'
  const figures: Record<string, Figure> = {
    ...(byFold && {
      accuracy: figure('foldAccuracy', byFold.mean, {
        standardError: byFold.standardError,
        interval: spread[0],
        detail: `${judgement.folds}. The interval keeps their thresholds.`,
      }),
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
  // Cosines reach from −1 to 1; normalised scores as far as they do.
  const reach =
    judgement.scoreNorm === undefined ? 1 : scores.reduce((most, score) => Math.max(most, Math.abs(score)), 1)
  if (Number.isFinite(threshold))
    figures.threshold = figure('bestThreshold', threshold, {
      detail: 'Over all pairs; not one that an accuracy was measured with.',
    })
  return {
    protocol: plan.type,
    version: 1,
    definition:
      `${judgement.definition} Score: ${scoreName(embeddings)}; a pair is called same if its score is at or above the threshold.` +
      (judgement.scoreNorm === undefined ? '' : scoreNormSentence(judgement.scoreNorm)) +
      intervalSentence(plan, 'classes: a pair of two classes counts as often as both were drawn, multiplied'),
    options: { ...plan },
    data: dataset.plan,
    counts: {
      images: dataset.length,
      classes: dataset.classes.length,
      genuinePairs: curve.genuine,
      impostorPairs: curve.impostor,
      ...judgement.counts,
    },
    headline: byFold === undefined ? 'auc' : 'accuracy',
    figures,
    tables: byFold === undefined ? {} : { folds: foldTable(pairs, byFold.accuracies, byFold.thresholds) },
    curves: {
      roc: rocCurve(curve, 800),
      histogram: { ...pairHistogram(scores, same, { bins: 80, low: -reach, high: reach }) },
    },
    notes: [
      ...judgement.notes,
      ...(unresolved.length === 0
        ? []
        : [
            `No true accept rate at ${unresolved.join(', ')}: ${curve.impostor} impostor pairs cannot resolve so low a rate.`,
          ]),
    ],
  }
}

function pairScores({ pairs, scoreNorm }: PairJudgement, embeddings: Embeddings, cohort?: Embeddings): Float64Array {
  const scores = pairCosines(embeddings, pairs.first, pairs.second)
  return scoreNorm === undefined ? scores : normalized(scoreNorm, scores, embeddings, pairs, cohort)
}

/** Pair by pair: decided rightly by the threshold of its fold, or without folds by the best one of all. */
export function pairOutcomes(judgement: PairJudgement, embeddings: Embeddings, cohort?: Embeddings): Outcomes {
  const { plan, dataset, pairs } = judgement
  const scores = pairScores(judgement, embeddings, cohort)
  const thresholds =
    plan.folds >= 2
      ? foldAccuracy(scores, pairs.same, pairs.fold, plan.folds).thresholds
      : [bestThreshold(scores, pairs.same).threshold]
  const classes = (side: Int32Array) => side.map((i) => dataset.labels[i] as number)
  return {
    label: 'Pairs decided rightly',
    values: decidedRightly(pairs, scores, thresholds),
    identities: classes(pairs.first),
    others: classes(pairs.second),
  }
}

/** `[pairs]` 1 where the threshold of the pair's fold decides rightly. */
function decidedRightly(
  pairs: PairJudgement['pairs'],
  scores: Float64Array,
  thresholds: readonly number[],
): Uint8Array {
  return pairs.same.map((same, p) => {
    const called = (scores[p] as number) >= (thresholds[pairs.fold[p] as number] as number)
    return called === Boolean(same) ? 1 : 0
  })
}

/** Of accuracy, area, equal error rate, d′ and each true accept rate, in this order. */
function pairIntervals(
  plan: PairJudgement['plan'],
  dataset: Dataset,
  pairs: PairJudgement['pairs'],
  scores: Float64Array,
  thresholds: readonly number[] | undefined,
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
  const decisions = thresholds === undefined ? new Uint8Array(order.length) : decidedRightly(pairs, scores, thresholds)
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
      drawn.length === 0 ? Number.NaN : mean(drawn),
      ...(bothKinds ? [areaUnderRoc(curve), equalErrorRate(curve).rate] : [Number.NaN, Number.NaN]),
      Number.isFinite(separation) ? separation : Number.NaN,
      ...far.map((target) => (bothKinds ? (tarAtFar(curve, target)?.tar ?? Number.NaN) : Number.NaN)),
    ]
  })
}

function foldTable(
  pairs: PairJudgement['pairs'],
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
