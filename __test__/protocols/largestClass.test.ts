import test from 'ava'
import { clustering } from '../../src/protocols/clustering.js'
import { formatTable } from '../../src/protocols/formatTable.js'
import { closedSet, openSetSplit } from '../../src/protocols/gallerySplit.js'
import { largestClass } from '../../src/protocols/largestClass.js'
import { recognition } from '../../src/protocols/recognition.js'
import { retrieval } from '../../src/protocols/retrieval.js'
import { labelledData } from './labelledData.js'

test('the largest class, or none', (t) => {
  t.is(largestClass([2, 5, 1].map((n) => new Int32Array(n))), 5)
  t.is(largestClass([]), 0)
})

/** More than a function takes arguments. */
const many = 200_000

test('a protocol takes any number of classes', (t) => {
  const data = labelledData([2, ...new Array<number>(many - 1).fill(1)])
  for (const protocol of [retrieval, recognition, clustering])
    t.is(protocol(data, { seed: 1 }).dataset.classes.length, many)
})

test('a gallery takes any number of images of a class, whichever side they are on', (t) => {
  const sizes = [many, many].map((n, c) => Int32Array.from({ length: n }, (_, i) => c * many + i))
  const choice = { galleryImages: 'one', seed: 0 } as const
  t.is(closedSet(sizes, choice).mated.length, 2 * many - 2)
  const split = openSetSplit(sizes, 0.5, { ...choice, galleryImages: 'allButOne' })
  t.is(split.unseen.length, many)
  t.is(split.gallery.length, many - 1)
})

test('a table takes any number of lines', (t) => {
  const line = ['one', 1] as [string, number]
  const table = {
    label: 'Lines',
    columns: [
      { label: '', unit: 'text' as const },
      { label: 'Value', unit: 'count' as const },
    ],
    rows: new Array<typeof line>(many).fill(line),
  }
  const result = {
    ...{ protocol: 'own', version: 1 as const, definition: '', options: {}, data: {}, counts: {}, headline: '' },
    ...{ figures: {}, tables: { table }, curves: {}, notes: [] },
  }
  t.is(
    formatTable(result)
      .split('\n')
      .filter((text) => text.startsWith('one')).length,
    many,
  )
})
