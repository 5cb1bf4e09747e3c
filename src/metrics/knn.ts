import { requireInteger } from '../config/require.js'
import { invalidOption } from '../errors.js'
import type { Neighbours } from './neighbours.js'

/**
 * kNN recognition: for each query the class that most of its k nearest have; of classes with equally many the one whose
 * nearest image is nearer. The fraction of queries given their own class is the recognition accuracy of Sohn 2016's
 * first table.
 *
 * `class_q = argmax_c Σ_{i=1}^k 1[label of the i-th nearest = c]`
 *
 * @param neighbours - from {@link nearest} or any search
 * @param labels - `[g]` class of each gallery image, in [0, 2³¹)
 * @param k - how many vote, 1 ≤ k ≤ `neighbours.k`; default all of them
 * @returns `[q]` class; −1 where a query has no neighbour
 * @throws NPairError `INVALID_OPTION`, also where an image that was found has no class
 * @example knnClasses({ k: 3, ids: Int32Array.of(0, 1, 2), scores: Float64Array.of(0.9, 0.8, 0.7) }, [5, 6, 6]) // [6]
 */
export function knnClasses(neighbours: Neighbours, labels: ArrayLike<number>, k: number = neighbours.k): Int32Array {
  requireInteger('k', k, 1)
  if (k > neighbours.k) throw invalidOption('k', `at most the ${neighbours.k} neighbours that there are`, k)
  const classes = new Int32Array(neighbours.ids.length / neighbours.k)
  return classes.map((_, query) => {
    const votes = new Map<number, number>() // in the order of first appearance: nearest first
    for (const id of neighbours.ids.subarray(query * neighbours.k, query * neighbours.k + k)) {
      if (id < 0) continue
      const label = classOf(labels, id)
      votes.set(label, (votes.get(label) ?? 0) + 1)
    }
    let [winner, most] = [-1, 0]
    for (const [label, count] of votes) if (count > most) [winner, most] = [label, count]
    return winner
  })
}

/** The class of a gallery image; −1 would say that there was no neighbour, and the answer holds nothing above 2³¹ − 1. */
function classOf(labels: ArrayLike<number>, id: number): number {
  const label = labels[id]
  if (label === undefined || !Number.isInteger(label) || label < 0 || label >= 2 ** 31)
    throw invalidOption(`labels[${id}]`, 'an integer in [0, 2^31)', label)
  return label
}
