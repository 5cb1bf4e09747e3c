import { requireNumber } from '../config/require.js'
import { type Contingency, contingency } from './contingency.js'

/** How well clusters hold one class, how well classes stay in one cluster, and both in one number; all in [0, 1]. */
export interface VMeasure {
  /** I / H(classes); 1 where H(classes) is 0. */
  homogeneity: number
  /** I / H(clusters); 1 where H(clusters) is 0. */
  completeness: number
  /** (1 + β) · h · c / (β · h + c); 0 where the divisor is 0. */
  vMeasure: number
}

/**
 * V-measure of a clustering (Rosenberg and Hirschberg 2007). With β = 1 it is {@link normalizedMutualInformation},
 * but for labelings without any entropy.
 *
 * `V = (1 + β) h c / (β h + c), h = I / H(classes), c = I / H(clusters)`
 *
 * @param classes - `[n]` true label of each item
 * @param clusters - `[n]` cluster of each item
 * @param beta - weight of completeness, >= 0; default 1
 * @throws NPairError `INVALID_OPTION`
 * @example vMeasure([0, 0, 1, 1], [0, 0, 0, 0]) // { homogeneity: 0, completeness: 1, vMeasure: 0 }
 */
export function vMeasure(classes: ArrayLike<number>, clusters: ArrayLike<number>, beta = 1): VMeasure {
  requireNumber('beta', beta, '>= 0', (x) => x >= 0)
  const table = contingency(classes, clusters)
  const information = mutualInformation(table)
  const [ofClasses, ofClusters] = [entropy(table.classes, table.count), entropy(table.clusters, table.count)]
  const homogeneity = ofClasses > 0 ? information / ofClasses : 1
  const completeness = ofClusters > 0 ? information / ofClusters : 1
  const both = beta * homogeneity + completeness
  return { homogeneity, completeness, vMeasure: both > 0 ? ((1 + beta) * homogeneity * completeness) / both : 0 }
}

/**
 * Normalised mutual information, in [0, 1], by the arithmetic mean of the entropies (Song et al. 2016;
 * scikit-learn since 0.22, which divided by the geometric mean before). 1 where neither labeling splits anything,
 * 0 where just one does not.
 *
 * `NMI = 2 I / (H(classes) + H(clusters)), I = Σ_cj n_cj/n ln(n n_cj / (n_c n_j)), H(classes) = −Σ_c n_c/n ln(n_c/n)`
 *
 * @param classes - `[n]` true label of each item
 * @param clusters - `[n]` cluster of each item
 * @throws NPairError `INVALID_OPTION` where the lists differ in length
 * @example normalizedMutualInformation([0, 0, 1, 1], [1, 1, 0, 0]) // 1
 */
export function normalizedMutualInformation(classes: ArrayLike<number>, clusters: ArrayLike<number>): number {
  const table = contingency(classes, clusters)
  const entropies = entropy(table.classes, table.count) + entropy(table.clusters, table.count)
  return entropies > 0 ? (2 * mutualInformation(table)) / entropies : 1
}

/**
 * Adjusted mutual information, at most 1, about 0 for chance, with
 * E[I] over all clusterings of the same sizes (Vinh et al. 2010, hypergeometric). 1 for equal partitions, whatever they
 * are; 0 where just one of them splits nothing.
 *
 * `AMI = (I − E[I]) / (½ (H(classes) + H(clusters)) − E[I])`
 *
 * @param classes - `[n]` true label of each item
 * @param clusters - `[n]` cluster of each item
 * @throws NPairError `INVALID_OPTION` where the lists differ in length
 * @example adjustedMutualInformation([0, 0, 1, 1], [0, 1, 0, 1]) // -0.5
 */
export function adjustedMutualInformation(classes: ArrayLike<number>, clusters: ArrayLike<number>): number {
  const table = contingency(classes, clusters)
  if (table.cells.length === table.classes.length && table.cells.length === table.clusters.length) return 1
  if (table.classes.length === 1 || table.clusters.length === 1) return 0
  const expected = expectedInformation(table)
  const mean = (entropy(table.classes, table.count) + entropy(table.clusters, table.count)) / 2
  return (mutualInformation(table) - expected) / (mean - expected)
}

/** How a clustering decides whether two items belong together. */
export interface PairwiseF1 {
  /** Pairs in one cluster that are of one class, of all pairs in one cluster; 0 where there are none. */
  precision: number
  /** Pairs of one class that are in one cluster, of all pairs of one class; 0 where there are none. */
  recall: number
  /** 2 P R / (P + R); 0 where both are 0. */
  f1: number
}

