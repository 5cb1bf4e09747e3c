import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { Index } from '../../src/retrieval/searchIndex.js'
import { entriesOf } from './indexRows.js'
import { throws } from './throws.js'

test('an add that fails on the way leaves every row that was there', async (t) => {
  const row = (count: number) => new Embeddings(new Float32Array(2 * count).fill(1), 2)
  const rows = row(4)
  const index = await Index.build(rows, entriesOf(4))
  await index.add(row(2), entriesOf(2, 4))
  await index.add(row(1), entriesOf(1, 6))
  // Rows are not copied: changed against the rules, they cannot be merged with those that the next add would merge them with.
  rows.data[0] = Number.NaN
  await throws(t, 'INVALID_OPTION', index.add(row(1), entriesOf(1, 7)))
  rows.data[0] = 1
  t.is(index.count, 7)
  const [hits] = await index.search(row(1))
  t.deepEqual(
    hits?.map(({ id }) => id),
    entriesOf(7).map(({ id }) => id),
  )
  await index.add(row(1), entriesOf(1, 7))
  t.is((await index.search(row(1)))[0]?.length, 8)
  await index.close()
})
