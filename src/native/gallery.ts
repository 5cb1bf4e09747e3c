import type { Embeddings } from '../embeddings.js'
import { NPairError } from '../errors.js'
import { type Engine, engine } from './engine.js'

/** How near two rows are, larger = nearer: cosine (0 with a row of zeros), product, or minus the Euclidean distance. */
export type Metric = 'cosine' | 'dot' | 'euclidean'

/** In what most of a gallery is ruled out; results are those of float64 in every case. */
export type Shortlist = 'auto' | 'float32' | 'int8'

export interface GalleryOptions {
  readonly metric: Metric
  readonly shortlist: Shortlist
}

/** The k nearest rows of each query: `Neighbours` of the metrics. */
export interface NearestRows {
  /** Columns of `ids` and `scores`: as many as were asked for, or as the gallery has rows (one where it has none). */
  readonly k: number
  /** `[queries, k]` rows of the gallery, nearest first, of equally near ones the lower first; −1 where there are fewer. */
  readonly ids: Int32Array
  /** `[queries, k]` float64, larger = nearer; −Infinity where there are fewer. */
  readonly scores: Float64Array
}

/** What comes before each probe's mate, in columns `[probes]`. */
export interface ProbeSearches {
  /** Highest score of its own identity; NaN where the gallery has none. */
  readonly mates: Float64Array
  /** Highest score of all others; −Infinity where there are none. */
  readonly strangers: Float64Array
  /** Rows that come before the mate; 0 where there is none. */
  readonly images: Int32Array
  /** Identities that come before the mate. */
  readonly identities: Int32Array
}

/** Multiplications in a call: about a second by float32 on two cores; in between others have their turn on the engine's thread. */
const callWork = 1.5e11

/** What the lists of the queries in a call may take: of each thread 4 · k + 1024 candidates of 8 bytes, and what was settled. */
const callBytes = 2 ** 28

/** What the engine holds of a query's mate while it ranks it. */
const mateBytes = 32

/** What it holds of a probe, besides a bit an identity. */
const probeBytes = 160

/** Rows on the engine that are searched exactly. They are not copied: nobody may change them before `close`. */
export class Gallery {
  readonly count: number
  readonly size: number
  readonly #native: Engine
  #handle: number | undefined

  private constructor(native: Engine, handle: number, count: number, size: number) {
    this.#native = native
    this.#handle = handle
    this.count = count
    this.size = size
  }

  /**
   * @param name - of the option that the rows came in by, for the error
   * @throws NPairError `INVALID_OPTION` for a row that is not finite, or of a length other than 0 or 1e-12 to 1e12
   */
  static async open(rows: Embeddings, options: GalleryOptions, name = 'gallery'): Promise<Gallery> {
    const native = await engine()
    const opening = native.galleryOpen(rows.data, JSON.stringify({ size: rows.size, ...options }))
    const handle = await naming(name, opening)
    return new Gallery(native, handle, rows.count, rows.size)
  }

  /** Rows of a file of nothing but float32, mapped into memory. */
  static async map(path: string, count: number, size: number, options: GalleryOptions): Promise<Gallery> {
    const native = await engine()
    return new Gallery(native, await native.galleryMap(path, JSON.stringify({ size, ...options })), count, size)
  }

