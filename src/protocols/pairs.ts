import { basename } from 'node:path'
import { requireFalseAcceptRates } from '../config/falseAcceptRate.js'
import { requireNames, requireWord } from '../config/require.js'
import type { Dataset } from '../data/dataset.js'
import type { Embeddings } from '../embeddings.js'
import { NPairError } from '../errors.js'
import { Random } from '../random.js'
import { type IntervalOptions, resolveIntervals } from './intervals.js'
import { judgePairs, type PairJudgement, pairOutcomes } from './judgePairs.js'
import { imagesByName, missingNote, readListFile } from './listFiles.js'
import { lfwPairs, type NamedPair, tablePairs } from './pairFile.js'
import type { Protocol } from './protocol.js'
import { cohortOf, resolveScoreNorm, type ScoreNormOptions, type ScoreNormPlan } from './scoreNorm.js'

/** Options of {@link pairs}. */
export interface PairsOptions extends IntervalOptions {
  /** The file of pairs. */
  readonly path: string
  /**
   * `lfw`: LFW's pairs.txt, images `Name/Name_000i` below any folder; `table`: a line `first second same [fold]`, images by their path
   * within the source. The extension does not count. Default `table`.
   */
  readonly layout?: 'lfw' | 'table'
  /** False accept rates at which the true accept rate is given, each in (0, 1]. Default 0.1, 0.01, 1e-3. */
  readonly far?: readonly number[]
  /** Normalises the scores by those with a cohort. Default: left out, scores as they are. */
  readonly scoreNorm?: ScoreNormOptions
}

/** Resolved plan of {@link pairs}. */
export interface PairsPlan extends Required<Omit<PairsOptions, 'scoreNorm'>> {
  readonly type: 'pairs'
  readonly scoreNorm?: ScoreNormPlan
}

/**
 * Verification on the pairs of a file, in its own folds: with LFW's pairs.txt its view 2. Folds keep their numbers, whatever is
 * missing; pairs of missing images are left out, counted and said.
 *
 * @throws NPairError `INVALID_OPTION`, `NOT_FOUND`; `PROTOCOL_CORRUPT` naming the line; `DATA_EMPTY` where a fold, or a kind of
 *   pair, has none left
 */
export function pairs(dataset: Dataset, options: PairsOptions): Protocol<PairsPlan> {
  requireNames('pairs', options, ['path', 'layout', 'far', 'scoreNorm', 'bootstrap', 'seed'])
  const { path, layout = 'table', far = [0.1, 0.01, 1e-3] } = options as PairsOptions
  requireWord('pairs.layout', layout, ['lfw', 'table'])
  requireFalseAcceptRates('pairs.far', far)
  const resampling = resolveIntervals('pairs', options)
  const file = readListFile('pairs.path', path)
  const listed = layout === 'lfw' ? lfwPairs(file) : tablePairs(file)
  const found = locate(dataset, listed.pairs, layout === 'lfw' ? 2 : undefined)
  requireEnough(path, listed.folds, found, listed.pairs.length)
  const label = (i: number) => dataset.labels[i] as number
  const scoreNorm = resolveScoreNorm('pairs', options.scoreNorm, dataset, {
    ...{ of: 'the classes that no pair shows', all: true },
    take(share) {
      const shown = new Set(found.kept.flatMap(({ a, b }) => [label(a), label(b)]))
      return { cohort: unseenClasses(dataset, shown, share, resampling.seed), judged: dataset }
    },
  })
  const plan: PairsPlan = Object.freeze({
    ...{ type: 'pairs', path, layout, far: Object.freeze([...far]), ...resampling },
    ...(scoreNorm && { scoreNorm: scoreNorm.plan }),
  })
  const disagreeing = found.kept.filter(({ a, b, pair }) => (label(a) === label(b)) !== pair.same).length
  const judgement: PairJudgement = {
    plan: { ...plan, folds: listed.folds },
    dataset,
    scoreNorm,
    pairs: {
      first: Int32Array.from(found.kept, ({ a }) => a),
      second: Int32Array.from(found.kept, ({ b }) => b),
      same: Uint8Array.from(found.kept, ({ pair }) => (pair.same ? 1 : 0)),
      fold: Int32Array.from(found.kept, ({ pair }) => pair.fold),
      foldClasses: Array.from({ length: listed.folds }, (_, fold) => [
        ...new Set(found.kept.flatMap(({ a, b, pair }) => (pair.fold === fold ? [label(a), label(b)] : []))),
      ]),
    },
    definition:
      `The ${listed.pairs.length} pairs of ${basename(path)} (SHA-256 ${file.hash}…), layout ${layout}, as the file says same or ` +
      `different${listed.folds > 0 ? `, in its ${listed.folds} folds` : ''}.`,
    folds: `${listed.folds} folds, as in the file`,
    counts: {
      listedPairs: listed.pairs.length,
      leftOutPairs: listed.pairs.length - found.kept.length,
      missingImages: found.missing.size,
    },
    notes: [
      ...missingNote(found.missing, basename(path)),
      ...(found.kept.length < listed.pairs.length
        ? [`${listed.pairs.length - found.kept.length} of ${listed.pairs.length} pairs were left out for that.`]
        : []),
      ...(disagreeing > 0
        ? [`${disagreeing} pairs are same or different in the file, and not so by the classes of the images.`]
        : []),
    ],
  }
  return Object.freeze({
    plan,
    dataset,
    ...cohortOf(scoreNorm),
    judge: (embeddings: Embeddings, cohort?: Embeddings) => ({
      ...judgePairs(judgement, embeddings, cohort),
      options: { ...plan },
    }),
    outcomes: (embeddings: Embeddings, cohort?: Embeddings) => pairOutcomes(judgement, embeddings, cohort),
  })
}

