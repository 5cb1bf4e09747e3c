import { requireLength } from '../config/require.js'

/** How two labelings of the same items meet: the sizes of their classes, of their clusters, and of what both share. */
export interface Contingency {
  /** Number of items. */
  count: number
  /** `[classes]` items of each class. */
  classes: number[]
  /** `[clusters]` items of each cluster. */
  clusters: number[]
  /** Cells that are not empty: items of one class in one cluster. */
  cells: { class: number; cluster: number; count: number }[]
}

/**
 * Contingency table of a labeling and a clustering; only cells that are not empty are held.
 *
 * `n_cj = Σ_i 1[classes_i = c] 1[clusters_i = j], n_c = Σ_j n_cj, n_j = Σ_c n_cj`
 *
 * @param classes - `[n]` true label of each item
 * @param clusters - `[n]` cluster of each item
 * @throws NPairError `INVALID_OPTION` where the lists differ in length
 * @example contingency([5, 5, 9], [0, 1, 1]).cells // [{ class: 0, cluster: 0, count: 1 }, { class: 0, cluster: 1, count: 1 }, { class: 1, cluster: 1, count: 1 }]
 */
export function contingency(classes: ArrayLike<number>, clusters: ArrayLike<number>): Contingency {
  requireLength('clusters', clusters, classes.length)
  const dense = (labels: ArrayLike<number>) => {
    const index = new Map<number, number>()
    const sizes: number[] = []
    const ids = Array.from(labels, (label) => {
      const id = index.get(label) ?? index.size
      index.set(label, id)
      sizes[id] = (sizes[id] ?? 0) + 1
      return id
    })
    return { ids, sizes }
  }
  const [rows, columns] = [dense(classes), dense(clusters)]
  const cells = new Map<number, number>()
  rows.ids.forEach((row, i) => {
    const key = row * columns.sizes.length + (columns.ids[i] as number)
    cells.set(key, (cells.get(key) ?? 0) + 1)
  })
  return {
    count: classes.length,
    classes: rows.sizes,
    clusters: columns.sizes,
    cells: [...cells].map(([key, count]) => ({
      class: Math.floor(key / columns.sizes.length),
      cluster: key % columns.sizes.length,
      count,
    })),
  }
}
