import type { Embeddings } from '../embeddings.js'
import { sameClassRanks } from '../metrics/sameClassRanks.js'
import { isLarge, searched } from './searched.js'

/**
 * What `sameClassRanks` gives, by the engine where there is much to compare: the same numbers, since both compare rows of
 * length 1 in float64, summed in the same order.
 */
export function classRanks(embeddings: Embeddings, labels: ArrayLike<number>): Promise<Int32Array[]> {
  if (!isLarge(embeddings, embeddings)) return Promise.resolve(sameClassRanks(embeddings, labels))
  const classes = Int32Array.from(labels)
  const own = Int32Array.from(classes.keys())
  return searched(embeddings, embeddings, (gallery, rows) =>
    gallery.ranks(rows, { labels: classes, cameras: new Int32Array(), own }, classes),
  )
}
