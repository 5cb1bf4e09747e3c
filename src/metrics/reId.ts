import { requireLength } from '../config/require.js'
import type { Relevance } from './relevantRanks.js'

/** Identity and camera of each image of one side. */
export interface Sightings {
  /** `[n]` identity. */
  labels: ArrayLike<number>
  /** `[n]` camera. */
  cameras: ArrayLike<number>
}

/**
 * Market-1501's rule of what counts in re-identification (Zheng et al. 2015): relevant is the same identity seen by another
 * camera; left out are images of the same identity by the same camera, and junk; all else, distractors too, is wrong.
 * Give it to {@link galleryRanks} or {@link neighbourRanks}; a query that no other camera saw has no ranks and is left
 * out of every mean.
 *
 * `relevance(q, g) = −1 where g is junk or of q's identity and camera, 1 where of q's identity and another camera, else 0`
 *
 * @param junk - identities whose gallery images are left out for all queries; default −1, as in Market-1501
 * @throws NPairError `INVALID_OPTION` where there is not one camera a label
 * @example [0, 1, 2, 3].map((g) => reIdRelevance({ labels: [5], cameras: [1] }, { labels: [5, 5, 6, -1], cameras: [1, 2, 1, 2] })(0, g)) // [-1, 1, 0, -1]
 */
export function reIdRelevance(queries: Sightings, gallery: Sightings, junk: readonly number[] = [-1]): Relevance {
  requireLength('queries.cameras', queries.cameras, queries.labels.length)
  requireLength('gallery.cameras', gallery.cameras, gallery.labels.length)
  const out = new Set(junk)
  return (query, image) => {
    const label = gallery.labels[image] as number
    if (out.has(label)) return -1
    if (label !== queries.labels[query]) return 0
    return gallery.cameras[image] === queries.cameras[query] ? -1 : 1
  }
}
