import { requireFinite, requireFiniteRows, requireLength, requireNames, requireWord } from '../config/require.js'
import type { Embeddings } from '../embeddings.js'
import type { Neighbours } from './neighbours.js'
import { scoreRows } from './scoreRows.js'

/** How the rank of a search is counted. */
export interface RankOptions {
  /**
   * Where a stranger scores exactly as much as the mate: `pessimistic` puts the stranger first, so that no model is
   * praised for calling everything equal; `optimistic` puts the mate first. Default `pessimistic`.
   */
  ties?: 'pessimistic' | 'optimistic'
  /** What stands before the mate: identities, each by its best image, or images of other identities (BLUFR). Default `identities`. */
  count?: 'identities' | 'images'
}

/** What one search in a gallery found. */
export interface Search {
  /** Highest score over the images of the probe's own identity; NaN where the gallery holds none (a non-mated search). */
  mate: number
  /** Highest score over the images of all other identities; −Infinity where there are none. */
  stranger: number
  /** 1 + what stands before the mate; 0 for a non-mated search. */
  rank: number
}

/** {@link Search} of many probes, in columns. */
export interface Searches {
  /** `[p]` */
  mate: Float64Array
  /** `[p]` */
  stranger: Float64Array
  /** `[p]` */
  rank: Int32Array
}

/**
 * One search: the best score of the probe's own identity, of any other, and the rank of its own.
 *
 * `rank = 1 + #{c ≠ label : max_{g of c} s_g ≥ mate}, mate = max_{g of label} s_g, stranger = max_{g not of label} s_g`
 *
 * @param scores - `[g]` finite, larger = more alike
 * @param labels - `[g]` identity of each gallery image
 * @param label - identity of the probe, in the gallery or not
 * @throws NPairError `INVALID_OPTION` where a score is not finite or the lists differ in length
 * @example searchOutcome([0.9, 0.8, 0.7, 0.2], [5, 5, 6, 7], 6) // { mate: 0.7, stranger: 0.9, rank: 2 }
 */
export function searchOutcome(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  label: number,
  options: RankOptions = {},
): Search {
  requireLength('labels', labels, scores.length)
  requireFinite('scores', scores)
  const { ties = 'pessimistic', count = 'identities' } = options
  let mate = Number.NaN
  let stranger = Number.NEGATIVE_INFINITY
  for (let g = 0; g < scores.length; g++) {
    const score = scores[g] as number
    if (labels[g] !== label) stranger = Math.max(stranger, score)
    else if (!(mate >= score)) mate = score
  }
  if (Number.isNaN(mate)) return { mate, stranger, rank: 0 }
  const before = new Set<number>()
  let images = 0
  for (let g = 0; g < scores.length; g++) {
    const score = scores[g] as number
    if (labels[g] === label || (ties === 'pessimistic' ? score < mate : score <= mate)) continue
    images++
    before.add(labels[g] as number)
  }
  return { mate, stranger, rank: 1 + (count === 'identities' ? before.size : images) }
}

/**
 * Searches every probe in a gallery by cosine similarity, streaming: memory is a block of rows. For a
 * large gallery see {@link neighbourSearches}.
 *
 * `search_p = searchOutcome(s_p, galleryLabels, label_p), s_pg = cos(probe_p, gallery_g)`
 *
 * @param probes - `[p, d]`
 * @param gallery - `[g, d]`; several images of an identity count by the best, or give {@link templates}
 * @throws NPairError `INVALID_OPTION`
 * @example identify(new Embeddings(Float32Array.of(1, 0), 2), [4], new Embeddings(Float32Array.of(0, 1, 1, 0), 2), [3, 4]).rank // [1]
 */
export function identify(
  probes: Embeddings,
  probeLabels: ArrayLike<number>,
  gallery: Embeddings,
  galleryLabels: ArrayLike<number>,
  options: RankOptions = {},
): Searches {
  requireNames('', options, ['ties', 'count'])
  requireWord('ties', options.ties ?? 'pessimistic', ['pessimistic', 'optimistic'])
  requireWord('count', options.count ?? 'identities', ['identities', 'images'])
  requireLength('probeLabels', probeLabels, probes.count)
  requireLength('galleryLabels', galleryLabels, gallery.count)
  requireFiniteRows('probes', probes)
  const found: Searches = {
    mate: new Float64Array(probes.count),
    stranger: new Float64Array(probes.count),
    rank: new Int32Array(probes.count),
  }
  let p = 0
  for (const scores of scoreRows(probes, gallery)) {
    const { mate, stranger, rank } = searchOutcome(scores, galleryLabels, probeLabels[p] as number, options)
    found.mate[p] = mate
    found.stranger[p] = stranger
    found.rank[p] = rank
    p++
  }
  return found
}

/** Rank of a mate that is in the gallery but not among the listed neighbours. */
const beyond = 2 ** 31 - 1

/**
 * {@link Searches} from top-k lists. Of a mate beyond its list it is only known that it is worse than the list: its score
 * is −Infinity and its rank 2³¹ − 1, so that rates are right for ranks up to k (`count: 'images'`) or up to the number
 * of different identities in the shortest list (`identities`), and thresholds no lower than the worst listed score.
 * Ties are broken by the list, as the search did it.
 *
 * `rank_p = 1 + #{identities, or images, listed before the first image of label_p}`
 *
 * @param labels - `[p]` identity of each probe
 * @param galleryLabels - `[g]` identity of each gallery image
 * @throws NPairError `INVALID_OPTION`
 * @example neighbourSearches({ k: 2, ids: Int32Array.of(1, 0), scores: Float64Array.of(0.9, 0.8) }, [7], [7, 8], 'images').rank // [2]
 */
export function neighbourSearches(
  neighbours: Neighbours,
  labels: ArrayLike<number>,
  galleryLabels: ArrayLike<number>,
  count: 'identities' | 'images' = 'identities',
): Searches {
  const { k, ids, scores } = neighbours
  requireLength('labels', labels, ids.length / k)
  requireWord('count', count, ['identities', 'images'])
  const known = new Set(Array.from(galleryLabels))
  const found: Searches = {
    mate: new Float64Array(labels.length),
    stranger: new Float64Array(labels.length),
    rank: new Int32Array(labels.length),
  }
  for (let p = 0; p < labels.length; p++) {
    const label = labels[p] as number
    const listed = Array.from(ids.subarray(p * k, (p + 1) * k)).filter((id) => id >= 0)
    const at = listed.findIndex((id) => galleryLabels[id] === label)
    const other = listed.findIndex((id) => galleryLabels[id] !== label)
    const before = listed.slice(0, Math.max(at, 0)).map((id) => galleryLabels[id])
    const mated = known.has(label)
    found.mate[p] = !mated ? Number.NaN : at < 0 ? Number.NEGATIVE_INFINITY : (scores[p * k + at] as number)
    found.stranger[p] = other < 0 ? Number.NEGATIVE_INFINITY : (scores[p * k + other] as number)
    found.rank[p] = !mated ? 0 : at < 0 ? beyond : 1 + (count === 'images' ? before.length : new Set(before).size)
  }
  return found
}
