import { type Interval, wilsonOfMean } from '../metrics/interval.js'
import type { Hit } from './indexOptions.js'

/** How much of the exact result an approximate search finds. */
export interface ApproximateRecall {
  /** Neighbours of each query that were asked for. */
  readonly k: number
  /** Queries that were asked. */
  readonly queries: number
  /** Mean over queries of the share of the k nearest that was found, in [0, 1]. */
  readonly recall: number
  /**
   * Of the recall of all queries of the kind, 95 %, by Wilson with each query as one trial: neighbours of one query are found or lost
   * together, and whatever they do between that varies less.
   */
  readonly interval: Interval
  /** The least share that a query of the sample got. */
  readonly worst: number
}

/**
 * Recall@k of hits beside the exact ones. A row that is as near as the k-th nearest counts as found, whichever of equally near ones it is.
 *
 * @param exact - `[queries]`, nearest first
 * @param found - `[queries]`
 */
export function approximateRecall(exact: readonly Hit[][], found: readonly Hit[][], k: number): ApproximateRecall {
  const shares = exact.map((nearest, query) => {
    const last = nearest.at(-1)
    if (last === undefined) return 1
    const near = (found[query] ?? []).filter(({ score }) => score >= last.score)
    return Math.min(1, near.length / nearest.length)
  })
  const queries = shares.length
  const recall = shares.reduce((a, b) => a + b, 0) / queries
  return { k, queries, recall, interval: wilsonOfMean(recall, queries), worst: Math.min(...shares) }
}
