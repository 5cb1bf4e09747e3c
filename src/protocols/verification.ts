import { requireInteger, requireNames, requireWord } from '../config/require.js'
import type { Dataset } from '../data/dataset.js'
import type { Embeddings } from '../embeddings.js'
import { invalidOption } from '../errors.js'
import { pairCosines } from '../metrics/cosine.js'
import { pairHistogram } from '../metrics/histogram.js'
import { areaUnderRoc, equalErrorRate, roc, tarAtFar } from '../metrics/roc.js'
import { rocCurve } from '../metrics/rocCurve.js'
import { bestThreshold, foldAccuracy } from '../metrics/verification.js'
import type { Protocol } from './protocol.js'
import type { EvaluationResult, Figure } from './result.js'
import { type VerificationPairs, verificationPairs } from './verificationPairs.js'

/** Options of {@link verification}. */
export interface VerificationOptions {
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
  /** Seed of folds and pairs. Default 0. */
  seed?: number
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
  requireNames('verification', options, ['folds', 'impostorsPerGenuine', 'maxGenuinePairs', 'far', 'score', 'seed'])
  const { folds = 10, impostorsPerGenuine = 1, maxGenuinePairs = 200_000, score = 'cosine', seed = 0 } = options
  const far = options.far ?? [0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6]
  requireInteger('verification.folds', folds, 2)
  requireInteger('verification.impostorsPerGenuine', impostorsPerGenuine, 1)
  requireInteger('verification.maxGenuinePairs', maxGenuinePairs, folds)
  requireWord('verification.score', score, ['cosine'])
  requireInteger('verification.seed', seed, 0)
  if (!Array.isArray(far) || !far.every((rate) => typeof rate === 'number' && rate > 0 && rate <= 1))
    throw invalidOption('verification.far', 'an array of numbers in (0, 1]', far)

  const plan = Object.freeze({
    type: 'verification' as const,
    ...{ folds, impostorsPerGenuine, maxGenuinePairs, far: Object.freeze([...far]), score, seed },
  })
  const pairs = verificationPairs(dataset.byClass(), plan)
  return Object.freeze({ plan, dataset, judge: (embeddings: Embeddings) => judge(plan, dataset, pairs, embeddings) })
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
  const equal = equalErrorRate(curve)
  const figures: Record<string, Figure> = {
    accuracy: {
      value: byFold.mean,
      standardError: byFold.standardError,
      unit: 'fraction',
      better: 'higher',
      label: 'Verification accuracy',
      definition:
        `Mean over ${plan.folds} folds that share no class of the fraction of pairs decided rightly by "same if cosine >= t", ` +
        'with t the best threshold on the other folds; ± is the sample deviation of the folds / √folds.',
    },
    auc: {
      value: areaUnderRoc(curve),
      unit: 'fraction',
      better: 'higher',
      label: 'Area under the ROC curve',
      definition:
        'Probability that a genuine pair scores higher than an impostor pair, ties counting half; all folds pooled.',
    },
    eer: {
      value: equal.rate,
      unit: 'fraction',
      better: 'lower',
      label: 'Equal error rate',
      definition:
        'Mean of false accept and false reject rate at the threshold where they differ least; all folds pooled.',
    },
  }
  const unresolved: number[] = []
  for (const target of plan.far) {
    const at = tarAtFar(curve, target)
    if (at === undefined) unresolved.push(target)
    else
      figures[`tar@far=${target}`] = {
        value: at.tar,
        unit: 'fraction',
        better: 'higher',
        label: `True accept rate at false accept rate ${target}`,
        definition:
          `Fraction of genuine pairs at or above ${at.threshold.toPrecision(4)}, the lowest score at which at most ` +
          `${target} of the impostor pairs are accepted (reached: ${Number(at.far.toPrecision(4))}).`,
      }
  }
  const { threshold } = bestThreshold(scores, same)
  if (Number.isFinite(threshold))
    figures.threshold = {
      value: threshold,
      unit: 'score',
      better: 'none',
      label: 'Best threshold on all pairs',
      definition:
        'The cosine from which on "same" is most often right over all pairs; not the one the accuracy was measured with.',
    }
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

function define(plan: VerificationPlan): string {
  return (
    `Genuine pairs: every two images of one class (at most about ${plan.maxGenuinePairs}, else a seeded sample). Impostor pairs: ` +
    `${plan.impostorsPerGenuine} for each genuine pair, different ones drawn with seed ${plan.seed} among the images of different ` +
    `classes of the same fold. Classes are dealt to ${plan.folds} folds, balanced by genuine pairs, none in two. ` +
    'Score: cosine similarity; a pair is called same if its score is at or above the threshold.'
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
