import type { Interval } from '../metrics/interval.js'

/** One figure of merit of a result. */
export interface Figure {
  /** In `unit`; fractions lie in [0, 1]. */
  value: number
  /** Standard error of `value`, in the same unit; `definition` says over what. */
  standardError?: number
  /** Where the true value lies; the result's definition says what was resampled. */
  interval?: Interval
  unit: 'fraction' | 'score'
  /** Which direction is better; `none` for figures that only describe, such as a threshold. */
  better: 'higher' | 'lower' | 'none'
  /** Name for people, for example `Recall@1`. */
  label: string
  /** One sentence: how the figure is computed. */
  definition: string
  /** Name and version of the metric's definition in `metrics.definitions`. */
  metric?: string
  metricVersion?: number
}

/** A table of a result, for example one line a fold. */
export interface ResultTable {
  label: string
  columns: { label: string; unit: 'text' | 'count' | Figure['unit'] }[]
  rows: (string | number | null)[][]
}

/** What a protocol found: plain JSON, complete enough to be read without the program that wrote it. */
export interface EvaluationResult {
  /** The protocol's `type`. */
  protocol: string
  /** Version of the protocol's definition: it rises when the same embeddings could give other figures. */
  version: 1 | 2
  /** What was done, in words. */
  definition: string
  /** The protocol's options, resolved. */
  options: Record<string, unknown>
  /** The data judged on: the dataset's plan. */
  data: unknown
  /** How much was judged: images, classes, pairs, … */
  counts: Record<string, number>
  /** Name of the figure that stands for the result where only one can. */
  headline: string
  figures: Record<string, Figure>
  tables: Record<string, ResultTable>
  /** Named curves, each a few columns of equal use, for example `roc: { far, tar }`. */
  curves: Record<string, Record<string, number[]>>
  /** What a reader must know beyond the figures: what was left out, and why. */
  notes: string[]
}
