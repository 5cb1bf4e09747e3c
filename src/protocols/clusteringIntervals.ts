import { expectedInformation } from '../metrics/clustering.js'
import { type Contingency, contingency } from '../metrics/contingency.js'
import type { Interval } from '../metrics/interval.js'
import { type IntervalOptions, intervals } from './intervals.js'

/** Intervals of the figures of a clustering. */
export type ClusteringIntervals = Record<'nmi' | 'ami' | 'f1' | 'purity', Interval | undefined>

/**
 * 95 % bootstrap intervals over the classes of one clustering. Clusters stay, and so does what makes an image count: the sizes that
 * its information is measured by (which makes NMI and AMI ratios of means over images, their first-order influence), and which class
 * is the commonest of a cluster. Counted anew, clusters that lack classes would look purer than any clustering is. F1 counts pairs
 * as verification does: those of two classes as often as both were drawn, multiplied.
 *
 * @param classes - `[n]` true label of each item
 * @param clusters - `[n]` cluster of each item
 */
export function clusteringIntervals(
  classes: ArrayLike<number>,
  clusters: ArrayLike<number>,
  options: Required<IntervalOptions>,
): ClusteringIntervals {
  const table = contingency(classes, clusters)
  const sums = classSums(table)
  const expected = expectedInformation(table)
  const [nmi, ami, f1, purity] = intervals(table.classes.length, 4, options, (weights) => {
    const weighted = (values: Float64Array) =>
      values.reduce((sum, value, c) => sum + (weights[c] as number) * (value as number), 0)
    const items = weighted(sums.items)
    const information = weighted(sums.information) / items
    const entropy = (weighted(sums.ofClass) + weighted(sums.ofCluster)) / items / 2
    const [right, alike] = [weighted(sums.right), weighted(sums.alike)]
    const together = right + betweenClasses(table, weights)
    // Sums of logarithms may end a bit above 1.
    return [
      Math.min(1, information / entropy),
      Math.min(1, (information - expected) / (entropy - expected)),
      together + alike > 0 ? (2 * right) / (together + alike) : 0,
      weighted(sums.commonest) / items,
    ]
  }) as [Interval | undefined, Interval | undefined, Interval | undefined, Interval | undefined]
  return { nmi, ami, f1, purity }
}

/** `[classes]` sums over the items (pairs of items) of each class, in nats where they are information. */
function classSums({ count, classes, clusters, cells }: Contingency) {
  const sum = () => new Float64Array(classes.length)
  const [information, ofClass, ofCluster, right, commonest] = [sum(), sum(), sum(), sum(), sum()]
  const add = (to: Float64Array, c: number, value: number) => {
    to[c] = (to[c] as number) + value
  }
  const largest = new Map<number, Contingency['cells'][number]>()
  for (const cell of cells) {
    const own = classes[cell.class] as number
    const together = clusters[cell.cluster] as number
    add(information, cell.class, cell.count * Math.log((cell.count * count) / (own * together)))
    add(ofClass, cell.class, cell.count * Math.log(count / own))
    add(ofCluster, cell.class, cell.count * Math.log(count / together))
    add(right, cell.class, (cell.count * (cell.count - 1)) / 2)
    if (cell.count > (largest.get(cell.cluster)?.count ?? 0)) largest.set(cell.cluster, cell)
  }
  for (const cell of largest.values()) add(commonest, cell.class, cell.count)
  const alike = Float64Array.from(classes, (n) => (n * (n - 1)) / 2)
  return { items: Float64Array.from(classes), information, ofClass, ofCluster, right, alike, commonest }
}

/** Pairs of two classes in one cluster, as often as both were drawn, multiplied. */
function betweenClasses({ clusters, cells }: Contingency, weights: Int32Array): number {
  const [sums, squares] = [new Float64Array(clusters.length), new Float64Array(clusters.length)]
  for (const { class: c, cluster, count } of cells) {
    const drawn = (weights[c] as number) * count
    sums[cluster] = (sums[cluster] as number) + drawn
    squares[cluster] = (squares[cluster] as number) + drawn ** 2
  }
  return sums.reduce((pairs, sum, k) => pairs + (sum ** 2 - (squares[k] as number)) / 2, 0)
}
