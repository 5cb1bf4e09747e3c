import { requireNames } from '../config/require.js'
import type { Dataset } from '../data/dataset.js'
import type { Embeddings } from '../embeddings.js'
import { invalidOption, NPairError } from '../errors.js'
import type { MetricName } from '../metrics/definitions.js'
import {
  averagePrecision,
  averagePrecisionAtR,
  ndcgAtK,
  precisionAtK,
  recallAtK,
  reciprocalRank,
  rPrecision,
} from '../metrics/retrieval.js'
import { mean } from '../metrics/statistics.js'
import { classRanks } from './classRanks.js'
import { figure } from './figure.js'
import { type IntervalOptions, intervalSentence, meanIntervals, resolveIntervals } from './intervals.js'
import { largestClass } from './largestClass.js'
import type { Protocol } from './protocol.js'
import type { EvaluationResult, Figure } from './result.js'
import { scoreName } from './scoreName.js'

/** Options of {@link retrieval}. */
export interface RetrievalOptions extends IntervalOptions {
  /** The K of Recall@K, precision@K and NDCG@K, each an integer >= 1. Default 1, 2, 4, 8. */
  at?: readonly number[]
}

/** Resolved plan of {@link retrieval}. */
export interface RetrievalPlan extends Required<RetrievalOptions> {
  readonly type: 'retrieval'
}

/**
 * Every image asks for the others of its class among all other images: Recall@K, R-precision, MAP@R, mAP, mean reciprocal
 * rank, precision@K, NDCG@K.
 *
 * @throws NPairError `INVALID_OPTION`; `DATA_CLASSES` if no class has two images, or there is only one class
 */
export function retrieval(dataset: Dataset, options: RetrievalOptions = {}): Protocol<RetrievalPlan> {
  requireNames('retrieval', options, ['at', 'bootstrap', 'seed'])
  const at = options.at ?? [1, 2, 4, 8]
  if (!Array.isArray(at) || at.length === 0 || !at.every((k) => Number.isSafeInteger(k) && k >= 1))
    throw invalidOption('retrieval.at', 'an array of integers >= 1', at)
  const resampling = resolveIntervals('retrieval', options)
  const classes = dataset.classes.length
  const largest = largestClass(dataset.byClass())
  if (classes < 2 || largest < 2)
    throw new NPairError(
      'DATA_CLASSES',
      `Retrieval needs two classes and one of them with two images; the data has ${classes} classes, the largest of ${largest}`,
    )
  const plan = Object.freeze({
    type: 'retrieval' as const,
    at: Object.freeze([...new Set(at)].sort((a, b) => a - b)),
    ...resampling,
  })
  const [k] = plan.at as [number]
  return Object.freeze({
    plan,
    dataset,
    judge: (embeddings: Embeddings) => judge(plan, dataset, embeddings),
    outcomes: async (embeddings: Embeddings) => ({
      label: `Recall@${k} of each query`,
      values: (await classRanks(embeddings, dataset.labels)).map((r) => recallAtK(r, k)),
      identities: dataset.labels,
    }),
  })
}

async function judge(plan: RetrievalPlan, dataset: Dataset, embeddings: Embeddings): Promise<EvaluationResult> {
  const ranks = await classRanks(embeddings, dataset.labels)
  const lone = ranks.filter((r) => r.length === 0).length
  const figures = retrievalFigures(plan, dataset, ranks)
  return {
    protocol: plan.type,
    version: 1,
    definition:
      'Every image is a query, all other images are the gallery (the query taken out by its index), nearest first by ' +
      `${scoreName(embeddings)}, equal ones by lower index. For Recall@K a query that is alone in its class can only miss.${intervalSentence(plan)}`,
    options: { ...plan },
    data: dataset.plan,
    counts: { images: dataset.length, classes: dataset.classes.length, queries: ranks.length, loneQueries: lone },
    headline: `recall@${plan.at[0]}`,
    figures,
    tables: {},
    curves: { recall: { k: [...plan.at], recall: plan.at.map((k) => figures[`recall@${k}`]?.value as number) } },
    notes:
      lone > 0 ? [`${lone} queries are alone in their class: misses for Recall@K, left out of all other figures.`] : [],
  }
}

function retrievalFigures(plan: RetrievalPlan, dataset: Dataset, ranks: Int32Array[]): Record<string, Figure> {
  type Member = [name: string, metric: MetricName, label: string, value: (r: Int32Array) => number]
  const family: Member[] = [
    ...plan.at.map((k): Member => [`recall@${k}`, 'recallAtK', `Recall@${k}`, (r) => recallAtK(r, k)]),
    ['rPrecision', 'rPrecision', 'R-precision', (r) => rPrecision(r)],
    ['map@r', 'averagePrecisionAtR', 'MAP@R', (r) => averagePrecisionAtR(r)],
    ['map', 'averagePrecision', 'mAP', (r) => averagePrecision(r)],
    ['mrr', 'reciprocalRank', 'Mean reciprocal rank', (r) => (r.length > 0 ? reciprocalRank(r) : Number.NaN)],
    ...plan.at.flatMap((k): Member[] => [
      [`precision@${k}`, 'precisionAtK', `Precision@${k}`, (r) => (r.length > 0 ? precisionAtK(r, k) : Number.NaN)],
      [`ndcg@${k}`, 'ndcgAtK', `NDCG@${k}`, (r) => ndcgAtK(r, k)],
    ]),
  ]
  const columns = family.map(([, , , value]) => ranks.map(value)) // NaN for a lone query, but for Recall@K
  const spread = meanIntervals(columns, dataset.labels, dataset.classes.length, plan)
  return Object.fromEntries(
    family.map(([name, metric, label], f) => {
      const value = mean((columns[f] as number[]).filter((x) => !Number.isNaN(x)))
      return [name, figure(metric, value, { label, interval: spread[f] })]
    }),
  )
}
