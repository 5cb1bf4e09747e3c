import { requireInteger } from '../config/require.js'
import type { Embeddings } from '../embeddings.js'
import type { Neighbours } from './neighbours.js'
import { type Neighbourhoods, ReRanking } from './reRanking.js'
import { scoreRows } from './scoreRows.js'

/** Options of {@link kReciprocal}. */
export interface KReciprocalOptions {
  /** Neighbours among which reciprocity is asked for; at least 1. Default 20. */
  k1?: number
  /** Neighbours whose codes are averaged, the image itself among them; at least 1. Default 6. */
  k2?: number
  /** Share of the original distance in the final one, in [0, 1]. Default 0.3. */
  lambda?: number
  /** Places of the answer; default the whole gallery, less the query itself where `own` is given. */
  k?: number
  /**
   * `[q]` for queries that are images of the gallery: the row that each of them is. It then stands once among all images, not
   * twice, and is not found. Default: the queries are images of their own.
   */
  own?: ArrayLike<number>
}

/**
 * k-reciprocal re-ranking (Zhong et al. 2017): images are compared by the sets of images that count them among their
 * nearest and are counted by them (Jaccard distance of weighted sets), mixed with the distance itself,
 * d = squared Euclidean distance of length-1 rows / the query's largest:
 *
 * `d_final = (1 − λ) · d_Jaccard + λ · d`
 *
 * Needs the top max(k1 + 1, k2) of all images among all, then one pass of the queries over the gallery: memory is
 * (q + g) · k1 · few and q · k, never (q + g)². For images beyond moderate numbers give neighbourhoods from a faster search.
 *
 * @param queries - `[q, d]`
 * @param gallery - `[g, d]`
 * @param known - where they are known already
 * @returns gallery images of each query by the new distance; scores are its negative, equal ones by lower row
 * @throws NPairError `INVALID_OPTION`, also for a row that is not finite
 * @example kReciprocal(new Embeddings(Float32Array.of(1, 0), 2), new Embeddings(Float32Array.of(0, 1, 1, 0.1), 2), { k1: 1, k2: 1 }).ids // [1, 0]
 */
export function kReciprocal(
  queries: Embeddings,
  gallery: Embeddings,
  options: KReciprocalOptions = {},
  known?: Neighbourhoods,
): Neighbours {
  const all = ReRanking.images(queries, gallery, options.own)
  const reRanking = new ReRanking(all, queries.count, gallery.count, options, known)
  const { k = Math.max(1, options.own === undefined ? gallery.count : gallery.count - 1) } = options
  requireInteger('k', k, 1)
  const ids = new Int32Array(queries.count * k).fill(-1)
  const scores = new Float64Array(queries.count * k).fill(Number.NEGATIVE_INFINITY)
  let q = 0
  for (const cosines of scoreRows(queries, gallery)) {
    const { order, distances } = reRanking.ranking(q, cosines)
    order.subarray(0, k).forEach((g, place) => {
      ids[q * k + place] = g
      scores[q * k + place] = -(distances[g] as number)
    })
    q++
  }
  return { k, ids, scores }
}
