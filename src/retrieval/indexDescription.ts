import { createHash } from 'node:crypto'
import { NPairError } from '../errors.js'
import { isModelIdentity, type ModelIdentity } from '../model/identity.js'
import type { Metric } from '../native/gallery.js'
import type { ApproximateOptions } from './graph.js'
import type { IndexEntry } from './indexOptions.js'
import { type ApproximateRecall, isApproximateRecall } from './recall.js'

/** index.json of a saved index; the rows lie beside it in a file of float32 `[count, size]`, nothing else in it. */
export interface IndexDescription {
  readonly format: 'npair-index'
  /** 1 had no model, no checksum and no graph, 2 no recall of a graph. */
  readonly version: 1 | 2 | 3
  /** Different each time it is saved. */
  readonly generation: number
  readonly metric: Metric
  readonly size: number
  /** Of the model that made the rows; missing where it is tied to none. */
  readonly model?: ModelIdentity | undefined
  readonly count: number
  /** Name of the file of the rows, and its SHA-256. */
  readonly rows: string
  readonly sha256: string
  /** A graph of all rows for approximate search; missing where there is none. */
  readonly graph?: GraphDescription | undefined
  /** `[count]` */
  readonly entries: readonly IndexEntry[]
  /** SHA-256 of the JSON of all the others, in their order. */
  readonly checksum?: string
}

/** The file of a graph, its SHA-256, what it was built with, and its recall, if it was measured. */
export interface GraphDescription extends Required<ApproximateOptions> {
  readonly file: string
  readonly sha256: string
  readonly recall?: ApproximateRecall | undefined
}

/** A description before anything in it is believed. */
type Unchecked<T> = { readonly [name in keyof T]?: unknown }

/**
 * @param path - where the text is from, for errors
 * @throws NPairError `INDEX_CORRUPT`
 */
export function parseDescription(text: string, path: string): IndexDescription {
  const corrupt = (what: string) => new NPairError('INDEX_CORRUPT', `${path} ${what}`)
  let found: Unchecked<IndexDescription>
  try {
    found = JSON.parse(text)
  } catch {
    throw corrupt('is no JSON: truncated or altered')
  }
  if (typeof found !== 'object' || found === null || found.format !== 'npair-index')
    throw corrupt('is no index of npair')
  if (found.version !== 1 && found.version !== 2 && found.version !== 3)
    throw corrupt(`has version ${found.version}; this npair reads versions 1, 2 and 3: build the index anew`)
  if (!fits(found)) throw corrupt('is damaged: a field is missing or does not fit the others')
  if (found.version !== 1 && checksumOf(found) !== found.checksum) throw corrupt('was altered: its SHA-256 is another')
  return found
}

/** The text of index.json, which its checksum becomes a part of. */
export function formatDescription(description: IndexDescription): string {
  return `${JSON.stringify({ ...description, checksum: checksumOf(description) })}\n`
}

/** What the checksum of a description has to be. */
export function checksumOf({ checksum: _, ...rest }: Unchecked<IndexDescription>): string {
  return textHash(JSON.stringify(rest))
}

/** SHA-256 of a text. */
export const textHash = (text: string) => createHash('sha256').update(text).digest('hex')

function fits(found: Unchecked<IndexDescription>): found is IndexDescription {
  const { version, generation, metric, size, model, count, rows, sha256, graph, entries, checksum } = found
  const whole = (x: unknown): x is number => Number.isSafeInteger(x) && (x as number) >= 0
  const named = typeof rows === 'string' && /^rows-\d+\.f32$/.test(rows) && typeof sha256 === 'string'
  const known = ['cosine', 'dot', 'euclidean'].includes(metric as string)
  const isList = Array.isArray(entries) && entries.every((entry) => typeof entry?.id === 'string')
  const listed = isList && entries.length === count && new Set(entries.map(({ id }) => id)).size === count
  const tied = model === undefined || (version !== 1 && isModelIdentity(model))
  const linked = graph === undefined || (version !== 1 && isGraph(graph, version))
  const signed = (checksum === undefined) === (version === 1)
  return signed && tied && linked && whole(generation) && whole(size) && size >= 1 && named && known && listed
}

function isGraph(value: unknown, version: unknown): value is GraphDescription {
  const { file, sha256, connectivity, expansion, recall } = (value ?? {}) as Unchecked<GraphDescription>
  const within = (x: unknown, least: number) =>
    Number.isSafeInteger(x) && (x as number) >= least && (x as number) < 2 ** 16
  const named = typeof file === 'string' && /^graph-\d+\.usearch$/.test(file) && typeof sha256 === 'string'
  const measured = recall === undefined || (version === 3 && isApproximateRecall(recall))
  return named && within(connectivity, 2) && within(expansion, 1) && measured
}
