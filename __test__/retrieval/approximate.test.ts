import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { Random } from '../../src/random.js'
import { Graph } from '../../src/retrieval/graph.js'
import type { Hit } from '../../src/retrieval/indexOptions.js'
import { Index } from '../../src/retrieval/searchIndex.js'
import { temporaryFolder } from '../data/temporaryFolder.js'
import { throws } from './throws.js'
import { withUsearch } from './withUsearch.js'

const size = 16

function random(count: number, seed: number): Embeddings {
  const draws = new Random(seed, 'report')
  return new Embeddings(
    Float32Array.from({ length: count * size }, () => draws.normal()),
    size,
  )
}

const entriesOf = (count: number, first = 0) => Array.from({ length: count }, (_, i) => ({ id: `${first + i}` }))
const ids = (hits: readonly Hit[][]) => hits.map((own) => own.map(({ id }) => id))

withUsearch('scores are exact, and nearly all of the nearest are found; recall is what was found', async (t) => {
  const [rows, queries] = [random(3000, 1), random(50, 2)]
  for (const metric of ['cosine', 'dot', 'euclidean'] as const) {
    const index = await Index.build(rows, entriesOf(3000), { metric })
    await index.approximate()
    const all = await index.search(queries, { k: 3000 })
    // A graph of several threads is another each time, and may leave a row without a way to it.
    t.true((await index.recall(queries, { k: 10, candidates: 3000 })).recall > 0.99, metric)
    const few = await index.search(queries, { k: 10, approximate: { candidates: 40 } })
    for (const [query, own] of few.entries()) {
      t.is(own.length, 10)
      for (const { id, score } of own) t.is(score, all[query]?.find((hit) => hit.id === id)?.score as number)
    }
    const { recall, queries: count, k, interval, worst } = await index.recall(queries, { k: 10, candidates: 40 })
    const found = few.map((own, query) => {
      const nearest = new Set(all[query]?.slice(0, 10).map(({ id }) => id))
      return own.filter(({ id }) => nearest.has(id)).length / 10
    })
    t.true(Math.abs(recall - found.reduce((a, b) => a + b, 0) / 50) < 1e-12, `${metric} ${recall}`)
    t.is(worst, Math.min(...found))
    t.deepEqual([count, k, interval.method], [50, 10, 'wilson'])
    t.true(recall > (metric === 'dot' ? 0.8 : 0.95), `${metric} ${recall}`)
    t.true(interval.low < recall && interval.high >= recall)
    await index.close()
  }
})

withUsearch('rows that are added are found, rows that are removed are not', async (t) => {
  const [rows, more, queries] = [random(500, 3), random(300, 4), random(20, 5)]
  const index = await Index.build(rows, entriesOf(500))
  await index.remove(['7'])
  await index.approximate({ connectivity: 8, expansion: 64 })
  await index.add(more, entriesOf(300, 500))
  const [first] = ids(await index.search(queries, { k: 5 })) as [string[]]
  await index.remove([first[0] as string, '3', '501'])
  const exact = await index.search(queries, { k: 30 })
  const found = await index.search(queries, { k: 30, approximate: { candidates: 500 } })
  exact.forEach((own, query) => {
    const of = new Set(found[query]?.map(({ id }) => id))
    t.false(['7', '3', '501', first[0] as string].some((id) => of.has(id)))
    const added = own.filter(({ id }) => Number(id) >= 500)
    t.true(added.length > 3 && added.every(({ id }) => of.has(id)), 'these are searched exactly')
  })
  t.true((await index.recall(queries, { k: 30, candidates: 500 })).recall > 0.99)
  t.deepEqual((await index.recall(random(1, 9), { k: 1, candidates: 500 })).queries, 1)
  await index.close()
  const empty = await Index.build(new Embeddings(new Float32Array(0), size), [])
  t.is(await empty.approximate(), undefined)
  t.deepEqual(await empty.search(random(2, 1), { approximate: true }), [[], []])
  await empty.close()
})

