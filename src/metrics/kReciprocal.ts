import { requireFiniteRows, requireInteger, requireLength, requireNames, requireNumber } from '../config/require.js'
import { Embeddings } from '../embeddings.js'
import { invalidOption } from '../errors.js'
import { dot } from './dot.js'
import { type Neighbours, nearest } from './neighbours.js'
import { scoreRows } from './scoreRows.js'

/** Options of {@link kReciprocal}. */
export interface KReciprocalOptions {
  /** Neighbours among which reciprocity is asked for; at least 1. Default 20. */
  k1?: number
  /** Neighbours whose codes are averaged, the image itself among them; at least 1. Default 6. */
  k2?: number
  /** Share of the original distance in the final one, in [0, 1]. Default 0.3. */
  lambda?: number
  /** Places of the answer; default the whole gallery, less the query itself where `own` is given. */
  k?: number
  /**
   * `[q]` for queries that are images of the gallery: the row that each of them is. It then stands once among all images, not
   * twice, and is not found. Default: the queries are images of their own.
   */
  own?: ArrayLike<number>
}

/**
 * What re-ranking must know of all images, each among all of them, itself too: queries first, then the gallery; with `own` those
 * of the gallery alone.
 */
export interface Neighbourhoods {
  /** Top max(k1 + 1, k2) of each image by cosine. */
  near: Neighbours
  /** `[all images]` lowest cosine of each image with any. */
  lowest: Float64Array
}

/**
 * k-reciprocal re-ranking (Zhong et al. 2017): images are compared by the sets of images that count them among their
 * nearest and are counted by them (Jaccard distance of weighted sets), mixed with the distance itself:
 * (1 − λ) · d_Jaccard + λ · d, d = squared Euclidean distance of length-1 rows / the query's largest.
 * Needs the top max(k1 + 1, k2) of all images among all, then one pass of the queries over the gallery: memory is
 * (q + g) · k1 · few and q · k, never (q + g)². For images beyond moderate numbers give neighbourhoods from a faster search.
 *
 * @param queries - `[q, d]`
 * @param gallery - `[g, d]`
 * @param known - where they are known already
 * @returns gallery images of each query by the new distance; scores are its negative, equal ones by lower row
 * @throws NPairError `INVALID_OPTION`, also for a row that is not finite
 * @example kReciprocal(new Embeddings(Float32Array.of(1, 0), 2), new Embeddings(Float32Array.of(0, 1, 1, 0.1), 2), { k1: 1, k2: 1 }).ids // [1, 0]
 */
export function kReciprocal(
  queries: Embeddings,
  gallery: Embeddings,
  options: KReciprocalOptions = {},
  known?: Neighbourhoods,
): Neighbours {
  const all = reRankedImages(queries, gallery, options.own)
  const reRanking = new ReRanking(all, queries.count, gallery.count, options, known)
  const { k = Math.max(1, options.own === undefined ? gallery.count : gallery.count - 1) } = options
  requireInteger('k', k, 1)
  const ids = new Int32Array(queries.count * k).fill(-1)
  const scores = new Float64Array(queries.count * k).fill(Number.NEGATIVE_INFINITY)
  let q = 0
  for (const cosines of scoreRows(queries, gallery)) {
    const { order, distances } = reRanking.ranking(q, cosines)
    order.subarray(0, k).forEach((g, place) => {
      ids[q * k + place] = g
      scores[q * k + place] = -(distances[g] as number)
    })
    q++
  }
  return { k, ids, scores }
}

/** What all images say of each other, ready for one query after another: nothing of the size queries × gallery is held. */
export class ReRanking {
  readonly #lambda: number
  readonly #own: ArrayLike<number> | undefined
  readonly #lowest: Float64Array
  /** Of each image the weight of those that it counts, and is counted by. */
  readonly #codes: Map<number, number>[]
  /** Gallery images whose code holds image j, with the weight. */
  readonly #holders: [number, number][][]
  /** `[g]`, overwritten by each query. */
  readonly #shared: Float64Array
  readonly #final: Float64Array

