import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { nearest, neighbourRanks } from '../../src/metrics/neighbours.js'
import { galleryRanks, relevantRanks } from '../../src/metrics/relevantRanks.js'
import {
  averagePrecision,
  averagePrecisionAtR,
  recallAtK,
  reciprocalRank,
  rPrecision,
} from '../../src/metrics/retrieval.js'
import { mean } from '../../src/metrics/statistics.js'

/*
 * The numbers that pytorch-metric-learning's own tests ask for (github.com/KevinMusgrave/pytorch-metric-learning):
 * tests/utils/test_calculate_accuracies.py, commit ef65345392be, and
 * tests/testers/test_global_embedding_space_tester.py, commit 86733863eb9c.
 * What it calls precision@1 is Recall@1 of the queries that have a relevant image.
 */

const near = (a: number, b: number, tolerance = 1e-12) => Math.abs(a - b) < tolerance

/** Of each query its five figures; MAP is over the listed ranks and always divided by R. */
const figures = (ranks: ArrayLike<number>, relevant: number) => ({
  precisionAt1: recallAtK(ranks, 1),
  rPrecision: rPrecision(ranks, relevant),
  mapAtR: averagePrecisionAtR(ranks, relevant),
  map: averagePrecision(ranks, relevant),
  mrr: reciprocalRank(ranks),
})
type Figures = ReturnType<typeof figures>
const names = ['precisionAt1', 'rPrecision', 'mapAtR', 'map', 'mrr'] as const

const average = (all: Figures[], name: keyof Figures) => mean(all.map((one) => one[name]))
/** Its `avg_of_avgs`: the mean over classes of the mean over queries. */
const classAverage = (all: Figures[], labels: number[], name: keyof Figures) =>
  mean(
    [...new Set(labels)].map((label) =>
      average(
        all.filter((_, q) => labels[q] === label),
        name,
      ),
    ),
  )

const m2 = {
  labels: [1, 1, 2, 3, 4, 0],
  near: [
    [0, 1, 1, 2, 2],
    [1, 0, 1, 1, 3],
    [4, 4, 4, 4, 2],
    [3, 1, 3, 1, 3],
    [0, 0, 4, 2, 2],
    [1, 2, 3, 4, 5],
  ],
  counts: [2, 3, 5, 4, 5],
}
const columns: { refIncludesQuery: boolean; expected: Record<keyof Figures, number[]>; means: number[] }[] = [
  {
    refIncludesQuery: false,
    expected: {
      precisionAt1: [0, 1, 0, 1, 0, 0],
      rPrecision: [2 / 3, 2 / 3, 1 / 5, 2 / 4, 1 / 5, 0],
      mapAtR: [(1 / 2 + 2 / 3) / 3, (1 + 2 / 3) / 3, 1 / 5 / 5, (1 + 2 / 3) / 4, 1 / 3 / 5, 0],
      map: [(1 / 2 + 2 / 3) / 3, (1 + 2 / 3 + 3 / 4) / 3, 1 / 5 / 5, (1 + 2 / 3 + 3 / 5) / 4, 1 / 3 / 5, 0],
      mrr: [1 / 2, 1, 1 / 5, 1, 1 / 3, 0],
    },
    means: [0.333333, 0.372222, 0.24463, 0.311296, 0.505556],
  },
  {
    refIncludesQuery: true,
    expected: {
      precisionAt1: [1, 0, 0, 0, 0, 0],
      rPrecision: [1, 1 / 2, 1 / 4, 1 / 3, 1 / 4, 0],
      mapAtR: [1, 1 / 2 / 2, 1 / 4 / 4, 1 / 2 / 3, 1 / 2 / 4, 0],
      map: [1, (1 / 2 + 2 / 3) / 2, 1 / 4 / 4, (1 / 2 + 2 / 4) / 3, 1 / 2 / 4, 0],
      mrr: [1, 1 / 2, 1 / 4, 1 / 2, 1 / 2, 0],
    },
    means: [0.166667, 0.388889, 0.267361, 0.350694, 0.458333],
  },
]
for (const { refIncludesQuery, expected, means } of columns)
  test(`vector M2: all five figures where the references ${refIncludesQuery ? 'include' : 'exclude'} the query`, (t) => {
    const { labels, near: lists, counts } = m2
    // Its first column is then the query itself, which is left out, and R is one less.
    const found = lists.map((row, q) => {
      const list = {
        k: row.length,
        ids: Int32Array.from(row.keys()),
        scores: Float64Array.from(row, (_, i) => -i),
      }
      const [ranks] = neighbourRanks(list, (_, i) =>
        refIncludesQuery && i === 0 ? -1 : row[i] === labels[q] ? 1 : 0,
      ) as [Int32Array]
      return figures(ranks, (counts[labels[q] as number] as number) - (refIncludesQuery ? 1 : 0))
    })
    names.forEach((name, i) => {
      found.forEach((one, q) => {
        t.true(near(one[name], expected[name][q] as number), `${name} ${q}`)
      })
      t.true(near(average(found, name), means[i] as number, 1e-6), name)
      const [a, b, ...others] = expected[name] as [number, number]
      t.true(near(classAverage(found, labels, name), mean([(a + b) / 2, ...others])), name)
    })
  })

