import { invalidOption, NPairError } from '../errors.js'
import type { Labels } from './loss.js'

/** Rows as the engine takes them. */
export interface Arrangement {
  /** Row i of the engine is row `order[i]` of the caller; left out where the order is the same. */
  readonly order?: Int32Array
  /** In the engine's order; empty where the order says everything. */
  readonly labels: Int32Array
  /** Where rows have several labels: those of row i are `labels[offsets[i]] … labels[offsets[i + 1] − 1]`. */
  readonly offsets?: Int32Array
}

/** An error of the labels. */
export function wrongLabels(message: string): NPairError {
  return new NPairError('INVALID_OPTION', message, { option: 'labels' })
}

/** Refuses what are no labels for so many rows; a label is then a finite number or a string, or a list of them. */
export function requireLabels(labels: unknown, count: number): asserts labels is ArrayLike<unknown> {
  const { length } = (typeof labels === 'object' && labels !== null ? labels : {}) as { length?: unknown }
  if (!Number.isInteger(length)) throw invalidOption('labels', 'an array', labels)
  if (length !== count || count === 0)
    throw invalidOption('labels', count === 0 ? 'at least one pair of rows' : `${count} labels, one a row,`, labels)
}

/** Numbers 0, 1, … for labels in the order in which they first come. */
export function denseLabels(labels: Labels, count: number): Int32Array {
  requireLabels(labels, count)
  const ids = new Map<unknown, number>()
  return Int32Array.from({ length: count }, (_, row) => idOf(ids, labels[row], row))
}

function idOf(ids: Map<unknown, number>, label: unknown, row: number): number {
  if (typeof label !== 'string' && !(typeof label === 'number' && Number.isFinite(label)))
    throw invalidOption(`labels[${row}]`, 'a finite number or a string', label)
  const id = ids.get(label) ?? ids.size
  ids.set(label, id)
  return id
}

/** Lists of labels, dense as above. */
export function denseSets(labels: Labels, count: number): { labels: Int32Array; offsets: Int32Array } {
  requireLabels(labels, count)
  const ids = new Map<unknown, number>()
  const flat: number[] = []
  const offsets = new Int32Array(count + 1)
  for (let row = 0; row < count; row++) {
    const set: unknown = labels[row]
    if (!Array.isArray(set) || set.length === 0) throw invalidOption(`labels[${row}]`, 'a list of labels', set)
    for (const id of new Set(set.map((label) => idOf(ids, label, row)))) flat.push(id)
    offsets[row + 1] = flat.length
  }
  return { labels: Int32Array.from(flat), offsets }
}

/** Whether rows have several labels each. */
export function areSets(labels: Labels): boolean {
  return typeof labels === 'object' && labels !== null && Array.isArray((labels as ArrayLike<unknown>)[0])
}

/** Labels in any order, at least one of them twice; with `negatives`, also two different ones. */
export function byClass(labels: Labels, count: number, negatives: boolean): Arrangement {
  const dense = denseLabels(labels, count)
  const classes = new Set(dense).size
  if (classes === count) throw wrongLabels('Expected two rows of one class or more for labels but all of them differ')
  if (negatives && classes === 1) throw wrongLabels('Expected two classes or more for labels but all rows are of one')
  return { labels: dense }
}

/** Integers in [0, classes). */
export function byNumber(labels: Labels, count: number, classes: number): Arrangement {
  requireLabels(labels, count)
  const numbers = Array.from({ length: count }, (_, row) => {
    const label: unknown = labels[row]
    if (!(typeof label === 'number' && Number.isInteger(label) && label >= 0 && label < classes))
      throw invalidOption(`labels[${row}]`, `an integer in [0, ${classes})`, label)
    return label
  })
  return { labels: Int32Array.from(numbers) }
}

/** Rows in the order of tuplets: B queries, their B positives, then the first negative of each, the second, … */
export function byTuplet(labels: Labels, count: number, negatives: number, ideal = false): Arrangement {
  const dense = denseLabels(labels, count)
  const tuplets = count / (negatives + 2)
  if (!Number.isInteger(tuplets))
    throw wrongLabels(`Expected a multiple of ${negatives + 2} rows (query, positive, negatives) but received ${count}`)
  const classes = new Set(dense).size
  for (let b = 0; b < tuplets; b++) {
    const [own, positive] = [dense[b], dense[tuplets + b]]
    const others = Array.from({ length: negatives }, (_, k) => dense[(k + 2) * tuplets + b] as number)
    if (own !== positive)
      throw wrongLabels(`Expected rows ${b} and ${tuplets + b} (query, positive) to be of one class`)
    const k = others.indexOf(own as number)
    if (k >= 0)
      throw wrongLabels(`Expected row ${(k + 2) * tuplets + b}, a negative of row ${b}, to be of another class`)
    if (ideal && new Set(others).size !== classes - 1)
      throw wrongLabels(`Expected one negative of each other class for row ${b} (${classes} classes are in the batch)`)
    if (ideal && negatives !== classes - 1)
      throw wrongLabels(`Expected ${classes - 1} negatives, one of each other class, but the loss has ${negatives}`)
  }
  return { labels: dense }
}
