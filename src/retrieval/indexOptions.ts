import type { ModelIdentity } from '../model/identity.js'
import type { Metric, Shortlist } from '../native/gallery.js'

/** What is known of a row of an {@link Index}. */
export interface IndexEntry {
  /** Different in each row. */
  readonly id: string
  /** Its class. */
  readonly label?: string | number
  /** Whatever JSON can hold; anything else is refused. */
  readonly metadata?: unknown
}

/** A row that was found. */
export interface Hit extends IndexEntry {
  /** Larger = nearer. */
  readonly score: number
}

/** Options of {@link Index.add}. */
export interface IndexAddOptions {
  /** The model that made the rows; an index is tied to it. Default: none. */
  readonly model?: { readonly identity: ModelIdentity }
}

/** Options of {@link Index.build}. */
export interface IndexOptions extends IndexAddOptions {
  /** How near two rows are. Default: the rows' own `metric`, `cosine` but for `fusion: 'scores'`. */
  readonly metric?: Metric
  /** In what most rows are ruled out: it changes time and memory, never the result. Default `auto`. */
  readonly shortlist?: Shortlist
}

/** Options of {@link Index.load}. */
export interface IndexLoadOptions {
  /** As of {@link IndexOptions}. Default `auto`. */
  readonly shortlist?: Shortlist
  /** Whether the rows' SHA-256 is compared, which reads them all. Default true. */
  readonly verify?: boolean
  /** Whether the graph that was saved with it is loaded, for approximate search. Default false. */
  readonly approximate?: boolean
}

/** Options of {@link Index.search}. */
export interface SearchOptions {
  /** Hits of each query, an integer >= 1. Default 10. */
  readonly k?: number
  /** Whether a row may be found. Not with `approximate`. */
  readonly filter?: (entry: IndexEntry) => boolean
  /**
   * Whether only likely neighbours are scored, which {@link Index.approximate} has linked: some of the nearest may be missing, and
   * {@link Index.recall} measures how many. `candidates`: how many, an integer >= k. Default false; of `true` the larger of 128 and 2 · k.
   */
  readonly approximate?: boolean | { readonly candidates?: number }
}

/** Rows of an {@link Index} that are drawn at random to ask for their neighbours, each without itself. */
export interface RowSample {
  /** How many, an integer >= 1; all where there are no more. Default 400. */
  readonly sample?: number
  /** Which, an integer >= 0. Default 0. */
  readonly seed?: number
}

/** Options of {@link Index.recall}: those of an approximate search. */
export interface RecallOptions {
  /** As of {@link SearchOptions}. Default 10. */
  readonly k?: number
  /** As of {@link SearchOptions}. Default the larger of 128 and 2 · k. */
  readonly candidates?: number
}
