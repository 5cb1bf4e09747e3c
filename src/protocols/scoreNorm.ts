import { requireInteger, requireNames, requireWord } from '../config/require.js'
import { Dataset } from '../data/dataset.js'
import { Embeddings } from '../embeddings.js'
import { invalidOption, NPairError } from '../errors.js'
import { cohortStatistics, normalizeScores } from '../metrics/scoreNorm.js'
import { rowsAt } from './rows.js'

/** How a protocol normalises its scores, see `metrics.normalizeScores`. */
export interface ScoreNormOptions {
  /** By the first of a pair (`z`), by the second (`t`), or the mean of both (`s`). */
  readonly type: 'z' | 't' | 's'
  /**
   * Images of people or things that the judged data does not show, embedded by the model that is judged; or embeddings, where
   * embeddings are judged.
   */
  readonly cohort: Dataset | Embeddings
  /** Of each image the K highest cohort scores count, an integer >= 2: with `s` the adaptive s-norm. Default: all. */
  readonly top?: number
}

/** What a plan says of it. */
export interface ScoreNormPlan {
  readonly type: ScoreNormOptions['type']
  readonly top: number
  /** Images of the cohort, and SHA-256 of their pack where they are a dataset. */
  readonly cohort: { readonly images: number; readonly pack?: string }
}

/** A score normalisation, checked. */
export interface ScoreNorm {
  readonly plan: ScoreNormPlan
  readonly cohort: Dataset | Embeddings
}

/**
 * Checks the options.
 *
 * @param name - of the protocol
 * @throws NPairError `INVALID_OPTION`, also for a cohort that holds an image of the judged data
 */
export function resolveScoreNorm(name: string, options: unknown, judged: Dataset): ScoreNorm | undefined {
  if (options === undefined) return undefined
  requireNames(`${name}.scoreNorm`, options, ['type', 'cohort', 'top'])
  const { type, cohort } = options
  requireWord(`${name}.scoreNorm.type`, type, ['z', 't', 's'])
  if (!(cohort instanceof Dataset || cohort instanceof Embeddings))
    throw invalidOption(`${name}.scoreNorm.cohort`, 'a dataset or embeddings', cohort)
  const images = cohort instanceof Dataset ? cohort.length : cohort.count
  const { top = images } = options
  requireInteger(`${name}.scoreNorm.top`, top, 2)
  if (top > images) throw invalidOption(`${name}.scoreNorm.top`, `at most the ${images} images of the cohort`, top)
  if (cohort instanceof Embeddings) return { plan: { type, top, cohort: { images } }, cohort }
  const { pack } = cohort.plan
  const own = new Set(pack === judged.plan.pack ? judged.images : [])
  const shared = cohort.images.findIndex((id) => own.has(id))
  if (shared >= 0)
    throw new NPairError(
      'INVALID_OPTION',
      `Expected a cohort without images of the judged data for ${name}.scoreNorm.cohort but it has ${cohort.imageName(shared)}`,
      { option: `${name}.scoreNorm.cohort` },
    )
  return { plan: { type, top, cohort: { images, pack } }, cohort }
}

/** The part of a protocol that says which images are to be embedded besides. */
export function cohortOf(norm: ScoreNorm | undefined): { readonly cohort?: Dataset } {
  return norm?.cohort instanceof Dataset ? { cohort: norm.cohort } : {}
}

/**
 * The scores of pairs, normalised.
 *
 * @param scores - `[p]`
 * @param first - `[p]` rows of `embeddings`
 * @param second - `[p]` rows of `embeddings`
 * @param cohort - embeddings of the cohort, where it is a dataset
 * @throws NPairError `INVALID_OPTION`, `NON_FINITE`
 */
export function normalized(
  norm: ScoreNorm,
  scores: Float64Array,
  embeddings: Embeddings,
  { first, second }: { first: Int32Array; second: Int32Array },
  cohort: Embeddings | undefined,
): Float64Array {
  const strangers = norm.cohort instanceof Embeddings ? norm.cohort : cohort
  if (strangers === undefined) throw invalidOption('cohort', 'the embeddings of the cohort', cohort)
  const used = Int32Array.from(new Set([...first, ...second])).sort()
  const row = new Map(Array.from(used, (image, i) => [image, i]))
  const at = (side: Int32Array) => side.map((image) => row.get(image) as number)
  const statistics = cohortStatistics(rowsAt(embeddings, used), strangers, norm.plan.top)
  return normalizeScores(scores, at(first), at(second), statistics, norm.plan.type)
}

/** What a result says of it; begins with a space. */
export function scoreNormSentence({ type, top, cohort }: ScoreNormPlan): string {
  const by = {
    z: "the first image's scores with the cohort (z-norm)",
    t: "the second image's scores with the cohort (t-norm)",
    s: `each image's scores with the cohort, both averaged (${top < cohort.images ? 'adaptive s-norm' : 's-norm'})`,
  }[type]
  const counted = top < cohort.images ? `the ${top} highest of each image count` : 'all of them count'
  return ` Scores are normalised by mean and deviation (divisor K) of ${by}; the cohort has ${cohort.images} images, ${counted}.`
}
