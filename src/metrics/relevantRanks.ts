import { requireFinite, requireLength } from '../config/require.js'
import type { Embeddings } from '../embeddings.js'
import { scoreRows } from './scoreRows.js'

/**
 * What gallery image g is to query q: 1 relevant, 0 not, −1 left out of the ranking as if it were not in the gallery
 * (the query itself, junk).
 */
export type Relevance = (query: number, image: number) => number

/**
 * The ranks at which the relevant images of one ranking come: what every retrieval metric is computed from.
 * The gallery is ordered by score, best first, equal ones by lower row first; rank 1 is the best.
 * No sort of the gallery: what comes before the relevant ones is counted.
 *
 * `rank_g = 1 + #{h not left out : s_h > s_g, or s_h = s_g and h < g}`
 *
 * @param scores - `[g]` finite, larger = more alike
 * @param relevance - `[g]` 1 relevant, 0 not, −1 left out
 * @returns ranks, ascending; empty where nothing is relevant
 * @throws NPairError `INVALID_OPTION` where a score is not finite or the lists differ in length
 * @example relevantRanks([0.9, 0.5, 0.5, 0.1], [-1, 0, 1, 1]) // [2, 3]
 */
export function relevantRanks(scores: ArrayLike<number>, relevance: ArrayLike<number>): Int32Array {
  requireLength('relevance', relevance, scores.length)
  requireFinite('scores', scores)
  const relevant: number[] = []
  for (let g = 0; g < scores.length; g++) if (relevance[g] === 1) relevant.push(g)
  if (relevant.length === 0) return new Int32Array(0)
  relevant.sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b)
  const last = relevant[relevant.length - 1] as number
  const before = new Int32Array(relevant.length) // others that come before relevant image m but not before m − 1
  for (let g = 0; g < scores.length; g++) {
    if (relevance[g] !== 0 || !precedes(scores, g, last)) continue
    let low = 0
    let high = relevant.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (precedes(scores, g, relevant[middle] as number)) high = middle
      else low = middle + 1
    }
    before[low] = (before[low] as number) + 1
  }
  let others = 0
  return before.map((n, m) => {
    others += n
    return others + m + 1
  })
}

/**
 * {@link relevantRanks} of every query in a gallery, by cosine similarity, streaming: memory is a block of rows.
 *
 * `ranks_q = relevantRanks(s_q, relevance(q, ·)), s_qg = cos(query_q, gallery_g)`
 *
 * @param queries - `[q, d]`
 * @param gallery - `[g, d]`
 * @throws NPairError `INVALID_OPTION` where the two differ in d, or a row is not finite
 * @example galleryRanks(new Embeddings(Float32Array.of(1, 0), 2), new Embeddings(Float32Array.of(0, 1, 1, 0), 2), (q, g) => (g === 0 ? 1 : 0)) // [[2]]
 */
export function galleryRanks(queries: Embeddings, gallery: Embeddings, relevance: Relevance): Int32Array[] {
  const kinds = new Int8Array(gallery.count)
  const result: Int32Array[] = []
  for (const scores of scoreRows(queries, gallery)) {
    const query = result.length
    for (let g = 0; g < kinds.length; g++) kinds[g] = relevance(query, g)
    result.push(relevantRanks(scores, kinds))
  }
  return result
}

function precedes(scores: ArrayLike<number>, a: number, b: number): boolean {
  const difference = (scores[a] as number) - (scores[b] as number)
  return difference > 0 || (difference === 0 && a < b)
}
