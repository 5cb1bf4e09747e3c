import type { FileHandle } from 'node:fs/promises'
import { Embeddings } from '../embeddings.js'
import { NPairError } from '../errors.js'
import { Gallery, type GalleryOptions } from '../native/gallery.js'
import type { Hit, IndexEntry } from './indexOptions.js'

/** Rows that are read from a file at a time. */
const runRows = 8192

/** A file of an index, held open: whoever writes the index anew takes only its name away. */
export interface OpenFile {
  readonly path: string
  readonly handle: FileHandle
}

/** Rows of an index that were added together, or lie in one file. */
export class Segment {
  /** Rows that were not removed. */
  alive: number
  readonly #gallery: Gallery
  readonly #entries: readonly IndexEntry[]
  /** `[rows]` 0 where a row was removed */
  readonly #kept: Uint8Array
  /** The rows, or the file that they lie in. */
  readonly #rows: Embeddings | OpenFile

  private constructor(gallery: Gallery, entries: readonly IndexEntry[], rows: Embeddings | OpenFile) {
    this.#gallery = gallery
    this.#entries = entries
    this.#rows = rows
    this.#kept = new Uint8Array(entries.length).fill(1)
    this.alive = entries.length
  }

  static async open(rows: Embeddings, entries: readonly IndexEntry[], options: GalleryOptions): Promise<Segment> {
    return new Segment(await Gallery.open(rows, options, 'rows'), entries, rows)
  }

  /** `file` is closed with the segment; where mapping fails it stays the caller's. */
  static async map(
    file: OpenFile,
    entries: readonly IndexEntry[],
    size: number,
    options: GalleryOptions,
  ): Promise<Segment> {
    return new Segment(await Gallery.map(file.path, entries.length, size, options), entries, file)
  }

  /** The living rows of segments of rows of this size, copied. */
  static async merge(segments: readonly Segment[], size: number, options: GalleryOptions): Promise<Segment> {
    const data = new Float32Array(segments.reduce((sum, { alive }) => sum + alive, 0) * size)
    let start = 0
    for (const segment of segments)
      for await (const part of segment.parts()) {
        data.set(part, start)
        start += part.length
      }
    const entries = segments.flatMap((segment) => [...segment.living()].map((row) => segment.entry(row)))
    return Segment.open(new Embeddings(data, size), entries, options)
  }

  /** Rows, removed ones included. */
  get count(): number {
    return this.#kept.length
  }

  /** Whether no row was removed. */
  get isWhole(): boolean {
    return this.alive === this.count
  }

  get inMemory(): boolean {
    return this.#rows instanceof Embeddings
  }

  entry(row: number): IndexEntry {
    return this.#entries[row] as IndexEntry
  }

  /** The numbers of a row. */
  async row(row: number): Promise<Float32Array> {
    return this.#rows instanceof Embeddings ? this.#rows.row(row) : this.#read(this.#rows, row, row + 1)
  }

  *living(): Generator<number> {
    for (let row = 0; row < this.#kept.length; row++) if (this.#kept[row]) yield row
  }

  remove(row: number): void {
    this.#kept[row] = 0
    this.alive--
  }

  /** Adds what it finds to the hits of each query. */
  async search(
    queries: Embeddings,
    k: number,
    filter: ((entry: IndexEntry) => boolean) | undefined,
    hits: Hit[][],
  ): Promise<void> {
    const all = filter === undefined && this.isWhole
    const allowed = all
      ? undefined
      : this.#kept.map((kept, row) => (kept && (filter?.(this.entry(row)) ?? true) ? 1 : 0))
    const found = await this.#gallery.nearest(queries, k, allowed)
    found.ids.forEach((row, i) => {
      if (row < 0) return
      hits[Math.floor(i / found.k)]?.push({ ...this.entry(row), score: found.scores[i] as number })
    })
  }

  /**
   * Adds rows that somebody names to the hits of each query, but for removed ones.
   *
   * @param rows - `[queries, any number]`, −1 for none; overwritten
   */
  async score(queries: Embeddings, rows: Int32Array, hits: Hit[][]): Promise<void> {
    rows.forEach((row, i) => {
      if (row >= 0 && !this.#kept[row]) rows[i] = -1
    })
    const scores = await this.#gallery.scores(queries, rows)
    const each = rows.length / queries.count
    rows.forEach((row, i) => {
      if (row >= 0) hits[Math.floor(i / each)]?.push({ ...this.entry(row), score: scores[i] as number })
    })
  }

  /** The living rows in order, runs of neighbours together. */
  async *parts(): AsyncGenerator<Float32Array> {
    const { size } = this.#gallery
    const rows = this.#rows
    for (let from = 0; from < this.count; ) {
      let to = from
      while (to < this.count && this.#kept[to] && to - from < runRows) to++
      if (to > from)
        yield rows instanceof Embeddings ? rows.data.subarray(from * size, to * size) : await this.#read(rows, from, to)
      from = to > from ? to : to + 1
    }
  }

  async #read({ path, handle }: OpenFile, from: number, to: number): Promise<Float32Array> {
    const numbers = new Float32Array((to - from) * this.#gallery.size)
    const bytes = new Uint8Array(numbers.buffer)
    for (let done = 0; done < bytes.length; ) {
      const { bytesRead } = await handle.read(bytes, done, bytes.length - done, 4 * from * this.#gallery.size + done)
      if (bytesRead === 0) throw new NPairError('INDEX_CORRUPT', `${path} ends before its last row`)
      done += bytesRead
    }
    return numbers
  }

  async close(): Promise<void> {
    await this.#gallery.close()
    if (!(this.#rows instanceof Embeddings)) await this.#rows.handle.close()
  }
}