/**
 * F1 of a clustering over pairs of items (Song et al. 2016): positive = in one cluster, true = of one class.
 * An item alone in its cluster or class makes no pair.
 *
 * `F1 = 2 P R / (P + R), P = TP / (TP + FP), R = TP / (TP + FN), TP = Σ_cj n_cj (n_cj − 1) / 2`
 *
 * @param classes - `[n]` true label of each item
 * @param clusters - `[n]` cluster of each item
 * @throws NPairError `INVALID_OPTION` where the lists differ in length
 * @example pairwiseF1([0, 0, 1, 1], [0, 0, 0, 1]) // { precision: 1 / 3, recall: 1 / 2, f1: 0.4 }
 */
export function pairwiseF1(classes: ArrayLike<number>, clusters: ArrayLike<number>): PairwiseF1 {
  const table = contingency(classes, clusters)
  const pairs = (counts: number[]) => counts.reduce((sum, n) => sum + (n * (n - 1)) / 2, 0)
  const right = pairs(table.cells.map(({ count }) => count))
  const [together, alike] = [pairs(table.clusters), pairs(table.classes)]
  return {
    precision: together > 0 ? right / together : 0,
    recall: alike > 0 ? right / alike : 0,
    f1: together + alike > 0 ? (2 * right) / (together + alike) : 0,
  }
}

/**
 * Purity of a clustering, in (0, 1]: the fraction of items that are of the commonest class of their cluster.
 *
 * `purity = 1/n Σ_j max_c n_cj, n_cj items of class c in cluster j`
 *
 * @param classes - `[n]` true label of each item; NaN for none
 * @param clusters - `[n]` cluster of each item
 * @throws NPairError `INVALID_OPTION` where the lists differ in length
 * @example purity([0, 0, 1, 1], [0, 0, 0, 1]) // 0.75
 */
export function purity(classes: ArrayLike<number>, clusters: ArrayLike<number>): number {
  const { cells, clusters: sizes, count } = contingency(classes, clusters)
  const most = new Array<number>(sizes.length).fill(0)
  for (const cell of cells) most[cell.cluster] = Math.max(most[cell.cluster] as number, cell.count)
  return most.reduce((sum, n) => sum + n, 0) / count
}

/** H in nats. */
function entropy(sizes: number[], count: number): number {
  return sizes.length < 2 ? 0 : sizes.reduce((sum, n) => sum - (n / count) * Math.log(n / count), 0)
}

/** I in nats; exactly 0 where one labeling splits nothing. */
function mutualInformation({ cells, classes, clusters, count }: Contingency): number {
  if (classes.length < 2 || clusters.length < 2) return 0
  let sum = 0
  for (const cell of cells) {
    const independent = (classes[cell.class] as number) * (clusters[cell.cluster] as number)
    sum += (cell.count / count) * Math.log((cell.count * count) / independent)
  }
  return Math.max(0, sum)
}

/**
 * Expected mutual information in nats over all labelings of these sizes (Vinh et al. 2010), a over the sizes of classes, b over
 * those of clusters, P hypergeometric. It depends on sizes only, so equal sizes are computed once.
 *
 * `E[I] = Σ_a Σ_b Σ_n (n/N) · log(N·n / (a·b)) · P(n | a, b, N)`
 *
 * @example expectedInformation(contingency([0, 0, 1, 1], [0, 1, 0, 1])) // Math.LN2 / 3
 */
export function expectedInformation({ classes, clusters, count }: Contingency): number {
  const logFactorial = new Float64Array(count + 1)
  for (let n = 2; n <= count; n++) logFactorial[n] = (logFactorial[n - 1] as number) + Math.log(n)
  const ln = (n: number) => logFactorial[n] as number
  let expected = 0
  for (const [a, manyA] of tally(classes))
    for (const [b, manyB] of tally(clusters)) {
      const fixed = ln(a) + ln(b) + ln(count - a) + ln(count - b) - ln(count)
      let sum = 0
      for (let n = Math.max(1, a + b - count); n <= Math.min(a, b); n++) {
        const probability = Math.exp(fixed - ln(n) - ln(a - n) - ln(b - n) - ln(count - a - b + n))
        sum += (n / count) * Math.log((n * count) / (a * b)) * probability
      }
      expected += manyA * manyB * sum
    }
  return expected
}

/** How often each size occurs. */
function tally(sizes: number[]): Map<number, number> {
  const many = new Map<number, number>()
  for (const size of sizes) many.set(size, (many.get(size) ?? 0) + 1)
  return many
}
