import { readFileSync } from 'node:fs'
import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { NPairError } from '../../src/errors.js'
import * as metrics from '../../src/metrics/metrics.js'
import { Random } from '../../src/random.js'
import { topK } from '../../src/retrieval/topK.js'
import { nearest, someRows } from '../reference/nearest.js'

const measures = ['cosine', 'dot', 'euclidean'] as const
const shortlists = ['float32', 'int8'] as const

test('equals a sort of all scores, to the last bit and with ties by the lower row', async (t) => {
  const random = new Random(1, 'report')
  const gallery = someRows(5000, 19, () => random.normal())
  const queries = new Embeddings(Float32Array.from(gallery.data.subarray(0, 40 * 19)), 19)
  for (const metric of measures)
    for (const shortlist of shortlists) {
      const found = await topK(queries, gallery, { k: 12, metric, shortlist })
      for (let q = 0; q < queries.count; q++) {
        const expected = nearest(queries.row(q), gallery, metric).slice(0, 12)
        const own = (of: Int32Array | Float64Array | Float32Array) => Array.from(of.subarray(q * 12, q * 12 + 12))
        t.deepEqual(
          own(found.ids),
          expected.map(({ row }) => row),
        )
        t.true(own(found.scores).every((score, i) => score === expected[i]?.score))
      }
    }
})

test('more queries, or more neighbours, than go in one call', async (t) => {
  const random = new Random(3, 'report')
  const rows = someRows(4500, 3, () => random.normal())
  for (const k of [2, 4499]) {
    const some = k === 2 ? rows : new Embeddings(rows.data.subarray(0, 3 * 1300), 3)
    const found = await topK(some, rows, { k, exceptSelf: k === 2 })
    for (const q of [0, 1, some.count - 1, some.count - 300]) {
      const expected = nearest(rows.row(q), rows, 'cosine').filter(({ row }) => k > 2 || row !== q)
      t.deepEqual(
        Array.from(found.ids.subarray(q * k, q * k + k)),
        expected.slice(0, k).map(({ row }) => row),
      )
    }
  }
})

test('without itself, and with fewer rows than asked for', async (t) => {
  const rows = new Embeddings(Float32Array.of(1, 0, 1, 0, 0, 1), 2)
  const lost = Number.NEGATIVE_INFINITY
  t.deepEqual(await topK(rows, rows, { k: 9, exceptSelf: true }), {
    k: 3,
    ids: Int32Array.of(1, 2, -1, 0, 2, -1, 0, 1, -1),
    scores: Float64Array.of(1, 0, lost, 1, 0, lost, 0, 0, lost),
  })
  const none = new Embeddings(new Float32Array(0), 2)
  t.deepEqual((await topK(rows, none, { k: 1 })).ids, Int32Array.of(-1, -1, -1))
  t.deepEqual((await topK(none, rows, { k: 1 })).ids, new Int32Array(0))
})

test('no more columns than the gallery has rows, however many are asked for', async (t) => {
  const rows = new Embeddings(Float32Array.of(1, 0, 0, 1), 2)
  for (const k of [1e9, 4e9, Number.MAX_SAFE_INTEGER]) {
    const found = await topK(rows, rows, { k })
    t.deepEqual([found.k, Array.from(found.ids)], [2, [0, 1, 1, 0]])
  }
  const many = new Embeddings(new Float32Array(300_000), 1)
  const error = await t.throwsAsync(topK(many, many, { k: 300_000 }), { instanceOf: NPairError })
  t.is(error?.option, 'k')
  t.regex(error?.message ?? '', /300000 neighbours of each of 300000 queries are more than fit into memory/)
})

test('metrics of neighbours take what it finds, and give what they give of their own search', async (t) => {
  const random = new Random(5, 'report')
  const rows = someRows(60, 3, () => random.normal())
  const labels = Array.from({ length: rows.count }, () => random.below(5))
  for (const k of [1, 5, 60]) {
    const [found, theirs] = [await topK(rows.normalized(), rows.normalized(), { k }), metrics.nearest(rows, rows, k)]
    t.deepEqual(metrics.knnClasses(found, labels), metrics.knnClasses(theirs, labels))
    const same = (q: number, g: number) => (labels[q] === labels[g] ? 1 : 0)
    t.deepEqual(metrics.neighbourRanks(found, same), metrics.neighbourRanks(theirs, same))
    const [own, others] = [found, theirs].map((n) => metrics.neighbourSearches(n, labels, labels))
    t.deepEqual(own?.rank, others?.rank)
  }
})

test('equals scikit-learn and PyTorch', async (t) => {
  const f = JSON.parse(readFileSync(new URL('../fixtures/nearest.json', import.meta.url), 'utf8'))
  const gallery = new Embeddings(Float32Array.from(f.gallery), f.size)
  const queries = new Embeddings(Float32Array.from(f.queries), f.size)
  for (const metric of measures)
    for (const shortlist of shortlists) {
      const { ids, scores } = await topK(queries, gallery, { k: f.k, metric, shortlist })
      t.deepEqual(Array.from(ids), f[metric].rows.flat())
      f[metric].scores.flat().forEach((score: number, i: number) => {
        t.true(Math.abs(score - (scores[i] as number)) < 1e-12)
      })
    }
})

test('what is wrong is named', async (t) => {
  const rows = new Embeddings(Float32Array.of(1, 0, Number.NaN, 1), 2)
  const good = new Embeddings(Float32Array.of(1, 0), 2)
  const refused = async (pattern: RegExp, ...input: Parameters<typeof topK>) => {
    const error = await t.throwsAsync(topK(...input), { instanceOf: NPairError })
    t.is(error?.code, 'INVALID_OPTION')
    t.regex(error?.message ?? '', pattern)
  }
  await refused(/Row 1 of gallery has the length NaN/, good, rows)
  await refused(/Row 1 of queries has the length NaN/, rows, good)
  const late = new Embeddings(new Float32Array(10_000).fill(1), 2)
  late.data[9000] = Number.NaN
  await refused(/Row 4500 of queries has the length NaN/, late, good) // in the second call
  await refused(/queries\.size/, new Embeddings(Float32Array.of(1), 1), good)
  await refused(/>= 1 for k/, good, good, { k: 0 })
  await refused(/'cosine' or 'dot' or 'euclidean' for metric/, good, good, { metric: 'l1' as never })
  await refused(/for shortlist/, good, good, { shortlist: 'int4' as never })
  await refused(/exceptSelf/, good, rows, { exceptSelf: true })
  await refused(/did you mean metric/, good, good, { metrik: 'dot' } as never)
  await refused(/Embeddings for gallery/, good, [1] as never)
})
