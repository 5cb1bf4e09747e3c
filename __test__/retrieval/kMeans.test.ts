import { readFileSync } from 'node:fs'
import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { NPairError } from '../../src/errors.js'
import { Random } from '../../src/random.js'
import { kMeans } from '../../src/retrieval/kMeans.js'

const f = JSON.parse(readFileSync(new URL('../fixtures/kMeans.json', import.meta.url), 'utf8'))
const rows = new Embeddings(Float32Array.from(f.rows), f.size)

test('from the same centres as scikit-learn: its labels, its centres, its inertia', async (t) => {
  const centers = new Embeddings(Float32Array.from(f.begin), f.size)
  const found = await kMeans(rows, { clusters: f.clusters, centers })
  t.deepEqual(Array.from(found.labels), f.labels)
  t.true(Math.abs(found.inertia / f.inertia - 1) < 1e-6)
  found.centers.data.forEach((x, i) => {
    t.true(Math.abs(x - f.centers[i]) < 1e-5)
  })
})

test('the best of its own beginnings is as good as that of scikit-learn', async (t) => {
  const found = await kMeans(rows, { clusters: f.clusters, restarts: 10, seed: 1 })
  t.true(found.inertia < f.bestInertia * 1.001, `${found.inertia}, ${f.bestInertia}`)
  t.deepEqual(await kMeans(rows, { clusters: f.clusters, restarts: 10, seed: 1 }), found)
})

test('inertia and labels are those of the centres, to the obvious sums', async (t) => {
  const random = new Random(4, 'report')
  const some = new Embeddings(
    Float32Array.from({ length: 5000 * 3 }, () => random.normal()),
    3,
  )
  for (const iterations of [1, 2, 300]) {
    const { labels, centers, inertia, iterations: taken } = await kMeans(some, { clusters: 9, restarts: 1, iterations })
    t.true(taken <= iterations)
    let total = 0
    for (let i = 0; i < some.count; i++) {
      const squares = Array.from(centers, (center) =>
        center.reduce((sum, x, k) => sum + (x - (some.row(i)[k] as number)) ** 2, 0),
      )
      const least = Math.min(...squares)
      t.is(labels[i], squares.indexOf(least))
      total += least
    }
    t.true(Math.abs(total / inertia - 1) < 1e-12)
  }
})

test('as many clusters as rows, and rows that are all alike', async (t) => {
  const three = new Embeddings(Float32Array.of(1, 5, 9), 1)
  const found = await kMeans(three, { clusters: 3 })
  t.is(found.inertia, 0)
  t.is(new Set(found.labels).size, 3)
  const alike = await kMeans(new Embeddings(Float32Array.of(2, 2, 2), 1), { clusters: 2 })
  t.deepEqual([alike.inertia, Array.from(alike.centers.data)], [0, [2, 2]])
})

test('what is wrong is named', async (t) => {
  const refused = async (pattern: RegExp, options: Parameters<typeof kMeans>[1]) =>
    t.regex((await t.throwsAsync(kMeans(rows, options), { instanceOf: NPairError }))?.message ?? '', pattern)
  await refused(/>= 1 for clusters/, {} as never)
  await refused(new RegExp(`at most ${rows.count}`), { clusters: rows.count + 1 })
  await refused(/restarts/, { clusters: 2, restarts: 0 })
  await refused(/2 rows/, { clusters: 2, centers: new Embeddings(new Float32Array(f.size), f.size) })
  const broken = new Embeddings(new Float32Array(2 * f.size).fill(Number.NaN, f.size), f.size)
  await refused(/Row 1 of centers has the length NaN/, { clusters: 2, centers: broken })
  await refused(/did you mean clusters/, { cluster: 2 } as never)
})