  /**
   * @param all - {@link reRankedImages}
   * @param queries - how many
   * @param gallery - how many
   */
  constructor(
    all: Embeddings,
    queries: number,
    gallery: number,
    options: KReciprocalOptions = {},
    known?: Neighbourhoods,
  ) {
    requireNames('', options, ['k1', 'k2', 'lambda', 'k', 'own'])
    const { k1 = 20, k2 = 6, lambda = 0.3, own }: KReciprocalOptions = options
    requireInteger('k1', k1, 1)
    requireInteger('k2', k2, 1)
    requireNumber('lambda', lambda, 'in [0, 1]', (x) => x >= 0 && x <= 1)
    this.#lambda = lambda
    this.#own = own
    this.#shared = new Float64Array(gallery)
    this.#final = new Float64Array(gallery)
    const { near, lowest } = known ?? neighbourhoods(all, neighboursNeeded(options))
    requireInteger('near.k', near.k, Math.min(neighboursNeeded(options), all.count))
    requireLength('near.ids', near.ids, all.count * near.k)
    requireLength('lowest', lowest, all.count)
    this.#lowest = lowest
    const list = (i: number, count: number) =>
      Array.from(near.ids.subarray(i * near.k, i * near.k + Math.min(count, near.k))).filter((id) => id >= 0)
    const codes = Array.from({ length: all.count }, (_, i) => {
      const members = expanded(i, k1, list)
      const row = all.row(i)
      const weights = members.map((j) => Math.exp(-this.#distance(i, dot(row, all.row(j)))))
      const total = weights.reduce((sum, w) => sum + w, 0)
      return new Map(members.map((j, m) => [j, (weights[m] as number) / total]))
    })
    this.#codes =
      k2 === 1 ? codes : codes.map((_, i) => average(list(i, k2).map((j) => codes[j] as Map<number, number>)))
    this.#holders = Array.from({ length: all.count }, () => [] as [number, number][])
    for (let g = 0; g < gallery; g++)
      for (const [j, weight] of this.#codes[own ? g : queries + g] as Map<number, number>)
        this.#holders[j]?.push([g, weight])
  }

  /** In [0, 1]; 0 for all where everything is one point. */
  #distance(i: number, cosine: number): number {
    return (1 - cosine) / (1 - (this.#lowest[i] as number) || 1)
  }

  /**
   * @param q - the query
   * @param cosines - `[g]` of it with the gallery
   * @returns rows of the gallery, nearest first, without the query itself; and `[g]` distances, overwritten by the next query
   */
  ranking(q: number, cosines: ArrayLike<number>): { order: Int32Array; distances: Float64Array } {
    const [lambda, own, shared, final] = [this.#lambda, this.#own, this.#shared, this.#final]
    const query = own ? (own[q] as number) : q
    shared.fill(0)
    for (const [j, weight] of this.#codes[query] as Map<number, number>)
      for (const [g, other] of this.#holders[j] as [number, number][])
        shared[g] = (shared[g] as number) + Math.min(weight, other)
    for (let g = 0; g < final.length; g++) {
      const common = shared[g] as number
      final[g] = (1 - lambda) * (1 - common / (2 - common)) + lambda * this.#distance(query, cosines[g] as number)
    }
    const all = Int32Array.from(final.keys())
    const order = own === undefined ? all : all.filter((g) => g !== query)
    order.sort((a, b) => (final[a] as number) - (final[b] as number) || a - b)
    return { order, distances: final }
  }
}

/** Neighbours of each image that re-ranking looks at. */
export function neighboursNeeded({ k1 = 20, k2 = 6 }: KReciprocalOptions): number {
  return Math.max(k1 + 1, k2)
}

/** The mutual neighbours of i, and those of each of them with which it shares more than two thirds; ascending. */
function expanded(i: number, k1: number, list: (i: number, count: number) => number[]): number[] {
  const mutual = (a: number, count: number) => list(a, count).filter((b) => list(b, count).includes(a))
  const own = mutual(i, k1 + 1)
  const inside = new Set(own)
  const members = new Set(own)
  for (const candidate of own) {
    const theirs = mutual(candidate, halfToEven(k1) + 1)
    if (theirs.filter((j) => inside.has(j)).length > (2 / 3) * theirs.length) for (const j of theirs) members.add(j)
  }
  return [...members].sort((a, b) => a - b)
}

/** k1 / 2 rounded, halves to even: as the authors' program has it. */
function halfToEven(k1: number): number {
  const low = Math.floor(k1 / 2)
  return k1 % 2 === 1 && low % 2 === 1 ? low + 1 : low
}

function average(codes: Map<number, number>[]): Map<number, number> {
  const sum = new Map<number, number>()
  for (const code of codes) for (const [j, weight] of code) sum.set(j, (sum.get(j) ?? 0) + weight / codes.length)
  return sum
}

/**
 * All images, rows of length 1: queries first, then the gallery; the gallery alone where the queries are of it.
 *
 * @throws NPairError `INVALID_OPTION` where the two do not go together, or a row is not finite
 */
export function reRankedImages(
  queries: Embeddings,
  gallery: Embeddings,
  own: ArrayLike<number> | undefined,
): Embeddings {
  requireFiniteRows('queries', queries)
  requireFiniteRows('gallery', gallery)
  if (queries.size !== gallery.size)
    throw invalidOption('gallery', `embeddings of ${queries.size} numbers, as the queries have`, gallery.size)
  // Where scores are means of cosines an image need not be its own nearest, and all of this stands on that.
  for (const [name, rows] of Object.entries({ queries, gallery }))
    if (rows.metric !== 'cosine') throw invalidOption(name, 'embeddings that are compared by cosine', rows.metric)
  if (own !== undefined) {
    requireLength('own', own, queries.count)
    for (let q = 0; q < queries.count; q++) {
      const row = own[q] as number
      const theirs = Number.isInteger(row) && row >= 0 && row < gallery.count ? gallery.row(row) : undefined
      if (queries.row(q).some((x, i) => x !== theirs?.[i]))
        throw invalidOption(`own[${q}]`, `the row of the gallery that query ${q} is`, row)
    }
    return gallery.normalized()
  }
  const data = new Float32Array(queries.data.length + gallery.data.length)
  data.set(queries.normalized().data)
  data.set(gallery.normalized().data, queries.data.length)
  return new Embeddings(data, queries.size)
}

function neighbourhoods(all: Embeddings, k: number): Neighbourhoods {
  const lowest = new Float64Array(all.count)
  let i = 0
  for (const row of scoreRows(all, all)) lowest[i++] = row.reduce((least, x) => Math.min(least, x))
  return { near: nearest(all, all, k), lowest }
}
