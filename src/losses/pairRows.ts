import { invalidOption, NPairError } from '../errors.js'
import type { Labels } from './loss.js'

/**
 * Which rows are anchors and which their positives: a label's first row is the anchor, its second the positive.
 *
 * @param count - number of rows
 * @returns `[2N]` row numbers: N anchors in the order they come, then their positives
 * @throws NPairError `INVALID_OPTION` naming the label that is not there exactly twice
 */
export function pairRows(labels: Labels, count: number): Int32Array {
  if (typeof labels !== 'object' || labels === null || !Number.isInteger(labels.length))
    throw invalidOption('labels', 'an array', labels)
  if (labels.length !== count || count === 0)
    throw invalidOption('labels', count === 0 ? 'at least one pair of rows' : `${count} labels, one a row,`, labels)
  const rows = new Map<number | string, number[]>()
  for (let row = 0; row < count; row++) {
    const label = labels[row] as number | string
    if (typeof label !== 'string' && !Number.isFinite(label))
      throw invalidOption(`labels[${row}]`, 'a finite number or a string', label)
    const own = rows.get(label)
    if (own) own.push(row)
    else rows.set(label, [row])
  }
  const order = new Int32Array(count)
  let pair = 0
  for (const [label, own] of rows) {
    const [anchor, positive] = own
    if (own.length !== 2 || anchor === undefined || positive === undefined)
      throw new NPairError(
        'INVALID_OPTION',
        `Expected every label exactly twice (anchor and positive) for labels but ${JSON.stringify(label)} is there ` +
          (own.length === 1
            ? `once (row ${anchor})`
            : `${own.length} times (rows ${own.slice(0, 5).join(', ')}${own.length > 5 ? ', …' : ''})`),
        { option: 'labels' },
      )
    order[pair] = anchor
    order[count / 2 + pair] = positive
    pair++
  }
  return order
}
