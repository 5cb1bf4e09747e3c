import type { Embeddings } from '../embeddings.js'
import { sameClassRanks } from '../metrics/sameClassRanks.js'
import { Gallery } from '../native/gallery.js'

/** Multiplications above which the engine is quicker than JavaScript, loading it included. */
export const nativeFrom = 2e9

/**
 * What `sameClassRanks` gives, by the engine where there is much to compare: the same numbers, since both compare rows of
 * length 1 in float64, summed in the same order.
 */
export async function classRanks(embeddings: Embeddings, labels: ArrayLike<number>): Promise<Int32Array[]> {
  if (embeddings.count ** 2 * embeddings.size < nativeFrom) return sameClassRanks(embeddings, labels)
  const gallery = await Gallery.open(embeddings.comparable(), { metric: 'dot', shortlist: 'float32' }, 'embeddings')
  try {
    return await gallery.ranks(Int32Array.from(labels))
  } finally {
    await gallery.close()
  }
}