test('vector M3: which queries are alone, in a gallery that holds them and in one that does not', (t) => {
  const [queries, references] = [
    [0, 1, 2, 3, 4, 5, 6],
    [0, 0, 0, 1, 2, 2, 3, 4, 5],
  ]
  const lone = (includesQuery: boolean) =>
    queries.filter(
      (label) =>
        relevantRanks(
          references.map((_, g) => -g),
          // A query that is one of the references is the first of its class.
          references.map((other, g) => {
            if (includesQuery && g === references.indexOf(label)) return -1
            return other === label ? 1 : 0
          }),
        ).length === 0,
    )
  t.deepEqual(lone(true), [1, 3, 4, 5, 6])
  t.deepEqual(lone(false), [6])
})

/** Points of a line as directions: cosine orders them by distance. */
const line = (points: number[]) =>
  new Embeddings(Float32Array.from(points.flatMap((x) => [Math.cos(x / 100), Math.sin(x / 100)])), 2)
const ten = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]

test('its case of ten points among twenty: nine queries are alone and left out', (t) => {
  const references = line([...ten, ...ten.map((x) => x + 0.5)])
  const labels = [...ten, ...ten.map(() => 1)]
  const ranks = galleryRanks(line(ten), references, (q, g) => (q === g ? -1 : labels[g] === q ? 1 : 0))
  const found = ranks.filter((r) => r.length > 0).map((r) => figures(r, r.length))
  t.is(found.length, 1)
  t.true(near(average(found, 'precisionAt1'), 1))
  t.true(near(average(found, 'rPrecision'), 0.5))
  t.true(near(average(found, 'mapAtR'), (1 + 2 / 2 + 3 / 5 + 4 / 7 + 5 / 9) / 10))
  t.true(near(average(found, 'mapAtR'), 0.3726984127, 1e-10))
  t.true(near(average(found, 'map'), 0.6399961098, 1e-10))
})

test('its case of a class whose only reference is the farthest: means over queries, and over classes', (t) => {
  const [labels, references] = [
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    [1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  ]
  const queries = line([0, 1, 2, 3, 4, 5, 6, 7, 8, 100])
  const gallery = line([-100, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  const ranks = galleryRanks(queries, gallery, (q, g) => (references[g] === labels[q] ? 1 : 0))
  const found = ranks.map((r) => figures(r, r.length))
  const expected = { precisionAt1: [0.9, 0.5], rPrecision: [0.9, 0.5], mapAtR: [0.9, 0.5], map: [0.91, 0.55] } as const
  for (const name of ['precisionAt1', 'rPrecision', 'mapAtR', 'map'] as const) {
    t.true(near(average(found, name), expected[name][0]), name)
    t.true(near(classAverage(found, labels, name), expected[name][1]), name)
  }
})

test('its tester case under the rule "equal ones by lower row"', (t) => {
  // Angles in degrees, compared in whole numbers: 30 is exactly as far from 10 as from 50, and 50 from 30 as from 70.
  const angles = [0, 10, 20, 30, 50, 60, 70, 80]
  const ranks = angles.map((own, q) =>
    relevantRanks(
      angles.map((other) => -Math.abs(own - other)),
      angles.map((_, g) => (g === q ? -1 : q < 4 === g < 4 ? 1 : 0)),
    ),
  )
  t.deepEqual([...(ranks[3] as Int32Array)], [1, 2, 4]) // 20, 10 before 50, 0 before 60
  t.deepEqual([...(ranks[4] as Int32Array)], [1, 3, 5]) // 60, 30 before 70, 20 before 80
  const found = ranks.map((r) => figures(r, r.length))
  t.is(average(found, 'precisionAt1'), 1)
  t.true(near(average(found, 'rPrecision'), 0.9166666667, 1e-9))
  // .8888888889 and .9388888889 where a stranger that ties always comes first.
  t.true(near(average(found, 'mapAtR'), 0.9027777778, 1e-9))
  t.true(near(average(found, 'map'), 0.9590277778, 1e-9))
})

test('its tester with two sets: each against itself, against both, and against the other', (t) => {
  const train = { angles: [0, 10, 20, 30, 50, 60, 70, 80], labels: [0, 0, 0, 0, 1, 1, 1, 1] }
  const val = { angles: [1, 11, 21, 31, 51, 59, 71, 81], labels: [1, 1, 1, 1, 1, 0, 0, 0] }
  const both = { angles: [...train.angles, ...val.angles], labels: [...train.labels, ...val.labels] }
  const circle = (angles: number[]) =>
    new Embeddings(
      Float32Array.from(angles.flatMap((a) => [Math.cos((a * Math.PI) / 180), Math.sin((a * Math.PI) / 180)])),
      2,
    )
  /** `own`: row of the references that query 0 is; the others follow it. */
  const precision = (queries: typeof train, references: typeof train, own?: number) => {
    const found = nearest(circle(queries.angles), circle(references.angles), 1, (q, g) => g === q + (own ?? Number.NaN))
    const ranks = neighbourRanks(found, (q, g) => (references.labels[g] === queries.labels[q] ? 1 : 0))
    return mean(ranks.map((r) => recallAtK(r, 1)))
  }
  t.is(precision(train, train, 0), 1)
  t.is(precision(val, val, 0), 6 / 8)
  t.is(precision(train, both, 0), 1 / 8)
  t.is(precision(val, both, 8), 1 / 8)
  t.is(precision(val, train), 1 / 8)
})
