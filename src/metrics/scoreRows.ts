import { requireFiniteRows } from '../config/require.js'
import type { Embeddings } from '../embeddings.js'
import { invalidOption } from '../errors.js'
import { dot } from './dot.js'

/** Queries whose similarities to the whole gallery are held at one time: `[block, g]` float64. */
const block = 32

/**
 * Cosine similarities of each query with the whole gallery, one query after another, in order; inner products of embeddings whose
 * `metric` is `dot`.
 * A row of zeros has cosine 0 with everything; equal rows tie exactly. Memory is a block of rows, never q × g;
 * time is q · g dot products.
 *
 * `s_qg = query_q · gallery_g / (|query_q| |gallery_g|)`
 *
 * @param queries - `[q, d]`, of any length
 * @param gallery - `[g, d]`, of any length
 * @returns q times `[g]` float64 in [−1, 1]; a row is overwritten later: copy what is to be kept
 *   (typed arrays' `from` collects before it maps)
 * @throws NPairError `INVALID_OPTION` where the two differ in d or metric, or a row is not finite: its scores would come in no order
 * @example Array.from(scoreRows(new Embeddings(Float32Array.of(3, 0), 2), new Embeddings(Float32Array.of(2, 0, 0, 1), 2))) // [[1, 0]]
 */
export function* scoreRows(queries: Embeddings, gallery: Embeddings): Generator<Float64Array> {
  if (queries.size !== gallery.size)
    throw invalidOption('gallery', `embeddings of ${queries.size} numbers, as the queries have`, gallery.size)
  if (queries.metric !== gallery.metric)
    throw invalidOption('gallery', `embeddings compared by ${queries.metric}, as the queries are`, gallery.metric)
  requireFiniteRows('gallery', gallery)
  if (queries !== gallery) requireFiniteRows('queries', queries)
  const galleryRows = Array.from(gallery.comparable())
  const queryRows = queries === gallery ? galleryRows : Array.from(queries.comparable())
  const scores = Array.from({ length: Math.min(block, queries.count) }, () => new Float64Array(gallery.count))
  for (let first = 0; first < queries.count; first += block) {
    const part = queryRows.slice(first, first + block)
    // Gallery rows outside: each is read once per block and serves every query of it from the cache.
    for (let g = 0; g < gallery.count; g++) {
      const row = galleryRows[g] as Float32Array
      for (let q = 0; q < part.length; q++) (scores[q] as Float64Array)[g] = dot(part[q] as Float32Array, row)
    }
    for (let q = 0; q < part.length; q++) yield scores[q] as Float64Array
  }
}
