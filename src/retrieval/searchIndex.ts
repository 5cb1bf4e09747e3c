import { resolve } from 'node:path'
import { requireBoolean, requireInteger, requireNames } from '../config/require.js'
import type { Embeddings } from '../embeddings.js'
import { invalidOption } from '../errors.js'
import { isModelIdentity, type ModelIdentity, requireSameModel } from '../model/identity.js'
import type { Metric, Shortlist } from '../native/gallery.js'
import { Approximation } from './approximation.js'
import { type ApproximateOptions, resolveApproximate } from './graph.js'
import type {
  Hit,
  IndexAddOptions,
  IndexEntry,
  IndexLoadOptions,
  IndexOptions,
  RecallOptions,
  RowSample,
  SearchOptions,
} from './indexOptions.js'
import { likelyHits, resolveCandidates } from './likelyHits.js'
import { measureRecall } from './measureRecall.js'
import { openIndex, type SavedIndex } from './openIndex.js'
import type { ApproximateRecall } from './recall.js'
import { requireEntries } from './requireEntries.js'
import { Segments } from './segments.js'
import { requireEmbeddings, requireMetric, requireShortlist } from './topK.js'
import { Turns } from './turns.js'
import { writeIndex } from './writeIndex.js'

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
  readonly #segments: Segments
  /** Over the first of the segments. */
  #approximation: Approximation | undefined
  #saved: SavedIndex | undefined
  readonly #turns = new Turns('index')

  private constructor(metric: Metric, size: number, model: ModelIdentity | undefined, shortlist: Shortlist) {
    this.metric = metric
    this.size = size
    this.model = model
    this.#segments = new Segments(size, { metric, shortlist })
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
    const { description, saved, segment, approximation } = await openIndex(folder, { shortlist, verify, approximate })
    const { metric, size, model } = description
    const index = new Index(metric, size, model, shortlist)
    if (segment) index.#segments.append(segment)
    index.#approximation = approximation
    index.#saved = saved
    return index
  }

  /** Rows that can be found. */
  get count(): number {
    return this.#segments.count
  }

  /**
   * @param rows - `[n, d]` of this index's size
   * @param entries - `[n]` with ids that the index does not hold
   * @throws NPairError `INVALID_OPTION`, `INDEX_MODEL` for rows of another model, or of none where the index has one, and then
   *   nothing is added; `CLOSED`
   */
  add(rows: Embeddings, entries: readonly IndexEntry[], options: IndexAddOptions = {}): Promise<void> {
    return this.#turns.take(async () => {
      requireEmbeddings('rows', rows, this.size)
      requireNames('', options, ['model'])
      const { model }: IndexAddOptions = options
      requireSameModel(this.model, identityOf(model))
      requireEntries(entries, rows.count, (id) => this.has(id))
      if (rows.count === 0) return
      await this.#segments.add(rows, entries, (segment) => this.#approximation?.covers(segment) === true)
    })
  }

  /**
   * Takes rows out; an id that is not there is passed over.
   *
   * @returns how many were taken out
   */
  remove(ids: Iterable<string>): Promise<number> {
    return this.#turns.take(async () => this.#segments.remove(ids))
  }

  /** Whether a row has this id. */
  has(id: string): boolean {
    return this.#segments.has(id)
  }

  /**
   * Links all rows in a graph (HNSW), through the package usearch, which has to be installed. Rows that are added later are searched
   * exactly, until it is called again. Its recall is measured as `recall` does by default, which takes little beside the linking.
   *
   * @returns undefined for less than 2 rows
   * @throws NPairError `INVALID_OPTION`, `DEPENDENCY_MISSING`, `CLOSED`
   */
  approximate(options: ApproximateOptions = {}): Promise<ApproximateRecall | undefined> {
    return this.#turns.take(async () => {
      const shape = { metric: this.metric, size: this.size, ...resolveApproximate(options) }
      const approximation = await Approximation.build(this.#segments.all, shape)
      if (this.count > 1) approximation.recall = await measureRecall(this.#segments, approximation, {})
      this.#approximation = approximation
      return approximation.recall
    })
  }

  /**
   * What `approximate` measured; it is saved and loaded with the graph. Undefined without a graph, for one of less than 2 rows, or one
   * that was saved before there was this.
   */
  get approximateRecall(): ApproximateRecall | undefined {
    return this.#approximation?.recall
  }

  /**
   * The k nearest rows of each query, exactly unless `approximate` is asked for, nearest first; fewer where there are fewer.
   *
   * @param queries - `[q, d]` of this index's size
   * @throws NPairError `INVALID_OPTION`, also for `approximate` without a graph; `CLOSED`
   */
  search(queries: Embeddings, options: SearchOptions = {}): Promise<Hit[][]> {
    return this.#turns.take(async () => {
      requireEmbeddings('queries', queries, this.size)
      requireNames('', options, ['k', 'filter', 'approximate'])
      const { k = 10, filter, approximate = false }: SearchOptions = options
      requireInteger('k', k, 1)
      if (filter !== undefined && typeof filter !== 'function') throw invalidOption('filter', 'a function', filter)
      if (typeof approximate !== 'boolean') requireNames('approximate', approximate, ['candidates'])
      if (approximate === false) return this.#segments.search(queries, k, { filter })
      if (filter !== undefined) throw invalidOption('filter', 'undefined with approximate', filter)
      const candidates = resolveCandidates(k, approximate === true ? {} : approximate)
      return likelyHits(this.#segments, this.#linked(), queries, k, candidates)
    })
  }

  /**
   * How many of the k nearest rows approximate search finds, measured: these queries are searched both ways. Exact search of a few
   * hundred takes seconds for millions of rows.
   *
   * @param queries - `[q, d]`, a sample of those that will be asked, q >= 1; or how many rows of the index to draw, where no such
   *   queries are at hand: rows are easier to find than what is new. Default 400 rows
   * @throws NPairError as {@link Index.search}
   */
  recall(queries: Embeddings | RowSample = {}, options: RecallOptions = {}): Promise<ApproximateRecall> {
    return this.#turns.take(async () => {
      return measureRecall(this.#segments, this.#linked(), queries, options)
    })
  }

  #linked(): Approximation {
    if (this.#approximation !== undefined) return this.#approximation
    const expected = 'false without a graph (index.approximate(), or Index.load with approximate)'
    throw invalidOption('approximate', expected, true)
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
    return this.#turns.take(async () => {
      requireFolder(folder)
      const at = resolve(folder)
      const loaded = this.#saved?.folder === at ? this.#saved.state : undefined
      const { metric, size, model } = this
      const approximation = this.#approximation?.isOf(this.#segments.all) ? this.#approximation : undefined
      const graph = approximation && {
        ...{ ...approximation.shape, recall: approximation.recall },
        save: (path: string) => approximation.save(path),
      }
      const what = { metric, size, model, entries: this.#segments.entries() }
      const state = await writeIndex(at, loaded, this.#segments.parts(), what, graph)
      this.#saved = { folder: at, state }
    })
  }

  /** Frees the native memory; closing twice is harmless. */
  close(): Promise<void> {
    return this.#turns.close(() => this.#segments.close())
  }
}

function identityOf(model: IndexAddOptions['model']): ModelIdentity | undefined {
  if (model !== undefined && !isModelIdentity(model?.identity)) throw invalidOption('model', 'a Model', model)
  return model?.identity
}

function requireFolder(folder: unknown): asserts folder is string {
  if (typeof folder !== 'string' || folder === '') throw invalidOption('folder', 'the path of a folder', folder)
}
