import type { Embeddings } from '../embeddings.js'
import { identify, type RankOptions, type Searches } from '../metrics/identification.js'
import { isLarge, searched } from './searched.js'

/** What `identify` gives, by the engine where there is much to compare. */
export function probeSearches(
  probes: Embeddings,
  probeLabels: ArrayLike<number>,
  gallery: Embeddings,
  galleryLabels: ArrayLike<number>,
  options: Required<RankOptions>,
): Promise<Searches> {
  if (!isLarge(probes, gallery)) return Promise.resolve(identify(probes, probeLabels, gallery, galleryLabels, options))
  const [own, labels] = [Int32Array.from(probeLabels), Int32Array.from(galleryLabels)]
  return searched(probes, gallery, async (opened, rows) => {
    const { mates, strangers, ...before } = await opened.searches(rows, own, labels, options.ties === 'pessimistic')
    const rank = before[options.count].map((n, p) => (Number.isNaN(mates[p]) ? 0 : 1 + n))
    return { mate: mates, stranger: strangers, rank }
  })
}
