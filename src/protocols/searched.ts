import type { Embeddings } from '../embeddings.js'
import { invalidOption } from '../errors.js'
import { Gallery } from '../native/gallery.js'

/** Multiplications above which the engine is quicker than JavaScript, loading it included. */
const nativeFrom = 2e9

/** Whether queries in a gallery are for the engine. */
export function isLarge(queries: Embeddings, gallery: Embeddings): boolean {
  return queries.count * gallery.count * queries.size >= nativeFrom
}

/**
 * Has the engine search: on all threads, and with the event loop free. Scores are those of JavaScript, since both compare rows of
 * length 1 (or those that are compared by inner product as they are) in float64, summed in the same order.
 *
 * @param work - gets the gallery, and the queries as they have to be given to it
 * @throws NPairError `INVALID_OPTION` where the two differ in size or metric, or a row is not finite
 */
export async function searched<T>(
  queries: Embeddings,
  gallery: Embeddings,
  work: (gallery: Gallery, queries: Embeddings) => Promise<T>,
): Promise<T> {
  if (queries.size !== gallery.size)
    throw invalidOption('gallery', `embeddings of ${queries.size} numbers, as the queries have`, gallery.size)
  if (queries.metric !== gallery.metric)
    throw invalidOption('gallery', `embeddings compared by ${queries.metric}, as the queries are`, gallery.metric)
  const rows = gallery.comparable()
  const opened = await Gallery.open(rows, { metric: 'dot', shortlist: 'float32' }, 'embeddings')
  try {
    return await work(opened, queries === gallery ? rows : queries.comparable())
  } finally {
    await opened.close()
  }
}
