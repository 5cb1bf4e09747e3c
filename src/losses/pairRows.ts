import { type Arrangement, areSets, denseLabels, denseSets, wrongLabels } from './arrangement.js'
import type { Labels } from './loss.js'

/**
 * Which rows are anchors and which their positives: of a label's rows the first half are anchors and the second half, in the
 * same order, their positives. Rows that have lists of labels come as N anchors, then their positives.
 *
 * @param count - number of rows
 * @param repeats - whether a label may have more than one pair
 * @throws NPairError `INVALID_OPTION` naming the label that does not come in pairs
 */
export function pairRows(labels: Labels, count: number, repeats: boolean): Arrangement {
  if (repeats && areSets(labels)) return pairedSets(labels, count)
  const dense = denseLabels(labels, count)
  const rows = new Map<number, number[]>()
  dense.forEach((label, row) => {
    const own = rows.get(label)
    if (own) own.push(row)
    else rows.set(label, [row])
  })
  const pairs: [number, number][] = []
  for (const own of rows.values()) {
    const half = own.length / 2
    if (repeats ? !Number.isInteger(half) : half !== 1) throw notInPairs(labels, own, repeats)
    for (let k = 0; k < half; k++) pairs.push([own[k] as number, own[half + k] as number])
  }
  const order = Int32Array.from([...pairs.map(([anchor]) => anchor), ...pairs.map(([, positive]) => positive)])
  return { order, labels: order.map((row) => dense[row] as number) }
}

function notInPairs(labels: Labels, rows: number[], repeats: boolean) {
  const wanted = repeats
    ? 'every label an even number of times (anchors, then positives)'
    : 'every label exactly twice (anchor and positive)'
  const there =
    rows.length === 1
      ? `once (row ${rows[0]})`
      : `${rows.length} times (rows ${rows.slice(0, 5).join(', ')}${rows.length > 5 ? ', …' : ''})`
  return wrongLabels(`Expected ${wanted} for labels but ${JSON.stringify(labels[rows[0] as number])} is there ${there}`)
}

function pairedSets(labels: Labels, count: number): Arrangement {
  const { labels: flat, offsets } = denseSets(labels, count)
  const set = (row: number) => [...flat.subarray(offsets[row], offsets[row + 1])].sort((a, b) => a - b).join()
  if (count % 2 !== 0)
    throw wrongLabels(`Expected N anchors and their N positives for labels but received ${count} rows`)
  for (let i = 0; i < count / 2; i++)
    if (set(i) !== set(count / 2 + i))
      throw wrongLabels(`Expected rows ${i} and ${count / 2 + i} (anchor, positive) to have the same labels`)
  return { labels: flat, offsets }
}
