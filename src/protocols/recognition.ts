import { requireInteger, requireNames } from '../config/require.js'
import type { Dataset } from '../data/dataset.js'
import type { Embeddings } from '../embeddings.js'
import { invalidOption, NPairError } from '../errors.js'
import { dot } from '../metrics/dot.js'
import { knnClasses } from '../metrics/knn.js'
import { mean } from '../metrics/statistics.js'
import { verificationSuccesses } from '../metrics/verificationRate.js'
import { Random } from '../random.js'
import { figure } from './figure.js'
import { type IntervalOptions, intervalSentence, meanIntervals, resolveIntervals } from './intervals.js'
import { largestClass } from './largestClass.js'
import { nearestOthers } from './nearestOthers.js'
import type { Protocol } from './protocol.js'
import type { EvaluationResult, Figure } from './result.js'
import { sampleIndices } from './sampleIndices.js'
import { scoreName } from './scoreName.js'

/** Options of {@link recognition}. */
export interface RecognitionOptions extends IntervalOptions {
  /** k of the kNN classifier; at least 1. Default 1. */
  neighbours?: number
  /** The K of the verification rate with K negatives, each an integer >= 1. Default 1, 71. */
  negatives?: readonly number[]
}

/** Resolved plan of {@link recognition}. */
export interface RecognitionPlan extends Required<RecognitionOptions> {
  readonly type: 'recognition'
}

/**
 * The figures of Sohn 2016's first table: recognition by the k nearest other images, and the rate at which a positive is
 * closer than all of K negatives of different classes.
 *
 * @throws NPairError `INVALID_OPTION`; `DATA_CLASSES` if no class has two images, or there is only one class
 */
export function recognition(dataset: Dataset, options: RecognitionOptions = {}): Protocol<RecognitionPlan> {
  requireNames('recognition', options, ['neighbours', 'negatives', 'bootstrap', 'seed'])
  const { neighbours = 1, negatives = [1, 71] } = options
  requireInteger('recognition.neighbours', neighbours, 1)
  if (!Array.isArray(negatives) || !negatives.every((k) => Number.isSafeInteger(k) && k >= 1))
    throw invalidOption('recognition.negatives', 'an array of integers >= 1', negatives)
  const classes = dataset.classes.length
  const largest = largestClass(dataset.byClass())
  if (classes < 2 || largest < 2)
    throw new NPairError(
      'DATA_CLASSES',
      `Recognition needs two classes and one of them with two images; the data has ${classes} classes, the largest of ${largest}`,
    )
  const plan = Object.freeze({
    type: 'recognition' as const,
    neighbours,
    negatives: Object.freeze([...new Set(negatives)].sort((a, b) => a - b)),
    ...resolveIntervals('recognition', options),
  })
  return Object.freeze({
    plan,
    dataset,
    judge: (embeddings: Embeddings) => judge(plan, dataset, embeddings),
    outcomes: async (embeddings: Embeddings) => {
      const queries = mated(dataset)
      return {
        label: 'kNN recognition of each query',
        values: await recognised(plan, dataset, embeddings, queries),
        identities: queries.map((i) => dataset.labels[i] as number),
      }
    },
  })
}

async function judge(plan: RecognitionPlan, dataset: Dataset, embeddings: Embeddings): Promise<EvaluationResult> {
  const byClass = dataset.byClass()
  const { labels } = dataset
  const queries = mated(dataset)
  const counted = plan.negatives.filter((k) => k < byClass.length)
  const unit = embeddings.comparable()
  const columns = [
    await recognised(plan, dataset, embeddings, queries),
    ...counted.map((k) => trials(unit, queries, labels, byClass, k, plan.seed)),
  ]
  const spread = meanIntervals(
    columns,
    queries.map((i) => labels[i] as number),
    byClass.length,
    plan,
  )
  const figures: Record<string, Figure> = {
    recognition: figure('knnClasses', mean(columns[0] as number[]), {
      detail: `Here k = ${plan.neighbours}.`,
      interval: spread[0],
    }),
  }
  counted.forEach((k, i) => {
    figures[`vrf@${k}`] = figure('verificationSuccesses', mean(columns[i + 1] as ArrayLike<number>), {
      label: `Verification rate, ${k} negative${k > 1 ? 's' : ''}`,
      detail: `Here K = ${k}.`,
      interval: spread[i + 1],
    })
  })
  const dropped = plan.negatives.filter((k) => k >= byClass.length)
  const lone = labels.length - queries.length
  return {
    protocol: plan.type,
    version: 1,
    definition:
      `Every image with another of its class is a query, all other images are the gallery; score: ${scoreName(embeddings)}. For the ` +
      'verification rate each query has one trial for each K: another image of its class, and one image of each of K other ' +
      `classes, drawn with seed ${plan.seed}.${intervalSentence(plan)}`,
    options: { ...plan },
    data: dataset.plan,
    counts: { images: dataset.length, classes: byClass.length, queries: queries.length, loneImages: lone },
    headline: 'recognition',
    figures,
    tables: {},
    curves: {},
    notes: [
      ...(lone > 0 ? [`${lone} images are alone in their class: in the gallery, but no queries.`] : []),
      ...(dropped.length > 0
        ? [`No verification rate with ${dropped.join(', ')} negatives: there are ${byClass.length - 1} other classes.`]
        : []),
    ],
  }
}

/** Images with another of their class. */
function mated(dataset: Dataset): number[] {
  const byClass = dataset.byClass()
  return Array.from(dataset.labels.keys()).filter((i) => (byClass[dataset.labels[i] as number]?.length ?? 0) >= 2)
}

/** 1 for each query whose nearest other images give it its class. */
async function recognised(
  plan: RecognitionPlan,
  { labels }: Dataset,
  embeddings: Embeddings,
  queries: number[],
): Promise<number[]> {
  const guessed = knnClasses(await nearestOthers(embeddings, plan.neighbours), labels)
  return queries.map((i) => (guessed[i] === labels[i] ? 1 : 0))
}

/** Success of each query's trial with k negatives: a function of (seed, query, k) alone. */
function trials(
  unit: Embeddings,
  queries: readonly number[],
  labels: ArrayLike<number>,
  byClass: readonly Int32Array[],
  k: number,
  seed: number,
): Uint8Array {
  const positive = new Float64Array(queries.length)
  const negative = new Float64Array(queries.length * k)
  queries.forEach((query, t) => {
    const random = new Random(seed, 'protocol', query, 6 + k)
    const own = labels[query] as number
    const others = Array.from(byClass[own] as Int32Array).filter((image) => image !== query)
    const row = unit.row(query)
    positive[t] = dot(row, unit.row(others[random.below(others.length)] as number))
    sampleIndices(k, byClass.length - 1, random).forEach((drawn, n) => {
      const images = byClass[drawn < own ? drawn : drawn + 1] as Int32Array
      negative[t * k + n] = dot(row, unit.row(images[random.below(images.length)] as number))
    })
  })
  return verificationSuccesses(positive, negative)
}
