import test from 'ava'
import {
  averagePrecision,
  averagePrecisionAtR,
  precisionAtK,
  recallAtK,
  rPrecision,
} from '../../src/metrics/retrieval.js'
import { roc, tarAtFar } from '../../src/metrics/roc.js'
import { mean } from '../../src/metrics/statistics.js'

/*
 * The numbers of open-metric-learning's own doctests and tests (github.com/OML-Team/open-metric-learning):
 * oml/functional/metrics.py and tests/test_oml/test_functional/test_metrics/test_metrics_retrieval.py, both of commit
 * ca114d6164cf (4.0.0). Its figures are said in ours, so that each difference stands here as a line.
 */

const near = (a: number, b: number, tolerance = 1e-12) => Math.abs(a - b) < tolerance
/** `hits[i]`: whether the i-th listed is relevant. */
const ranksOf = (hits: number[]) => hits.flatMap((hit, i) => (hit ? [i + 1] : []))

/** Where nothing is relevant and nothing was listed its figures are 1; ours are 0 (Recall@K) or not defined. */
const perfect = (hits: number[], relevant: number) => relevant === 0 && hits.length === 0

/** Its CMC@k is our Recall@k. */
const cmc = (hits: number[], relevant: number, k: number) => (perfect(hits, relevant) ? 1 : recallAtK(ranksOf(hits), k))

/** Its precision@k divides by min(R, k), k no more than what is listed. */
function precision(hits: number[], relevant: number, k: number): number {
  if (perfect(hits, relevant)) return 1
  const depth = Math.min(k, hits.length)
  return depth === 0 ? 0 : (precisionAtK(ranksOf(hits), depth) * depth) / Math.min(relevant, depth)
}

/** Its MAP@k divides by the relevant ones found up to k, not by those that there are. */
function map(hits: number[], relevant: number, k: number): number {
  if (perfect(hits, relevant)) return 1
  const ranks = ranksOf(hits.slice(0, k))
  return ranks.length === 0 ? 0 : averagePrecision(ranks)
}

const tables = [
  {
    ...{ name: 'CMC', figure: cmc, tops: [[1, 0], [0, 1, 1], [0, 0], []], relevant: [2, 2, 1, 0] },
    expected: [
      [1, 0, 0, 1],
      [1, 1, 0, 1],
    ],
  },
  {
    ...{ name: 'precision', figure: precision, tops: [[1, 0], [0, 1, 1], [0, 0], []], relevant: [2, 3, 5, 2] },
    expected: [
      [1, 0, 0, 0],
      [0.5, 0.5, 0, 0],
    ],
  },
  {
    ...{ name: 'MAP', figure: map, tops: [[1, 0], [0, 1], [0, 0, 0, 0], []], relevant: [1, 1, 2, 0] },
    expected: [
      [1, 0, 0, 1],
      [1, 0.5, 0, 1],
    ],
  },
]
for (const { name, figure, tops, relevant, expected } of tables)
  test(`its table of ${name} at 1 and 2`, (t) => {
    for (const [i, k] of [1, 2].entries())
      t.deepEqual(
        tops.map((hits, q) => figure(hits, relevant[q] as number, k)),
        expected[i],
      )
  })

test('its tests: lists shorter than k, and lists of nothing', (t) => {
  const lists = [
    { retrieved: [0, 5, 4], relevant: [0, 10, 4] },
    { retrieved: [2, 1, 5], relevant: [2, 3] },
    { retrieved: [2, 1, 5], relevant: [2, 3] },
  ].map(({ retrieved, relevant }) => ({
    hits: retrieved.map((id) => Number(relevant.includes(id))),
    relevant: relevant.length,
  }))
  t.is(mean(lists.map(({ hits, relevant }) => cmc(hits, relevant, 1))), 1)
  for (const k of [3, 5])
    t.true(near(mean(lists.map(({ hits, relevant }) => precision(hits, relevant, k))), (2 / 3 + (2 * 1) / 2) / 3))
  for (const figure of [cmc, precision, map])
    t.deepEqual(
      [1, 0, 2].map((relevant) => figure([], relevant, 2)),
      [0, 1, 0],
    )
  // Ours, where nothing is relevant and nothing was listed.
  t.deepEqual([recallAtK([], 1), averagePrecision([], 0), rPrecision([], 0)], [0, Number.NaN, Number.NaN])
})

test('its false non-match rates', (t) => {
  const [positive, negative] = [
    [0, 0, 1, 1, 2, 2, 5, 5, 9, 9],
    [3, 3, 4, 4, 6, 6, 7, 7, 8, 8],
  ]
  const curve = roc(
    [...positive, ...negative].map((distance) => -distance),
    [...positive.map(() => 1), ...negative.map(() => 0)],
  )
  for (const [rate, missed] of [
    [0.1, 0.4],
    [0.5, 0.2],
  ] as const)
    t.true(near(1 - (tarAtFar(curve, rate)?.tar as number), missed))
})

test('one ranking, eight numbers: what each name means, its and that of pytorch-metric-learning 2.9.0', (t) => {
  const hits = [1, 0, 1, 0, 1] // and where four are relevant, the fourth at rank 6
  const ranks = ranksOf(hits)
  t.is(precision(hits, 4, 5), 0.75)
  t.is(precision(hits, 3, 5), 1)
  t.is(precisionAtK(ranks, 5), 0.6)
  t.true(near(map(hits, 4, 5), (1 + 2 / 3 + 3 / 5) / 3))
  t.true(near(map(hits, 4, 5), 0.7556, 5e-5))
  // pytorch-metric-learning: MAP with k = 5, MAP@R, R-precision, and MAP of the complete ranking.
  t.true(near(averagePrecision(ranks, 4), 0.5666666667, 1e-10))
  t.true(near(averagePrecisionAtR([...ranks, 6], 4), 0.4166666667, 1e-10))
  t.is(rPrecision([...ranks, 6], 4), 0.5)
  t.true(near(averagePrecision([...ranks, 6]), 0.7333333333, 1e-10))
})
