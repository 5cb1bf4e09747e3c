import { requireInteger, requireNames, requireNumber, requireWord } from '../config/require.js'
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
   * embeddings are judged. Or a share of the data's own classes, drawn with `seed` and then not judged, which a config file can say
   * too: of `verification` in (0, 1) of all classes, of `pairs` in (0, 1] of those that no pair shows.
   */
  readonly cohort: Dataset | Embeddings | number
  /** Of each image the K highest cohort scores count, an integer >= 2: with `s` the adaptive s-norm. Default: all. */
  readonly top?: number
}

/** A normalisation that is plain data. */
export interface ScoreNormShare extends Omit<ScoreNormOptions, 'cohort'> {
  readonly cohort: number
}

/** What a plan says of it. */
export interface ScoreNormPlan {
  readonly type: ScoreNormOptions['type']
  readonly top: number
  /** Images of the cohort, SHA-256 of their pack where they are a dataset, and which share of the classes it is. */
  readonly cohort: { readonly images: number; readonly pack?: string; readonly share?: number }
}

/** A score normalisation, checked. */
export interface ScoreNorm {
  readonly plan: ScoreNormPlan
  readonly cohort: Dataset | Embeddings
  /** What is judged: the data, less a cohort that is a share of it. */
  readonly judged: Dataset
  /** Which classes the cohort is a share of, in words. */
  readonly shareOf?: string
}

/** Where a share of the classes is taken from. */
export interface OwnStrangers {
  /** In words. */
  readonly of: string
  /** Whether all of them may be taken. */
  readonly all: boolean
  /** The images of that share of them, and what is judged then. */
  take(share: number): { cohort: Dataset; judged: Dataset }
}

/**
 * Checks the options.
 *
 * @param name - of the protocol
 * @param own - what a share is of
 * @throws NPairError `INVALID_OPTION`, also for a cohort that holds an image of the judged data; as `own`
 */
export function resolveScoreNorm(
  name: string,
  options: unknown,
  dataset: Dataset,
  own: OwnStrangers,
): ScoreNorm | undefined {
  if (options === undefined) return undefined
  requireNames(`${name}.scoreNorm`, options, ['type', 'cohort', 'top'])
  const { type } = options
  requireWord(`${name}.scoreNorm.type`, type, ['z', 't', 's'])
  const share = typeof options.cohort === 'number' ? options.cohort : undefined
  if (share !== undefined)
    requireNumber(
      `${name}.scoreNorm.cohort`,
      share,
      own.all ? 'in (0, 1]' : 'in (0, 1)',
      (x) => x > 0 && (own.all ? x <= 1 : x < 1),
    )
  const { cohort, judged } = share === undefined ? { cohort: options.cohort, judged: dataset } : own.take(share)
  if (!(cohort instanceof Dataset || cohort instanceof Embeddings))
    throw invalidOption(`${name}.scoreNorm.cohort`, 'a share of the classes, a dataset or embeddings', cohort)
  const images = cohort instanceof Dataset ? cohort.length : cohort.count
  const { top = images } = options
  requireInteger(`${name}.scoreNorm.top`, top, 2)
  if (top > images) throw invalidOption(`${name}.scoreNorm.top`, `at most the ${images} images of the cohort`, top)
  if (cohort instanceof Embeddings) return { plan: { type, top, cohort: { images } }, cohort, judged }
  const { pack } = cohort.plan
  if (share !== undefined)
    return { plan: { type, top, cohort: { images, pack, share } }, cohort, judged, shareOf: own.of }
  const known = new Set(pack === judged.plan.pack ? judged.images : [])
  const shared = cohort.images.findIndex((id) => known.has(id))
  if (shared >= 0)
    throw new NPairError(
      'INVALID_OPTION',
      `Expected a cohort without images of the judged data for ${name}.scoreNorm.cohort but it has ${cohort.imageName(shared)}`,
      { option: `${name}.scoreNorm.cohort` },
    )
  return { plan: { type, top, cohort: { images, pack } }, cohort, judged }
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
export function scoreNormSentence({ plan: { type, top, cohort }, shareOf }: ScoreNorm): string {
  const by = {
    z: "the first image's scores with the cohort (z-norm)",
    t: "the second image's scores with the cohort (t-norm)",
    s: `each image's scores with the cohort, both averaged (${top < cohort.images ? 'adaptive s-norm' : 's-norm'})`,
  }[type]
  const counted = top < cohort.images ? `the ${top} highest of each image count` : 'all of them count'
  const from =
    shareOf === undefined
      ? ''
      : ` It is a share of ${cohort.share} of ${shareOf}, drawn with the seed; none of it is judged.`
  return ` Scores are normalised by mean and deviation (divisor K) of ${by}; the cohort has ${cohort.images} images, ${counted}.${from}`
}
