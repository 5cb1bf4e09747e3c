import { Embeddings } from '../embeddings.js'
import type { GalleryOptions } from '../native/gallery.js'
import type { Random } from '../random.js'
import { drawBelow } from './drawBelow.js'
import type { Hit, IndexEntry, SearchOptions } from './indexOptions.js'
import { Segment } from './segment.js'

/** Options of {@link Segments.search}. */
interface SegmentsSearch {
  readonly filter?: SearchOptions['filter']
  /** Hits of each query that are found already. Default none. */
  readonly hits?: Hit[][]
  /** Segments that are not searched. Default none. */
  readonly except?: (segment: Segment) => boolean
}

/** The rows of an index in the order in which they were added, and where each id is. */
export class Segments {
  readonly #size: number
  readonly #options: GalleryOptions
  #all: readonly Segment[] = []
  readonly #places = new Map<string, { segment: Segment; row: number }>()

  /** @param size - numbers in a row */
  constructor(size: number, options: GalleryOptions) {
    this.#size = size
    this.#options = options
  }

  get all(): readonly Segment[] {
    return this.#all
  }

  /** Rows that were not removed. */
  get count(): number {
    return this.#places.size
  }

  has(id: string): boolean {
    return this.#places.has(id)
  }

  append(segment: Segment): void {
    this.#all = [...this.#all, segment]
    for (const row of segment.living()) this.#places.set(segment.entry(row).id, { segment, row })
  }

  /** @param fixed - segments that are never merged with others */
  async add(
    rows: Embeddings,
    entries: readonly IndexEntry[],
    fixed: (segment: Segment) => boolean = () => false,
  ): Promise<void> {
    const added = await Segment.open(rows, [...entries], this.#options)
    const [kept, small] = this.#smallest(added.alive, fixed)
    if (small.length === 0) return this.append(added)
    let merged: Segment
    try {
      merged = await Segment.merge([...small, added], this.#size, this.#options)
    } catch (error) {
      await added.close()
      throw error
    }
    // Only now: until here a failure leaves everything as it was.
    this.#all = kept
    this.append(merged)
    for (const segment of [...small, added]) await segment.close()
  }

  /** @returns how many of the ids were there */
  remove(ids: Iterable<string>): number {
    let removed = 0
    for (const id of ids) {
      const place = this.#places.get(id)
      if (place === undefined) continue
      place.segment.remove(place.row)
      this.#places.delete(id)
      removed++
    }
    return removed
  }

  /** The k nearest of each query, those that are found already among them. */
  async search(queries: Embeddings, k: number, options: SegmentsSearch = {}): Promise<Hit[][]> {
    const { filter, hits = noHits(queries), except = () => false } = options
    for (const segment of this.#all) if (!except(segment)) await segment.search(queries, k, filter, hits)
    // Stable: of equal ones that of the earlier segment stays first.
    return hits.map((own) => own.sort((a, b) => b.score - a.score).slice(0, k))
  }

  /** Rows that are drawn at random, in order; all where there are no more. */
  async sample(count: number, random: Random): Promise<{ rows: Embeddings; ids: string[] }> {
    const drawn = new Set(drawBelow(this.count, count, random))
    const data = new Float32Array(drawn.size * this.#size)
    const ids: string[] = []
    let place = 0
    for (const segment of this.#all)
      for (const row of segment.living()) {
        if (!drawn.has(place++)) continue
        data.set(await segment.row(row), ids.length * this.#size)
        ids.push(segment.entry(row).id)
      }
    return { rows: new Embeddings(data, this.#size), ids }
  }

  /** Of the rows in order. */
  entries(): IndexEntry[] {
    return this.#all.flatMap((segment) => [...segment.living()].map((row) => segment.entry(row)))
  }

  /** The rows in order, some at a time. */
  async *parts(): AsyncGenerator<Float32Array> {
    for (const segment of this.#all) yield* segment.parts()
  }

  async close(): Promise<void> {
    for (const segment of this.#all) await segment.close()
  }

  /**
   * The segments apart: those that stay, and the last ones that are merged with `added` rows, each no larger than all that is
   * merged after it. As many rows again are copied at most as are added, over all doublings: segments stay few.
   */
  #smallest(added: number, fixed: (segment: Segment) => boolean): [kept: Segment[], small: Segment[]] {
    let first = this.#all.length
    for (let alive = added; first > 0; first--) {
      const last = this.#all[first - 1] as Segment
      if (!last.inMemory || last.alive > alive || fixed(last)) break
      alive += last.alive
    }
    return [this.#all.slice(0, first), this.#all.slice(first)]
  }
}

export const noHits = (queries: Embeddings): Hit[][] => Array.from({ length: queries.count }, () => [])
