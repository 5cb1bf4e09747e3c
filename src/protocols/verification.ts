import { requireFalseAcceptRates } from '../config/falseAcceptRate.js'
import { requireInteger, requireNames, requireWord } from '../config/require.js'
import type { Dataset } from '../data/dataset.js'
import type { Embeddings } from '../embeddings.js'
import { invalidOption, NPairError } from '../errors.js'
import { type IntervalOptions, resolveIntervals } from './intervals.js'
import { judgeAllPairs } from './judgeAllPairs.js'
import { judgePairs, type PairJudgement, pairOutcomes } from './judgePairs.js'
import { largestClass } from './largestClass.js'
import type { Protocol } from './protocol.js'
import { cohortOf, resolveScoreNorm, type ScoreNormOptions, type ScoreNormPlan } from './scoreNorm.js'
import { type VerificationPairs, verificationPairs } from './verificationPairs.js'

/** Options of {@link verification}. */
export interface VerificationOptions extends IntervalOptions {
  /**
   * `sampled`: genuine pairs and drawn impostors within folds. `all`: every pair of images, however many; true accept rates are exact
   * at false accept rates down to one pair (1e-6 needs a million impostor pairs, which 1,500 images have), without folds and
   * accuracy. Default `sampled`.
   */
  pairs?: 'sampled' | 'all'
  /** Number of folds, no class in two of them; at least 2. Default 10. */
  folds?: number
  /** Impostor pairs drawn for each genuine pair, within the fold; at least 1. Default 1. */
  impostorsPerGenuine?: number
  /** Above this many genuine pairs a seeded sample of about so many is taken, the same share of each fold. Default 200000. */
  maxGenuinePairs?: number
  /** False accept rates at which the true accept rate is given, each in (0, 1]. Default 0.1, 0.01, … 1e-6. */
  far?: readonly number[]
  /** How alike two embeddings are: by cosine, or as a model's `fusion` says. Default `cosine`. */
  score?: 'cosine'
  /** Normalises the scores by those with a cohort. Default: left out, scores as they are. */
  scoreNorm?: ScoreNormOptions
}

/** What only sampled pairs have. */
const ofSampled = ['folds', 'impostorsPerGenuine', 'maxGenuinePairs', 'scoreNorm'] as const
type OfSampled = (typeof ofSampled)[number]

/** Resolved plan of {@link verification}; `folds`, `impostorsPerGenuine` and `maxGenuinePairs` are missing where `pairs` is `all`. */
export interface VerificationPlan
  extends Required<Omit<VerificationOptions, OfSampled>>,
    Pick<VerificationOptions, 'folds' | 'impostorsPerGenuine' | 'maxGenuinePairs'> {
  readonly type: 'verification'
  readonly scoreNorm?: ScoreNormPlan
}

/** The plan of sampled pairs, with nothing missing. */
type SampledPlan = VerificationPlan & Required<Omit<VerificationOptions, 'scoreNorm'>>

/**
 * "Same class or not?" on pairs of images: cross-validated accuracy with the threshold from the other folds, ROC, AUC,
 * equal error rate, true accept rate at fixed false accept rates.
 *
 * @throws NPairError `INVALID_OPTION`; `DATA_CLASSES` with fewer than two classes, or one genuine pair, a fold (of all pairs: in
 *   all). Judging all pairs throws as `allPairs`
 */
export function verification(dataset: Dataset, options: VerificationOptions = {}): Protocol<VerificationPlan> {
  requireNames('verification', options, [
    'pairs',
    'folds',
    'impostorsPerGenuine',
    'maxGenuinePairs',
    'far',
    'score',
    'scoreNorm',
    'bootstrap',
    'seed',
  ])
  const { pairs = 'sampled', score = 'cosine', far = [0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6] } = options
  requireWord('verification.pairs', pairs, ['sampled', 'all'])
  requireWord('verification.score', score, ['cosine'])
  requireFalseAcceptRates('verification.far', far)
  const shared = {
    ...{ type: 'verification' as const, pairs, far: Object.freeze([...far]), score },
    ...resolveIntervals('verification', options),
  }
  return pairs === 'all' ? ofAllPairs(dataset, options, shared) : ofSampledPairs(dataset, options, shared)
}

function ofAllPairs(
  dataset: Dataset,
  options: VerificationOptions,
  shared: VerificationPlan,
): Protocol<VerificationPlan> {
  for (const name of ofSampled)
    if (options[name] !== undefined)
      throw invalidOption(`verification.${name}`, "nothing with pairs 'all'", options[name])
  const [classes, largest] = [dataset.classes.length, largestClass(dataset.byClass())]
  if (classes < 2 || largest < 2)
    throw new NPairError(
      'DATA_CLASSES',
      `Verification needs two classes and one of them with two images; the data has ${classes} classes, the largest of ${largest}`,
    )
  const plan = Object.freeze(shared)
  return Object.freeze({ plan, dataset, judge: (embeddings: Embeddings) => judgeAllPairs(plan, dataset, embeddings) })
}

function ofSampledPairs(
  whole: Dataset,
  options: VerificationOptions,
  shared: VerificationPlan,
): Protocol<VerificationPlan> {
  const { folds = 10, impostorsPerGenuine = 1, maxGenuinePairs = 200_000 } = options
  requireInteger('verification.folds', folds, 2)
  requireInteger('verification.impostorsPerGenuine', impostorsPerGenuine, 1)
  requireInteger('verification.maxGenuinePairs', maxGenuinePairs, folds)
  const scoreNorm = resolveScoreNorm('verification', options.scoreNorm, whole, {
    ...{ of: 'the classes', all: false },
    take(share) {
      const { train, test } = whole.splitByClass({ test: share, seed: shared.seed })
      return { cohort: test, judged: train }
    },
  })
  const dataset = scoreNorm?.judged ?? whole
  const plan: SampledPlan = Object.freeze({
    ...shared,
    ...{ folds, impostorsPerGenuine, maxGenuinePairs },
    ...(scoreNorm && { scoreNorm: scoreNorm.plan }),
  })
  const pairs = verificationPairs(dataset.byClass(), plan)
  const impostors = pairs.same.reduce((count, same) => count + 1 - same, 0)
  const judgement: PairJudgement = {
    ...{ plan, dataset, pairs, scoreNorm, definition: define(plan) },
    folds: `${folds} folds that share no class`,
    counts: { genuinePairsExisting: pairs.genuineExisting },
    notes: notes(plan, pairs, impostors),
  }
  return Object.freeze({
    plan,
    dataset,
    ...cohortOf(scoreNorm),
    judge: (embeddings: Embeddings, cohort?: Embeddings) => judgePairs(judgement, embeddings, cohort),
    outcomes: (embeddings: Embeddings, cohort?: Embeddings) => pairOutcomes(judgement, embeddings, cohort),
  })
}

function define(plan: SampledPlan): string {
  return (
    `Genuine pairs: every two images of one class (at most about ${plan.maxGenuinePairs}, else a seeded sample). Impostor pairs: ` +
    `${plan.impostorsPerGenuine} for each genuine pair, different ones drawn with seed ${plan.seed} among the images of different ` +
    `classes of the same fold. Classes are dealt to ${plan.folds} folds, balanced by genuine pairs, none in two.`
  )
}

function notes(plan: SampledPlan, pairs: VerificationPairs, impostors: number): string[] {
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
  return said
}
