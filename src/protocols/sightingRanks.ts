import type { Embeddings } from '../embeddings.js'
import { reIdRelevance, type Sightings } from '../metrics/reId.js'
import { galleryRanks } from '../metrics/relevantRanks.js'
import { isLarge, searched } from './searched.js'

/** What `galleryRanks` gives by the rules of re-identification without junk, by the engine where there is much to compare. */
export function sightingRanks(
  queries: Embeddings,
  asked: Sightings,
  gallery: Embeddings,
  seen: Sightings,
): Promise<Int32Array[]> {
  if (!isLarge(queries, gallery)) return Promise.resolve(galleryRanks(queries, gallery, reIdRelevance(asked, seen, [])))
  const [labels, cameras] = [Int32Array.from(seen.labels), Int32Array.from(seen.cameras)]
  const own = { labels: Int32Array.from(asked.labels), cameras: Int32Array.from(asked.cameras), own: new Int32Array() }
  return searched(queries, gallery, (opened, rows) => opened.ranks(rows, own, labels, cameras))
}
