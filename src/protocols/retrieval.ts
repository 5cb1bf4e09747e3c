import { requireNames } from '../config/require.js'
import type { Dataset } from '../data/dataset.js'
import type { Embeddings } from '../embeddings.js'
import { invalidOption, NPairError } from '../errors.js'
import { averagePrecisionAtR, recallAtK, rPrecision } from '../metrics/retrieval.js'
import { mean } from '../metrics/statistics.js'
import { classRanks } from './classRanks.js'
import type { Protocol } from './protocol.js'
import type { EvaluationResult, Figure } from './result.js'

/** Options of {@link retrieval}. */
export interface RetrievalOptions {
  /** The K of Recall@K, each an integer >= 1. Default 1, 2, 4, 8. */
  at?: readonly number[]
}

/** Resolved plan of {@link retrieval}. */
export interface RetrievalPlan extends Required<RetrievalOptions> {
  readonly type: 'retrieval'
}

/**
 * Every image asks for the others of its class among all other images: Recall@K, R-precision, MAP@R.
 *
 * @throws NPairError `INVALID_OPTION`; `DATA_CLASSES` if no class has two images, or there is only one class
 */
export function retrieval(dataset: Dataset, options: RetrievalOptions = {}): Protocol<RetrievalPlan> {
  requireNames('retrieval', options, ['at'])
  const at = options.at ?? [1, 2, 4, 8]
  if (!Array.isArray(at) || at.length === 0 || !at.every((k) => Number.isSafeInteger(k) && k >= 1))
    throw invalidOption('retrieval.at', 'an array of integers >= 1', at)
  const sizes = dataset.byClass().map((images) => images.length)
  if (sizes.length < 2 || Math.max(...sizes) < 2)
    throw new NPairError(
      'DATA_CLASSES',
      `Retrieval needs two classes and one of them with two images; the data has ${sizes.length} classes, the largest of ${Math.max(0, ...sizes)}`,
    )
  const plan = Object.freeze({ type: 'retrieval' as const, at: Object.freeze([...new Set(at)].sort((a, b) => a - b)) })
  return Object.freeze({ plan, dataset, judge: (embeddings: Embeddings) => judge(plan, dataset, embeddings) })
}

async function judge(plan: RetrievalPlan, dataset: Dataset, embeddings: Embeddings): Promise<EvaluationResult> {
  const ranks = await classRanks(embeddings, dataset.labels)
  const mated = ranks.filter((r) => r.length > 0)
  const lone = ranks.length - mated.length
  const figures: Record<string, Figure> = {}
  for (const k of plan.at)
    figures[`recall@${k}`] = {
      value: mean(ranks.map((r) => recallAtK(r, k))),
      unit: 'fraction',
      better: 'higher',
      label: `Recall@${k}`,
      definition:
        k === 1
          ? 'Fraction of all queries whose nearest other image is of their class.'
          : `Fraction of all queries with an image of their class among the ${k} nearest others.`,
    }
  figures.rPrecision = {
    value: mean(mated.map((r) => rPrecision(r))),
    unit: 'fraction',
    better: 'higher',
    label: 'R-precision',
    definition:
      'Mean over queries of the fraction of their class among the R nearest, R = other images of the class; lone queries left out.',
  }
  figures['map@r'] = {
    value: mean(mated.map((r) => averagePrecisionAtR(r))),
    unit: 'fraction',
    better: 'higher',
    label: 'MAP@R',
    definition:
      'Mean over queries of (1/R) Σ P(i)·rel(i) over the R nearest, R = other images of the class; lone queries left out.',
  }
  return {
    protocol: plan.type,
    version: 1,
    definition:
      'Every image is a query, all other images are the gallery (the query taken out by its index), nearest first by cosine ' +
      'similarity, equal ones by lower index. For Recall@K a query that is alone in its class can only miss.',
    options: { ...plan },
    data: dataset.plan,
    counts: { images: dataset.length, classes: dataset.classes.length, queries: ranks.length, loneQueries: lone },
    headline: `recall@${plan.at[0]}`,
    figures,
    tables: {},
    curves: { recall: { k: [...plan.at], recall: plan.at.map((k) => figures[`recall@${k}`]?.value as number) } },
    notes:
      lone > 0
        ? [`${lone} queries are alone in their class: misses for Recall@K, left out of R-precision and MAP@R.`]
        : [],
  }
}
