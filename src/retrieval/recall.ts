import { type Interval, wilsonOfMean } from '../metrics/interval.js'
import type { Hit } from './indexOptions.js'

/** How much of the exact result an approximate search finds. */
export interface ApproximateRecall {
  /** Neighbours of each query that were asked for. */
  readonly k: number
  /** Likely neighbours that were scored for each query. */
  readonly candidates: number
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
export function approximateRecall(
  exact: readonly Hit[][],
  found: readonly Hit[][],
  { k, candidates }: { k: number; candidates: number },
): ApproximateRecall {
  const shares = exact.map((nearest, query) => {
    const last = nearest.at(-1)
    if (last === undefined) return 1
    const near = (found[query] ?? []).filter(({ score }) => score >= last.score)
    return Math.min(1, near.length / nearest.length)
  })
  const queries = shares.length
  const recall = shares.reduce((a, b) => a + b, 0) / queries
  const worst = shares.reduce((a, b) => Math.min(a, b), 1)
  return { k, candidates, queries, recall, interval: wilsonOfMean(recall, queries), worst }
}

/** Whether a value that was read from a file is what {@link approximateRecall} gives. */
export function isApproximateRecall(value: unknown): value is ApproximateRecall {
  const { k, candidates, queries, recall, interval, worst } = (value ?? {}) as Partial<ApproximateRecall>
  const counts = [k, candidates, queries].every((count) => Number.isSafeInteger(count) && (count as number) >= 1)
  const share = (x: unknown) => typeof x === 'number' && x >= 0 && x <= 1
  const { low, high, level, method } = (interval ?? {}) as Partial<Interval>
  return counts && [recall, worst, low, high, level].every(share) && method === 'wilson'
}
