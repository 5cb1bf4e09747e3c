import { join, resolve } from 'node:path'
import { requireBoolean, requireInteger, requireNames, requireObject } from '../config/require.js'
import type { Embeddings } from '../embeddings.js'
import { invalidOption, NPairError } from '../errors.js'
import { isModelIdentity, type ModelIdentity, requireSameModel } from '../model/identity.js'
import type { Metric, Shortlist } from '../native/gallery.js'
import { Approximation } from './approximation.js'
import { type ApproximateOptions, resolveApproximate } from './graph.js'
import { readIndex, type SavedState, writeIndex } from './indexFiles.js'
import type {
  Hit,
  IndexAddOptions,
  IndexEntry,
  IndexLoadOptions,
  IndexOptions,
  RecallOptions,
  SearchOptions,
} from './indexOptions.js'
import { type ApproximateRecall, approximateRecall } from './recall.js'
import { requireJson } from './requireJson.js'
import { Segment } from './segment.js'
import { requireEmbeddings, requireMetric, requireShortlist } from './topK.js'

/**
 * Embeddings with ids that are searched exactly, on the engine. Of equally near rows the one that was added first comes first.
 * It holds native memory, and the file that it was loaded from, until it is closed; rows that are given are not copied and may not be changed meanwhile.
 */
export class Index {
  readonly metric: Metric
  /** Numbers in a row. */
  readonly size: number
  /** Of the model that made the rows; undefined for an index that is tied to none: built from vectors alone, or before there was this. */
  readonly model: ModelIdentity | undefined
  readonly #shortlist: Shortlist
  #segments: Segment[] = []
  /** Over the first of the segments, which are never merged with others. */
  #approximation: Approximation | undefined
  readonly #places = new Map<string, { segment: Segment; row: number }>()
  /** Of the folder that it was loaded from or saved into. */
  #saved: { folder: string; state: SavedState } | undefined
  #closed = false
  #closing: Promise<void> | undefined
  /** Ends when all that was asked before is done: nothing changes under a search. */
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(metric: Metric, size: number, model: ModelIdentity | undefined, shortlist: Shortlist) {
    this.metric = metric
    this.size = size
    this.model = model
    this.#shortlist = shortlist
  }

  /**
   * @param rows - `[n, d]`, n may be 0
   * @param entries - `[n]` with different ids
   * @throws NPairError `INVALID_OPTION`
   */
  static async build(rows: Embeddings, entries: readonly IndexEntry[], options: IndexOptions = {}): Promise<Index> {
    requireEmbeddings('rows', rows)
    requireNames('', options, ['metric', 'shortlist', 'model'])
    const { metric = rows.metric, shortlist = 'auto', model }: IndexOptions = options
    requireMetric(metric)
    requireShortlist(shortlist)
    const index = new Index(metric, rows.size, identityOf(model), shortlist)
    await index.add(rows, entries, model === undefined ? {} : { model })
    return index
  }

  /**
   * Loads what `save` wrote; the rows stay in the file and are mapped into memory, whoever else has them mapped.
   *
   * @throws NPairError `NOT_FOUND`, `INDEX_CORRUPT`; with `approximate` `INVALID_OPTION` where no graph was saved, `DEPENDENCY_MISSING`
   */
  static async load(folder: string, options: IndexLoadOptions = {}): Promise<Index> {
    requireFolder(folder)
    requireNames('', options, ['shortlist', 'verify', 'approximate'])
    const { shortlist = 'auto', verify = true, approximate = false } = options
    requireShortlist(shortlist)
    requireBoolean('verify', verify)
    requireBoolean('approximate', approximate)
    const at = resolve(folder)
    const { description, state, taken } = await readIndex(at, verify, approximate, async (rows, found) => {
      const { entries, size, metric, graph } = found
      if (approximate && !graph)
        throw invalidOption('approximate', `false for ${folder}, which was saved without a graph,`, approximate)
      // Nothing can be mapped of an empty file.
      if (entries.length === 0) return rows.handle
      const segment = await Segment.map(rows, entries, size, { metric, shortlist })
      if (!approximate || !graph) return { segment, close: () => segment.close() }
      const { file, connectivity, expansion } = graph
      const shape = { metric, size, connectivity, expansion }
      try {
        const approximation = await Approximation.load(join(at, file), segment, shape)
        return { segment, approximation, close: () => segment.close() }
      } catch (error) {
        await segment.close()
        throw error
      }
    })
    const { metric, size, model } = description
    const index = new Index(metric, size, model, shortlist)
    if ('segment' in taken) {
      index.#append(taken.segment)
      if ('approximation' in taken) index.#approximation = taken.approximation
    } else await taken.close()
    index.#saved = { folder: at, state }
    return index
  }