/** The images of a seeded share of the classes that no pair shows. */
function unseenClasses(dataset: Dataset, shown: ReadonlySet<number>, share: number, seed: number): Dataset {
  const unseen = dataset.classes.filter((_, c) => !shown.has(c))
  if (unseen.length === 0)
    throw new NPairError(
      'DATA_CLASSES',
      `All ${dataset.classes.length} classes are in pairs of the file: none is left to be strangers`,
      { option: 'pairs.scoreNorm.cohort' },
    )
  const order = new Random(seed, 'protocol', 0, 3).permutation(unseen.length)
  const drawn = order.subarray(0, Math.max(1, Math.round(share * unseen.length)))
  return dataset.splitByClass({ test: Array.from(drawn, (i) => unseen[i] as string) }).test
}

interface Located {
  readonly kept: { readonly a: number; readonly b: number; readonly pair: NamedPair }[]
  readonly missing: ReadonlySet<string>
}

function locate(dataset: Dataset, listed: readonly NamedPair[], parts: number | undefined): Located {
  const position = imagesByName(dataset, parts)
  const missing = new Set<string>()
  const kept: Located['kept'] = []
  for (const pair of listed) {
    const [a, b] = [position(pair.first), position(pair.second)]
    if (a === undefined) missing.add(pair.first)
    if (b === undefined) missing.add(pair.second)
    if (a !== undefined && a === b)
      throw new NPairError('PROTOCOL_CORRUPT', `A pair is of one image twice: ${pair.first} and ${pair.second}`)
    if (a !== undefined && b !== undefined) kept.push({ a, b, pair })
  }
  return { kept, missing }
}

function requireEnough(path: string, folds: number, { kept, missing }: Located, listed: number): void {
  const empty = Array.from({ length: folds }, (_, fold) => fold).find((f) => !kept.some(({ pair }) => pair.fold === f))
  const same = kept.filter(({ pair }) => pair.same).length
  if (empty === undefined && same > 0 && same < kept.length) return
  const [first] = missing
  throw new NPairError(
    'DATA_EMPTY',
    `Of the ${listed} pairs of ${path} ${kept.length} have both images, ${same} of them same` +
      `${empty === undefined ? '' : `, none in fold ${empty + 1}`}: too few to judge` +
      `${first === undefined ? '' : `; ${missing.size} images are missing, the first ${first}`}`,
  )
}
