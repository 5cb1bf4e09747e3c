import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { wilsonOfMean } from '../../src/metrics/interval.js'
import { Random } from '../../src/random.js'
import { drawBelow } from '../../src/retrieval/drawBelow.js'
import { checksumOf } from '../../src/retrieval/indexDescription.js'
import { Index } from '../../src/retrieval/searchIndex.js'
import { temporaryFolder } from '../data/temporaryFolder.js'
import { someRows } from '../reference/nearest.js'
import { throws } from './throws.js'
import { withUsearch } from './withUsearch.js'

const rowsOf = (count: number, size: number, seed: number) => {
  const random = new Random(seed, 'report')
  return someRows(count, size, () => random.normal())
}
const entriesOf = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `${i}` }))

withUsearch('a sample of the rows, each asked for its neighbours without itself', async (t) => {
  const [rows, k, candidates] = [rowsOf(4000, 16, 1), 10, 20]
  const index = await Index.build(rows, entriesOf(4000))
  const gone = ['0', '17', '3999']
  await index.remove(gone)
  const measured = await index.approximate({ connectivity: 4, expansion: 8 })
  t.deepEqual(index.approximateRecall, measured)
  t.deepEqual([measured?.k, measured?.candidates, measured?.queries], [10, 128, 400])

  // Slow and obvious: which rows were drawn, and of each what is found without it.
  const living = entriesOf(4000).filter(({ id }) => !gone.includes(id))
  const drawn = drawBelow(living.length, 60, new Random(5, 'protocol')).map((place) => Number(living[place]?.id))
  const shares: number[] = []
  for (const row of drawn) {
    const query = new Embeddings(rows.row(row).slice(), 16)
    const [exact] = await index.search(query, { k: k + 1 })
    const [found] = await index.search(query, { k: k + 1, approximate: { candidates: candidates + 1 } })
    // Copies of a row are as near as each other: whichever is found.
    const others = (hits: typeof exact) => (hits ?? []).filter(({ id }) => id !== `${row}`).slice(0, k)
    const last = others(exact)[k - 1]?.score as number
    shares.push(others(found).filter(({ score }) => score >= last).length / k)
  }
  const recall = shares.reduce((a, b) => a + b, 0) / 60
  const sampled = await index.recall({ sample: 60, seed: 5 }, { k, candidates })
  t.true(Math.abs(sampled.recall - recall) < 1e-12, `${sampled.recall}, ${recall}`)
  t.true(recall < 1, 'a graph so thin loses some')
  t.deepEqual(
    { ...sampled, recall },
    { k, candidates, queries: 60, recall, interval: wilsonOfMean(sampled.recall, 60), worst: Math.min(...shares) },
  )
  t.deepEqual(await index.recall({ sample: 60, seed: 5 }, { k, candidates }), sampled)
  t.is((await index.recall({ sample: 1e9 }, { k: 1 })).queries, 3997)
  await index.close()
})

withUsearch('what was measured is saved and loaded with the graph; a graph of version 2 has none', async (t) => {
  const folder = join(await temporaryFolder(t), 'index')
  const index = await Index.build(rowsOf(30, 4, 2), entriesOf(30))
  t.is(index.approximateRecall, undefined)
  const measured = await index.approximate()
  t.is(measured?.queries, 30)
  await index.save(folder)
  const load = async () => {
    const loaded = await Index.load(folder, { approximate: true })
    const { approximateRecall } = loaded
    await loaded.save(folder)
    await loaded.close()
    return approximateRecall
  }
  t.deepEqual(await load(), measured)
  t.deepEqual(await load(), measured)

  const path = join(folder, 'index.json')
  const found = JSON.parse(await readFile(path, 'utf8'))
  const { recall, ...graph } = found.graph
  t.deepEqual(recall, measured)
  const write = async (description: object) =>
    writeFile(path, JSON.stringify({ ...description, checksum: checksumOf(description) }))
  for (const damaged of [
    { ...found, version: 2 },
    { ...found, graph: { ...graph, recall: { ...recall, recall: 2 } } },
  ]) {
    await write(damaged)
    t.regex(await throws(t, 'INDEX_CORRUPT', Index.load(folder)), /damaged/)
  }
  await write({ ...found, version: 2, graph })
  t.is(await load(), undefined)
  const again = JSON.parse(await readFile(path, 'utf8'))
  t.deepEqual([again.version, again.graph.recall], [3, undefined])
  t.is(await load(), undefined)
  await index.close()
})

withUsearch('rows of a file, and rows that were added since, are drawn as well', async (t) => {
  const folder = join(await temporaryFolder(t), 'index')
  const index = await Index.build(rowsOf(50, 4, 3), entriesOf(50))
  await index.approximate()
  await index.save(folder)
  await index.close()
  const loaded = await Index.load(folder, { approximate: true })
  await loaded.add(rowsOf(20, 4, 4), entriesOf(70).slice(50))
  await loaded.remove(['3', '60'])
  // Whatever row is drawn finds all others but itself where all are candidates: a row of other numbers would find fewer.
  const { recall, queries, worst } = await loaded.recall({ sample: 100 }, { k: 67, candidates: 200 })
  t.deepEqual([recall, queries, worst], [1, 68, 1])
  await loaded.close()
})

test('rows are drawn without repetition, all of them alike, and all where there are no more', (t) => {
  const times = new Array<number>(7).fill(0)
  for (let seed = 0; seed < 700; seed++) {
    const drawn = drawBelow(7, 3, new Random(seed, 'protocol'))
    t.is(new Set(drawn).size, 3)
    for (const row of drawn) times[row] = (times[row] ?? 0) + 1
  }
  t.true(Math.min(...times) > 240 && Math.max(...times) < 360, times.join()) // 300 expected, standard deviation 13
  const few = (seed: number) => drawBelow(1000, 20, new Random(seed, 'protocol'))
  t.deepEqual(few(5), few(5))
  t.notDeepEqual(few(5), few(6))
  t.deepEqual(drawBelow(3, 9, new Random(0, 'protocol')), [0, 1, 2])
  t.deepEqual(drawBelow(0, 9, new Random(0, 'protocol')), [])
})
