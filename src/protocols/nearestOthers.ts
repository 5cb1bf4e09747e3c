import type { Embeddings } from '../embeddings.js'
import { type Neighbours, nearest } from '../metrics/neighbours.js'
import { Gallery } from '../native/gallery.js'
import { isLarge } from './searched.js'

/**
 * Of every image the k nearest others: what `metrics.nearest` gives, by the engine where there is much to compare. The same
 * numbers, since both compare the same rows in float64, summed in the same order.
 */
export async function nearestOthers(embeddings: Embeddings, k: number): Promise<Neighbours> {
  if (!isLarge(embeddings, embeddings)) return nearest(embeddings, embeddings, k, (query, image) => query === image)
  const rows = embeddings.comparable()
  const gallery = await Gallery.open(rows, { metric: 'dot', shortlist: 'auto' }, 'embeddings')
  try {
    const own = Int32Array.from({ length: rows.count }, (_, i) => i)
    return await gallery.nearest(rows, k, undefined, own)
  } finally {
    await gallery.close()
  }
}
