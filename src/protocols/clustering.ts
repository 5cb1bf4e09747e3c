import { requireBoolean, requireInteger, requireNames } from '../config/require.js'
import type { Dataset } from '../data/dataset.js'
import type { Embeddings } from '../embeddings.js'
import { invalidOption, NPairError } from '../errors.js'
import {
  adjustedMutualInformation,
  normalizedMutualInformation,
  pairwiseF1,
  purity,
  vMeasure,
} from '../metrics/clustering.js'
import { kMeans } from '../retrieval/kMeans.js'
import { clusteringIntervals } from './clusteringIntervals.js'
import { figure } from './figure.js'
import { type IntervalOptions, intervalSentence, resolveIntervals } from './intervals.js'
import { largestClass } from './largestClass.js'
import type { Protocol } from './protocol.js'
import type { EvaluationResult } from './result.js'

/** Options of {@link clustering}. */
export interface ClusteringOptions extends IntervalOptions {
  /** Number of clusters, from 2 to the number of images. Default: the number of classes. */
  clusters?: number
  /** How often k-means is begun anew; the clustering with the least sum of squared distances is judged. Default 3. */
  restarts?: number
  /** Embeddings are brought to length 1 first, so that they are clustered by cosine; else by Euclidean distance as they are. Default true. */
  normalize?: boolean
}

/** Resolved plan of {@link clustering}. */
export interface ClusteringPlan extends Required<ClusteringOptions> {
  readonly type: 'clustering'
}

/**
 * How well the images fall into their classes where nobody tells any: k-means on the embeddings with as many clusters as there are
 * classes (Song et al. 2016), then NMI, AMI, pairwise F1, V-measure and purity of the clusters against the classes.
 *
 * @throws NPairError `INVALID_OPTION`; `DATA_CLASSES` with fewer than two classes, or where every class has one image
 */
export function clustering(dataset: Dataset, options: ClusteringOptions = {}): Protocol<ClusteringPlan> {
  requireNames('clustering', options, ['clusters', 'restarts', 'normalize', 'bootstrap', 'seed'])
  const classes = dataset.classes.length
  const largest = largestClass(dataset.byClass())
  if (classes < 2 || largest < 2)
    throw new NPairError(
      'DATA_CLASSES',
      `Clustering needs two classes and one of them with two images; the data has ${classes} classes, the largest of ${largest}`,
    )
  const { clusters = classes, restarts = 3, normalize = true } = options
  requireInteger('clustering.clusters', clusters, 2)
  if (clusters > dataset.length)
    throw invalidOption('clustering.clusters', `at most ${dataset.length}, the images`, clusters)
  requireInteger('clustering.restarts', restarts, 1)
  requireBoolean('clustering.normalize', normalize)
  const resampling = resolveIntervals('clustering', options)
  const plan = Object.freeze({ type: 'clustering' as const, clusters, restarts, normalize, ...resampling })
  return Object.freeze({ plan, dataset, judge: (embeddings: Embeddings) => judge(plan, dataset, embeddings) })
}

async function judge(plan: ClusteringPlan, dataset: Dataset, embeddings: Embeddings): Promise<EvaluationResult> {
  const { clusters, restarts, normalize, seed } = plan
  const rows = normalize ? embeddings.normalized() : embeddings
  const { labels, inertia, iterations } = await kMeans(rows, { clusters, restarts, seed })
  const pairs = pairwiseF1(dataset.labels, labels)
  const parts = vMeasure(dataset.labels, labels)
  const spread = clusteringIntervals(dataset.labels, labels, plan)
  return {
    protocol: plan.type,
    version: 1,
    definition:
      `The images are put into ${clusters} clusters by k-means on their embeddings${normalize ? ', each of length 1' : ''} ` +
      `(k-means++ beginnings, Lloyd's iterations until no image changes its cluster; of ${restarts} beginnings, seed ${seed}, the one ` +
      'with the least sum of squared distances), without their classes; then clusters are compared with classes.' +
      intervalSentence(plan, 'the classes of this one clustering, which stays as it is: nothing is clustered anew'),
    options: { ...plan },
    data: dataset.plan,
    counts: { images: dataset.length, classes: dataset.classes.length, clusters, iterations },
    headline: 'nmi',
    figures: {
      nmi: figure('normalizedMutualInformation', normalizedMutualInformation(dataset.labels, labels), {
        interval: spread.nmi,
      }),
      ami: figure('adjustedMutualInformation', adjustedMutualInformation(dataset.labels, labels), {
        interval: spread.ami,
      }),
      f1: figure('pairwiseF1', pairs.f1, { interval: spread.f1 }),
      vMeasure: figure('vMeasure', parts.vMeasure, {
        interval: spread.nmi,
        detail: 'It is the same number as NMI.',
      }),
      purity: figure('purity', purity(dataset.labels, labels), { interval: spread.purity }),
    },
    tables: {
      parts: {
        label: 'What F1 and V-measure are made of, and the sum of squared distances',
        columns: [
          { label: '', unit: 'text' },
          { label: 'Value', unit: 'score' },
        ],
        rows: [
          ['Pairwise precision', pairs.precision],
          ['Pairwise recall', pairs.recall],
          ['Homogeneity', parts.homogeneity],
          ['Completeness', parts.completeness],
          ['Sum of squared distances', inertia],
        ],
      },
    },
    curves: {},
    notes: [],
  }
}
