import { requireInteger } from '../config/require.js'
import type { Embeddings } from '../embeddings.js'
import type { Relevance } from './relevantRanks.js'
import { scoreRows } from './scoreRows.js'

/** The k best gallery images of each query, best first; equal scores by lower row first. Any search can make them, `topK` does. */
export interface Neighbours {
  /** Places a query has: of `topK` no more than the gallery has rows. */
  k: number
  /** `[q × k]` gallery rows, row-major; −1 where a query has fewer than k. */
  ids: Int32Array
  /** `[q × k]` their scores, larger = more alike; −Infinity where there is none. */
  scores: Float64Array | Float32Array
}

/**
 * Exact top-k by cosine similarity, streaming: memory is q × k and a block of rows. For galleries of moderate size.
 *
 * `ids_q = the first k of argsort_g (−cos(query_q, gallery_g), g)`
 *
 * @param queries - `[q, d]`
 * @param gallery - `[g, d]`
 * @param k - at least 1
 * @param leaveOut - gallery images that a query must not find, for example itself; default none
 * @example nearest(new Embeddings(Float32Array.of(1, 0), 2), new Embeddings(Float32Array.of(0, 1, 2, 0, 3, 0), 2), 2).ids // [1, 2]
 */
export function nearest(
  queries: Embeddings,
  gallery: Embeddings,
  k: number,
  leaveOut: (query: number, image: number) => boolean = () => false,
): Neighbours {
  requireInteger('k', k, 1)
  const ids = new Int32Array(queries.count * k).fill(-1)
  const scores = new Float64Array(queries.count * k).fill(Number.NEGATIVE_INFINITY)
  let query = 0
  for (const row of scoreRows(queries, gallery)) {
    const base = query * k
    for (let g = 0; g < row.length; g++) {
      const score = row[g] as number
      // The last place is the worst: rows come in order, so a later row must be strictly better.
      if (score <= (scores[base + k - 1] as number) || leaveOut(query, g)) continue
      let place = base + k - 1
      for (; place > base && score > (scores[place - 1] as number); place--) {
        scores[place] = scores[place - 1] as number
        ids[place] = ids[place - 1] as number
      }
      scores[place] = score
      ids[place] = g
    }
    query++
  }
  return { k, ids, scores }
}

/**
 * Of each query the ranks of its relevant images within its top k, as {@link relevantRanks} gives them up to rank k.
 * What is left out (−1) gives its place to the next, so that the list is as much shorter.
 *
 * `rank = #{places up to it whose relevance is 0 or 1}`
 *
 * @example neighbourRanks({ k: 3, ids: Int32Array.of(4, 0, 2), scores: Float64Array.of(3, 2, 1) }, (q, g) => [1, 0, 1, 0, -1][g]) // [[1, 2]]
 */
export function neighbourRanks({ k, ids }: Neighbours, relevance: Relevance): Int32Array[] {
  return Array.from({ length: ids.length / k }, (_, query) => {
    const ranks: number[] = []
    let rank = 0
    for (const id of ids.subarray(query * k, (query + 1) * k)) {
      const kind = id < 0 ? -1 : relevance(query, id)
      if (kind >= 0) rank++
      if (kind === 1) ranks.push(rank)
    }
    return Int32Array.from(ranks)
  })
}
