import { requireFiniteRows, requireLength } from '../config/require.js'
import type { Embeddings } from '../embeddings.js'
import { galleryRanks } from './relevantRanks.js'

/**
 * For every image as a query against all other images: the ranks at which the images of its own class come.
 *
 * The gallery is ordered by cosine similarity, best first, equal ones by lower row first; the query itself is taken out
 * by its row, not by its score, so that a duplicate counts. Rank 1 is the best. Every ranking metric of
 * {@link recallAtK}, {@link rPrecision} and {@link averagePrecisionAtR} follows from these numbers.
 * Memory is a block of rows and the ranks, 4 bytes for each ordered pair of a class; time is n² dot products.
 *
 * `ranks_q = {rank of g : labels_g = labels_q, g ≠ q}`
 *
 * @param embeddings - `[n, d]`, of any length
 * @param labels - `[n]` class of each row
 * @returns for each query its ranks, ascending; empty where its class has no other image
 * @throws NPairError `INVALID_OPTION` where there is not one label a row, or a row is not finite
 * @example sameClassRanks(new Embeddings(Float32Array.of(1, 0, 0.8, 0.6, 1, 0.1), 2), [0, 0, 1]) // [[2], [2], []]
 */
export function sameClassRanks(embeddings: Embeddings, labels: ArrayLike<number>): Int32Array[] {
  requireLength('labels', labels, embeddings.count)
  requireFiniteRows('embeddings', embeddings)
  return galleryRanks(embeddings, embeddings, (query, image) =>
    query === image ? -1 : labels[query] === labels[image] ? 1 : 0,
  )
}
