import { join } from 'node:path'
import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { NPairError } from '../../src/errors.js'
import { Random } from '../../src/random.js'
import type { Hit, IndexEntry } from '../../src/retrieval/indexOptions.js'
import { Index } from '../../src/retrieval/searchIndex.js'
import { temporaryFolder } from '../data/temporaryFolder.js'
import { score, someRows } from '../reference/nearest.js'
import { entriesOf, rowsOf } from './indexRows.js'
import { throws } from './throws.js'

/** Slow and obvious: a list of rows in order, all scores, a sort. */
class Plain {
  rows: { entry: IndexEntry; row: Float32Array }[] = []

  search(query: Float32Array, k: number, filter: (entry: IndexEntry) => boolean): Hit[] {
    const hits = this.rows
      .filter(({ entry }) => filter(entry))
      .map(({ entry, row }) => ({ ...entry, score: score(query, row, 'cosine') }))
    return hits.sort((a, b) => b.score - a.score).slice(0, k)
  }
}

test('a long random life equals a list that is sorted', async (t) => {
  for (const shortlist of ['float32', 'int8'] as const) {
    const random = new Random(8, 'report')
    const all = someRows(3000, 7, () => random.normal())
    const folder = join(await temporaryFolder(t), 'index')
    const plain = new Plain()
    let index = await Index.build(rowsOf(all, 0, 0), [], { shortlist })
    let next = 0
    for (let round = 0; round < 60; round++) {
      const count = Math.min(random.below(90), all.count - next)
      const entries = entriesOf(count, next)
      await index.add(rowsOf(all, next, next + count), entries)
      entries.forEach((entry, i) => {
        plain.rows.push({ entry, row: all.row(next + i) })
      })
      next += count
      const gone = new Set(Array.from({ length: random.below(30) }, () => `image ${random.below(next + 1)}`))
      const left = plain.rows.filter(({ entry }) => !gone.has(entry.id))
      t.is(await index.remove(gone), plain.rows.length - left.length)
      plain.rows = left
      t.is(index.count, left.length)
      if (round % 20 === 19) {
        await index.save(folder)
        await index.close()
        index = await Index.load(folder, { shortlist })
      }
      const queries = rowsOf(all, random.below(2900), 2900 + random.below(100))
      const some = new Embeddings(queries.data.slice(0, 7 * 4), 7)
      const [k, label] = [1 + random.below(20), random.below(8)]
      const filter = (entry: IndexEntry) => label > 4 || entry.label === label
      const found = await index.search(some, label > 5 ? { k } : { k, filter })
      t.deepEqual(
        found,
        Array.from(some, (query) => plain.search(query, k, filter)),
      )
    }
    t.true(next > 1000)
    await index.close()
  }
})

test('closing twice, at once or one after the other, waits for what is under way', async (t) => {
  const index = await Index.build(new Embeddings(Float32Array.of(1, 2), 2), entriesOf(1))
  const searching = index.search(new Embeddings(Float32Array.of(1, 2), 2))
  await t.notThrowsAsync(Promise.all([index.close(), index.close()]))
  t.is((await searching)[0]?.length, 1)
  await t.notThrowsAsync(index.close())
})

test('as many hits as are asked for, where there are as many', async (t) => {
  const index = await Index.build(new Embeddings(Float32Array.of(1, 2, 3, 4), 2), entriesOf(2))
  const query = new Embeddings(Float32Array.of(1, 2), 2)
  for (const k of [1e9, 4e9, Number.MAX_SAFE_INTEGER]) t.is((await index.search(query, { k }))[0]?.length, 2)
  await index.close()
})

test('what is wrong is named, and changes nothing', async (t) => {
  const rows = new Embeddings(Float32Array.of(1, 0, 0, 1), 2)
  const index = await Index.build(rows, entriesOf(2))
  const refused = async (pattern: RegExp, work: Promise<unknown>) =>
    t.regex(await throws(t, 'INVALID_OPTION', work), pattern)
  await refused(/2 entries/, index.add(rows, entriesOf(1)))
  await refused(/entries\[1\]\.id/, index.add(rows, [{ id: 'new' }, { id: 'new' }]))
  await refused(/no other row has for entries\[0\]\.id/, index.add(rows, entriesOf(2, 1)))
  await refused(/a string for entries\[0\]\.id/, index.add(rows, [{ id: 1 }, { id: 2 }] as never))
  await refused(/entries\[0\]\.label/, index.add(rows, [{ id: 'a', label: Number.NaN }, { id: 'b' }]))
  await refused(/did you mean entries\[0\]\.label/, index.add(rows, [{ id: 'a', lable: 1 }, { id: 'b' }] as never))
  const cyclic: { inner?: unknown } = {}
  cyclic.inner = [cyclic]
  for (const [metadata, name] of [
    [1n, ''],
    [Number.NaN, ''],
    [{ a: [1, Number.POSITIVE_INFINITY] }, '.a[1]'],
    [[undefined], '[0]'],
    [new Map([[1, 2]]), ''],
    [{ at: new Date(0) }, '.at'],
    [{ f: () => 1 }, '.f'],
    [Symbol('s'), ''],
    [cyclic, '.inner[0]'],
  ] as const) {
    const error = await t.throwsAsync(index.add(rows, [{ id: 'a' }, { id: 'b', metadata }]), { instanceOf: NPairError })
    t.is(error?.option, `entries[1].metadata${name}`, error?.message)
  }
  await refused(
    /Row 0 of rows has the length NaN/,
    index.add(new Embeddings(Float32Array.of(Number.NaN, 1), 2), [{ id: 'a' }]),
  )
  await refused(/queries\.size/, index.search(new Embeddings(Float32Array.of(1), 1)))
  await refused(/for k/, index.search(rows, { k: 0.5 }))
  await refused(/a function for filter/, index.search(rows, { filter: 1 as never }))
  await refused(/for folder/, index.save(''))
  await refused(/for metric/, Index.build(rows, entriesOf(2), { metric: 'l2' as never }))
  t.is(index.count, 2)
  await index.close()
})
