import type { Embeddings } from '../embeddings.js'
import { dot } from './dot.js'

/** One N-way k-shot trial: which rows stand for which way, and one query a way. */
export interface Episode {
  /** `[ways][shots]` rows of the supports. */
  supports: readonly (readonly number[])[]
  /** `[ways]` row of each way's query. */
  queries: readonly number[]
}

/**
 * For each query of an episode the way it is given to: the nearest mean of supports by cosine (where rows are compared by inner
 * product: the highest mean score with the supports), equal ones to the lower way. (A network that maps everything to one point is thus right once in `ways` queries: chance.)
 *
 * `way_q = argmax_w cos(row_q, m_w), m_w = 1/k Σ_s row_ws`
 *
 * @param unit - `[n, d]` rows of length 1 (`embeddings.comparable()`), so that no support outweighs another
 * @returns `[ways]` way in [0, ways)
 * @example nearestWays(new Embeddings(Float32Array.of(1, 0, 0, 1, 0.8, 0.6), 2), { supports: [[0], [1]], queries: [2, 2] }) // [0, 0]
 */
export function nearestWays(unit: Embeddings, { supports, queries }: Episode): number[] {
  const means = supports.map((rows) => {
    const sum = new Float64Array(unit.size)
    for (const row of rows) {
      const support = unit.row(row)
      for (let k = 0; k < sum.length; k++) sum[k] = (sum[k] as number) + (support[k] as number)
    }
    const length = unit.metric === 'dot' ? rows.length : Math.sqrt(dot(sum, sum))
    return length > 0 ? sum.map((x) => x / length) : sum
  })
  return queries.map((query) => {
    const row = unit.row(query)
    let best = 0
    let highest = Number.NEGATIVE_INFINITY
    means.forEach((mean, way) => {
      const score = dot(row, mean)
      if (score > highest) [best, highest] = [way, score]
    })
    return best
  })
}

/**
 * Error of an episode, in [0, 1]: the fraction of queries given to another way than their own.
 *
 * `error = 1/N Σ_w 1[ways_w ≠ w]`
 *
 * @param ways - `[ways]` from {@link nearestWays}; query w belongs to way w
 * @example episodeError([0, 2, 2, 3]) // 0.25
 */
export function episodeError(ways: readonly number[]): number {
  return ways.filter((way, w) => way !== w).length / ways.length
}
