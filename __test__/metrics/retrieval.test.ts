import { readFileSync } from 'node:fs'
import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { averagePrecisionAtR, recallAtK, rPrecision } from '../../src/metrics/retrieval.js'
import { sameClassRanks } from '../../src/metrics/sameClassRanks.js'
import { mean } from '../../src/metrics/statistics.js'
import { Random } from '../../src/random.js'
import * as slow from '../reference/retrieval.js'
import { directions } from './exactRows.js'

/** Points of a line as directions of a half circle: cosine then orders them by distance. */
const onCircle = (points: number[], unit: number) =>
  new Embeddings(Float32Array.from(points.flatMap((x) => [Math.cos(x * unit), Math.sin(x * unit)])), 2)

test('vector M4: lone queries miss for Recall@K, and are left out of R-precision and MAP@R', (t) => {
  const labels = [0, 0, 1, 1, 0, 1, 1, 2]
  const ranks = sameClassRanks(onCircle([0, 1, 2.5, 3, 10, 11, 11.5, 20], 0.1), labels)
  for (const k of [1, 2, 4]) t.is(mean(ranks.map((r) => recallAtK(r, k))), 0.75)
  const mated = ranks.filter((r) => r.length > 0)
  t.is(mated.length, 7)
  t.true(Math.abs(mean(mated.map((r) => recallAtK(r, 1))) - 0.857143) < 1e-6)
  t.true(Math.abs(mean(mated.map((r) => rPrecision(r))) - 0.428571) < 1e-6)
  t.true(Math.abs(mean(mated.map((r) => averagePrecisionAtR(r))) - 0.396825) < 1e-6)
})

test('equals scikit-learn: neighbours by cosine, and its average precision from the same ranks', (t) => {
  const f = JSON.parse(readFileSync(new URL('../fixtures/retrieval.json', import.meta.url), 'utf8')) as {
    size: number
    labels: number[]
    rows: number[]
    recall: Record<string, number>
    rPrecision: number
    averagePrecision: number
  }
  const ranks = sameClassRanks(new Embeddings(Float32Array.from(f.rows), f.size), f.labels)
  for (const [k, recall] of Object.entries(f.recall)) t.is(mean(ranks.map((r) => recallAtK(r, Number(k)))), recall)
  const mated = ranks.filter((r) => r.length > 0)
  t.true(Math.abs(mean(mated.map((r) => rPrecision(r))) - f.rPrecision) < 1e-12)
  const whole = mated.map((r) => mean(Array.from(r, (rank, i) => (i + 1) / rank)))
  t.true(Math.abs(mean(whole) - f.averagePrecision) < 1e-12)
})

test('thousands of small cases with duplicates, zeros and single images equal a sort of the whole gallery', (t) => {
  for (let seed = 0; seed < 3000; seed++) {
    const random = new Random(seed, 'report')
    const count = 1 + random.below(seed % 50 === 0 ? 70 : 9) // some beyond one block of queries
    const rows = Array.from({ length: count }, () => [
      ...(directions[random.below(directions.length)] as readonly number[]),
    ])
    const labels = Array.from({ length: count }, () => random.below(4))
    const hits = slow.rankings(rows, labels)
    const ranks = sameClassRanks(new Embeddings(Float32Array.from(rows.flat()), 2), labels)
    const trace = JSON.stringify({ rows, labels })
    t.deepEqual(
      ranks.map((r) => Array.from(r)),
      hits.map((h) => h.flatMap((hit, i) => (hit ? [i + 1] : []))),
      trace,
    )
    ranks.forEach((r, q) => {
      for (const k of [1, 2, 5]) t.is(recallAtK(r, k), slow.recallAtK(hits[q] as boolean[], k), trace)
      if (r.length === 0) return
      t.is(rPrecision(r), slow.rPrecision(hits[q] as boolean[]), trace)
      t.true(Math.abs(averagePrecisionAtR(r) - slow.averagePrecisionAtR(hits[q] as boolean[])) < 1e-12, trace)
    })
  }
})
