import type { Embeddings } from '../embeddings.js'
import { type Neighbours, nearest } from '../metrics/neighbours.js'
import { Gallery } from '../native/gallery.js'
import { nativeFrom } from './classRanks.js'

/**
 * Of every image the k nearest others: what `metrics.nearest` gives, by the engine where there is much to compare. The same
 * numbers, since both compare rows of length 1 in float64, summed in the same order.
 */
export async function nearestOthers(embeddings: Embeddings, k: number): Promise<Neighbours> {
  if (embeddings.count ** 2 * embeddings.size < nativeFrom)
    return nearest(embeddings, embeddings, k, (query, image) => query === image)
  const unit = embeddings.normalized()
  const gallery = await Gallery.open(unit, { metric: 'dot', shortlist: 'auto' }, 'embeddings')
  try {
    const own = Int32Array.from({ length: unit.count }, (_, i) => i)
    return await gallery.nearest(unit, k, undefined, own)
  } finally {
    await gallery.close()
  }
}