  /**
   * @param most - neighbours of a query, fewer where there are fewer rows
   * @param allowed - `[count]` 0 for rows that are not to be found
   * @param except - `[queries]` a row that the query is not to find, or −1
   */
  async nearest(queries: Embeddings, most: number, allowed?: Uint8Array, except?: Int32Array): Promise<NearestRows> {
    const k = Math.max(1, Math.min(most, this.count))
    const found = { k, ...room(queries.count, k) }
    const { threads } = await this.#native.environment()
    for (const [first, count] of this.#calls(queries.count, Math.ceil(callBytes / threads / (8192 + 48 * k)))) {
      const rows = queries.data.subarray(first * queries.size, (first + count) * queries.size)
      const own = except?.subarray(first, first + count)
      const part = await naming('queries', this.#native.galleryNearest(this.#open(), rows, k, allowed, own), first)
      found.ids.set(part.rows, first * k)
      found.scores.set(part.scores, first * k)
    }
    found.ids.forEach((row, i) => {
      if (row < 0) found.scores[i] = Number.NEGATIVE_INFINITY
    })
    return found
  }

  /**
   * @param rows - `[queries, any number]` rows of the gallery, −1 for none
   * @returns `[queries, any number]` float64, larger = nearer; NaN for none
   */
  scores(queries: Embeddings, rows: Int32Array): Promise<Float64Array> {
    return this.#native.galleryScores(this.#open(), queries.data, rows)
  }

  /**
   * Ascending ranks of each query's mates: the rows of its class that another camera saw, where cameras matter. Itself and what
   * its own camera saw of the class is left out, as if it were not there.
   *
   * @param labels - `[count]` class of each row, as the queries have it
   * @param cameras - `[count]`; empty where they do not matter
   * @param own - of the queries, `[queries]`: which row a query is, or −1; empty where none is
   */
  async ranks(
    queries: Embeddings,
    { labels: asked, cameras: by, own }: { labels: Int32Array; cameras: Int32Array; own: Int32Array },
    labels: Int32Array,
    cameras = new Int32Array(),
  ): Promise<Int32Array[]> {
    const result: Int32Array[] = []
    const atMost = Math.ceil(callBytes / (mateBytes * largestClass(labels)))
    for (const [first, count] of this.#calls(queries.count, atMost)) {
      const part = <T extends Int32Array>(of: T) => of.subarray(first, first + count)
      const rows = queries.data.subarray(first * queries.size, (first + count) * queries.size)
      const some = { rows, labels: part(asked), cameras: part(by), own: part(own) }
      const found = await naming('queries', this.#native.galleryRanks(this.#open(), some, labels, cameras), first)
      let start = 0
      for (const mates of found.counts) {
        result.push(found.ranks.slice(start, start + mates))
        start += mates
      }
    }
    return result
  }

  /**
   * @param own - `[probes]` identity of each, in the gallery or not
   * @param labels - `[count]` identity of each row
   * @param strangersFirst - whether a stranger that scores as much as the mate comes before it
   */
  async searches(
    probes: Embeddings,
    own: Int32Array,
    labels: Int32Array,
    strangersFirst: boolean,
  ): Promise<ProbeSearches> {
    const { count } = probes
    const [mates, strangers] = [new Float64Array(count), new Float64Array(count)]
    const [images, identities] = [new Int32Array(count), new Int32Array(count)]
    const atMost = Math.ceil(callBytes / (probeBytes + new Set(labels).size / 8))
    for (const [first, n] of this.#calls(count, atMost)) {
      const rows = probes.data.subarray(first * probes.size, (first + n) * probes.size)
      const call = this.#native.gallerySearches(
        this.#open(),
        labels,
        rows,
        own.subarray(first, first + n),
        strangersFirst,
      )
      const found = await naming('probes', call, first)
      mates.set(found.mates, first)
      strangers.set(found.strangers, first)
      images.set(found.images, first)
      identities.set(found.identities, first)
    }
    return { mates, strangers, images, identities }
  }

  /** Pairs of rows with later rows, some rows at a time; see the binding. */
  async *pairs(labels: Int32Array, bins: number, low: number, high: number, listed?: Uint8Array) {
    for (const [first, count] of this.#calls(this.count))
      yield await this.#native.galleryPairs(this.#open(), labels, first, count, bins, low, high, listed)
  }

  kMeansSeeds(k: number, seed: number, restart: number): Promise<Int32Array> {
    return this.#native.kMeansSeeds(this.#open(), k, seed, restart)
  }

  kMeansStep(centers: Float32Array) {
    return naming('centers', this.#native.kMeansStep(this.#open(), centers))
  }

  /** Frees the native memory and lets the rows go; closing twice is harmless. */
  async close(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    if (handle !== undefined) await this.#native.close(handle)
  }

  #open(): number {
    if (this.#handle === undefined) throw new NPairError('CLOSED', 'This gallery was closed')
    return this.#handle
  }

  /** First query and number of queries of each call. */
  *#calls(queries: number, atMost = 4096): Generator<[first: number, count: number]> {
    // Whole tiles of the engine's 256 queries where there is work for them.
    const most = callWork / Math.max(1, this.count * this.size)
    const step = Math.min(atMost, 4096, most >= 256 ? Math.floor(most / 256) * 256 : Math.max(16, Math.floor(most)))
    for (let first = 0; first < queries; first += step) yield [first, Math.min(step, queries - first)]
  }
}

function largestClass(labels: Int32Array): number {
  const sizes = new Map<number, number>()
  let most = 1
  for (const label of labels) {
    const size = (sizes.get(label) ?? 0) + 1
    sizes.set(label, size)
    most = Math.max(most, size)
  }
  return most
}

/** A row that the engine refuses, told with the option that it came in by; the engine's row 0 is row `first` there. */
async function naming<T>(option: string, work: Promise<T>, first = 0): Promise<T> {
  try {
    return await work
  } catch (error) {
    const [, row, fault] = (error instanceof NPairError && /^Row (\d+) of the \w+ (.*)$/s.exec(error.message)) || []
    if (row === undefined) throw error
    throw new NPairError('INVALID_OPTION', `Row ${first + Number(row)} of ${option} ${fault}`, { option, cause: error })
  }
}

function room(queries: number, k: number): { ids: Int32Array; scores: Float64Array } {
  try {
    return { ids: new Int32Array(queries * k), scores: new Float64Array(queries * k) }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new NPairError(
      'INVALID_OPTION',
      `${k} neighbours of each of ${queries} queries are more than fit into memory`,
      {
        option: 'k',
        cause: error,
      },
    )
  }
}
