import { requireFiniteRows, requireInteger, requireLength, requireNames, requireNumber } from '../config/require.js'
import { Embeddings } from '../embeddings.js'
import { invalidOption } from '../errors.js'
import { dot } from './dot.js'
import type { KReciprocalOptions } from './kReciprocal.js'
import { type Neighbours, nearest } from './neighbours.js'
import { scoreRows } from './scoreRows.js'

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

  /** Neighbours of each image that re-ranking looks at. */
  static neighbours({ k1 = 20, k2 = 6 }: KReciprocalOptions): number {
    return Math.max(k1 + 1, k2)
  }

  /**
   * All images, rows of length 1: queries first, then the gallery; the gallery alone where the queries are of it.
   *
   * @throws NPairError `INVALID_OPTION` where the two do not go together, or a row is not finite
   */
  static images(queries: Embeddings, gallery: Embeddings, own: ArrayLike<number> | undefined): Embeddings {
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

  /**
   * @param all - {@link ReRanking.images}
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
    const { near, lowest } = known ?? neighbourhoods(all, ReRanking.neighbours(options))
    requireInteger('near.k', near.k, Math.min(ReRanking.neighbours(options), all.count))
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

function neighbourhoods(all: Embeddings, k: number): Neighbourhoods {
  const lowest = new Float64Array(all.count)
  let i = 0
  for (const row of scoreRows(all, all)) lowest[i++] = row.reduce((least, x) => Math.min(least, x))
  return { near: nearest(all, all, k), lowest }
}