  /** Rows that can be found. */
  get count(): number {
    return this.#places.size
  }

  /**
   * @param rows - `[n, d]` of this index's size
   * @param entries - `[n]` with ids that the index does not hold
   * @throws NPairError `INVALID_OPTION`, `INDEX_MODEL` for rows of another model, or of none where the index has one, and then
   *   nothing is added; `CLOSED`
   */
  add(rows: Embeddings, entries: readonly IndexEntry[], options: IndexAddOptions = {}): Promise<void> {
    return this.#inTurn(async () => {
      requireEmbeddings('rows', rows, this.size)
      requireNames('', options, ['model'])
      const { model }: IndexAddOptions = options
      requireSameModel(this.model, identityOf(model))
      this.#requireEntries(entries, rows.count)
      if (rows.count === 0) return
      const gallery = { metric: this.metric, shortlist: this.#shortlist }
      const added = await Segment.open(rows, [...entries], gallery)
      const [kept, small] = this.#smallest(added.alive)
      if (small.length === 0) return this.#append(added)
      let merged: Segment
      try {
        merged = await Segment.merge([...small, added], this.size, gallery)
      } catch (error) {
        await added.close()
        throw error
      }
      // Only now: until here a failure leaves everything as it was.
      this.#segments = kept
      this.#append(merged)
      for (const segment of [...small, added]) await segment.close()
    })
  }

  /**
   * Takes rows out; an id that is not there is passed over.
   *
   * @returns how many were taken out
   */
  remove(ids: Iterable<string>): Promise<number> {
    return this.#inTurn(async () => {
      let removed = 0
      for (const id of ids) {
        const place = this.#places.get(id)
        if (place === undefined) continue
        place.segment.remove(place.row)
        this.#places.delete(id)
        removed++
      }
      return removed
    })
  }

  /** Whether a row has this id. */
  has(id: string): boolean {
    return this.#places.has(id)
  }

  /**
   * Links all rows in a graph (HNSW), through the package usearch, which has to be installed. Rows that are added later are searched
   * exactly, until it is called again.
   *
   * @throws NPairError `INVALID_OPTION`, `DEPENDENCY_MISSING`, `CLOSED`
   */
  approximate(options: ApproximateOptions = {}): Promise<void> {
    return this.#inTurn(async () => {
      const shape = { metric: this.metric, size: this.size, ...resolveApproximate(options) }
      this.#approximation = await Approximation.build([...this.#segments], shape)
    })
  }

  /**
   * The k nearest rows of each query, exactly unless `approximate` is asked for, nearest first; fewer where there are fewer.
   *
   * @param queries - `[q, d]` of this index's size
   * @throws NPairError `INVALID_OPTION`, also for `approximate` without a graph; `CLOSED`
   */
  search(queries: Embeddings, options: SearchOptions = {}): Promise<Hit[][]> {
    return this.#inTurn(async () => {
      requireEmbeddings('queries', queries, this.size)
      requireNames('', options, ['k', 'filter', 'approximate'])
      const { k = 10, filter, approximate = false }: SearchOptions = options
      requireInteger('k', k, 1)
      if (filter !== undefined && typeof filter !== 'function') throw invalidOption('filter', 'a function', filter)
      if (typeof approximate !== 'boolean') requireNames('approximate', approximate, ['candidates'])
      if (approximate === false) return this.#nearest(queries, k, filter)
      if (filter !== undefined) throw invalidOption('filter', 'undefined with approximate', filter)
      return this.#likely(queries, k, approximate === true ? {} : approximate)
    })
  }

  /**
   * How many of the k nearest rows approximate search finds, measured: these queries are searched both ways.
   *
   * @param queries - `[q, d]`, a sample of those that will be asked; q >= 1
   * @throws NPairError as {@link Index.search}
   */
  recall(queries: Embeddings, options: RecallOptions = {}): Promise<ApproximateRecall> {
    return this.#inTurn(async () => {
      requireEmbeddings('queries', queries, this.size)
      if (queries.count === 0) throw invalidOption('queries', 'at least one', queries.count)
      requireNames('', options, ['k', 'candidates'])
      const { k = 10, ...rest }: RecallOptions = options
      requireInteger('k', k, 1)
      const likely = await this.#likely(queries, k, rest)
      return approximateRecall(await this.#nearest(queries, k), likely, k)
    })
  }

  async #nearest(queries: Embeddings, k: number, filter?: SearchOptions['filter']): Promise<Hit[][]> {
    const hits: Hit[][] = Array.from({ length: queries.count }, () => [])
    for (const segment of this.#segments) await segment.search(queries, k, filter, hits)
    return nearestOf(hits, k)
  }

  async #likely(queries: Embeddings, k: number, options: { candidates?: number }): Promise<Hit[][]> {
    const { candidates = Math.max(128, 2 * k) } = options
    requireInteger('candidates', candidates, k)
    if (this.#approximation === undefined)
      throw invalidOption(
        'approximate',
        'false without a graph (index.approximate(), or Index.load with approximate)',
        true,
      )
    const hits: Hit[][] = Array.from({ length: queries.count }, () => [])
    await this.#approximation.search(queries, candidates, hits)
    for (const segment of this.#segments)
      if (!this.#approximation.covers(segment)) await segment.search(queries, k, undefined, hits)
    return nearestOf(hits, k)
  }

  /**
   * Writes the index into a folder: a new or empty one, or the one that it was loaded from or saved into last. Whole or not at all;
   * who has loaded the folder before goes on with what was there then. A graph goes with it where it is of these very rows, none
   * added nor removed since.
   *
   * @throws NPairError `OUTPUT_EXISTS` if the folder holds anything else, or was saved by another since; `RUN_LOCKED` while
   *   another writes it; `NOT_WRITABLE`, `CLOSED`
   */
  save(folder: string): Promise<void> {
    return this.#inTurn(async () => {
      requireFolder(folder)
      const at = resolve(folder)
      const loaded = this.#saved?.folder === at ? this.#saved.state : undefined
      const entries = this.#segments.flatMap((segment) => [...segment.living()].map((row) => segment.entry(row)))
      const segments = this.#segments
      const parts = (async function* () {
        for (const segment of segments) yield* segment.parts()
      })()
      const { metric, size, model } = this
      const approximation = this.#approximation?.isOf(segments) ? this.#approximation : undefined
      const graph = approximation && { ...approximation.shape, save: (path: string) => approximation.save(path) }
      const state = await writeIndex(at, loaded, parts, { metric, size, model, entries }, graph)
      this.#saved = { folder: at, state }
    })
  }

  /** Frees the native memory; closing twice is harmless. */
  close(): Promise<void> {
    this.#closing ??= this.#inTurn(async () => {
      this.#closed = true
      for (const segment of this.#segments) await segment.close()
    })
    return this.#closing
  }

  /**
   * The segments apart: those that stay, and the last ones that are merged with `added` rows, each no larger than all that is
   * merged after it. As many rows again are copied at most as are added, over all doublings: segments stay few.
   */
  #smallest(added: number): [kept: Segment[], small: Segment[]] {
    let first = this.#segments.length
    for (let alive = added; first > 0; first--) {
      const last = this.#segments[first - 1] as Segment
      if (!last.inMemory || last.alive > alive || this.#approximation?.covers(last)) break
      alive += last.alive
    }
    return [this.#segments.slice(0, first), this.#segments.slice(first)]
  }

  #append(segment: Segment): void {
    this.#segments = [...this.#segments, segment]
    for (const row of segment.living()) this.#places.set(segment.entry(row).id, { segment, row })
  }

  #requireEntries(entries: readonly IndexEntry[], count: number): void {
    if (!Array.isArray(entries) || entries.length !== count)
      throw invalidOption('entries', `an array of ${count} entries, one a row`, entries)
    const seen = new Set<string>()
    entries.forEach((entry, i) => {
      requireObject(`entries[${i}]`, entry)
      requireNames(`entries[${i}]`, entry, ['id', 'label', 'metadata'])
      if (typeof entry.id !== 'string') throw invalidOption(`entries[${i}].id`, 'a string', entry.id)
      if (entry.label !== undefined && typeof entry.label !== 'string' && !Number.isFinite(entry.label))
        throw invalidOption(`entries[${i}].label`, 'a string or a number', entry.label)
      if (entry.metadata !== undefined) requireJson(`entries[${i}].metadata`, entry.metadata)
      if (seen.has(entry.id) || this.has(entry.id))
        throw invalidOption(`entries[${i}].id`, 'an id that no other row has', entry.id)
      seen.add(entry.id)
    })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(() => {
      if (this.#closed) throw new NPairError('CLOSED', 'This index was closed')
      return work()
    })
    this.#turn = done.catch(() => undefined)
    return done
  }
}

function identityOf(model: IndexAddOptions['model']): ModelIdentity | undefined {
  if (model !== undefined && !isModelIdentity(model?.identity)) throw invalidOption('model', 'a Model', model)
  return model?.identity
}

/** Stable: of equal ones that of the earlier segment stays first. */
function nearestOf(hits: Hit[][], k: number): Hit[][] {
  return hits.map((own) => own.sort((a, b) => b.score - a.score).slice(0, k))
}

function requireFolder(folder: unknown): asserts folder is string {
  if (typeof folder !== 'string' || folder === '') throw invalidOption('folder', 'the path of a folder', folder)
}