withUsearch('a graph is saved with the rows that it is of, and loaded where it is asked for', async (t) => {
  const folder = join(await temporaryFolder(t), 'index')
  const [rows, queries] = [random(400, 6), random(20, 7)]
  const index = await Index.build(rows, entriesOf(400))
  await index.remove(['0', '200'])
  await index.approximate({ connectivity: 10 })
  await index.save(folder)
  t.deepEqual((await readdir(folder)).sort(), ['graph-1.usearch', 'index.json', 'rows-1.f32'])
  const options = { k: 5, approximate: { candidates: 30 } }
  const loaded = await Index.load(folder, { approximate: true })
  t.deepEqual(await loaded.search(queries, options), await index.search(queries, options))
  const plain = await Index.load(folder)
  t.regex(await throws(t, 'INVALID_OPTION', plain.search(queries, options)), /false without a graph .* for approximate/)

  const path = join(folder, 'graph-1.usearch')
  const whole = await readFile(path)
  await writeFile(
    path,
    whole.map((byte, i) => byte ^ (i === 900 ? 1 : 0)),
  )
  t.regex(await throws(t, 'INDEX_CORRUPT', Index.load(folder, { approximate: true })), /graph-1\.usearch was altered/)
  await writeFile(path, whole)

  // Once more with the graph, then without, for it is of other rows by then.
  await loaded.save(folder)
  t.deepEqual((await readdir(folder)).sort(), ['graph-2.usearch', 'index.json', 'rows-2.f32'])
  await loaded.remove(['5'])
  await loaded.save(folder)
  t.deepEqual((await readdir(folder)).sort(), ['index.json', 'rows-3.f32'])
  t.regex(await throws(t, 'INVALID_OPTION', Index.load(folder, { approximate: true })), /saved without a graph/)
  await Promise.all([index, loaded, plain].map((each) => each.close()))
})

withUsearch('what does not go with approximate search is named', async (t) => {
  const index = await Index.build(random(5, 1), entriesOf(5))
  const queries = random(1, 2)
  const refused = async (pattern: RegExp, work: Promise<unknown>) =>
    t.regex(await throws(t, 'INVALID_OPTION', work), pattern)
  await refused(/without a graph/, index.search(queries, { approximate: true }))
  await refused(/without a graph/, index.recall(queries))
  await refused(/for connectivity/, index.approximate({ connectivity: 1 }))
  await refused(/Unknown option m/, index.approximate({ m: 3 } as never))
  await index.approximate()
  await refused(
    /undefined with approximate for filter/,
    index.search(queries, { approximate: true, filter: () => true }),
  )
  await refused(/an integer >= 10 for candidates/, index.search(queries, { approximate: { candidates: 9 } }))
  await refused(/at least one for queries/, index.recall(random(0, 1)))
  await refused(/an integer >= 1 for queries\.sample/, index.recall({ sample: 0 }))
  await refused(/an integer >= 0 for queries\.seed/, index.recall({ seed: -1 }))
  await refused(/Unknown option queries\.samples/, index.recall({ samples: 3 } as never))
  await index.remove(['0', '1', '2', '3'])
  await refused(/Embeddings for an index of less than 2 rows for queries/, index.recall())
  await refused(
    /Row 0 of the queries/,
    index.search(new Embeddings(new Float32Array(size).fill(Number.NaN), size), { approximate: true }),
  )
  await index.close()
})

test('a package that is not installed is named, with what to do', async (t) => {
  const shape = { metric: 'cosine', size: 2, connectivity: 16, expansion: 128 } as const
  const message = await throws(t, 'DEPENDENCY_MISSING', Graph.create(shape, 1, 'usearch-that-is-nowhere'))
  t.regex(message, /package usearch-that-is-nowhere, which is not installed: npm install/)
})
