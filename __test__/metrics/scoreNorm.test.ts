import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { NPairError } from '../../src/errors.js'
import { cohortStatistics, normalizeScores } from '../../src/metrics/scoreNorm.js'
import { Random } from '../../src/random.js'

function normal(count: number, size: number, seed: number, metric: 'cosine' | 'dot' = 'cosine'): Embeddings {
  const random = new Random(seed, 'report', 3, count)
  return new Embeddings(
    Float32Array.from({ length: count * size }, () => random.normal()),
    size,
    metric,
  )
}

/** By the words of the definitions: every score anew, sorted whole. */
function bruteForce(rows: Embeddings, cohort: Embeddings, a: number, b: number, score: number, top: number) {
  const product = (x: Float32Array, y: Float32Array) => x.reduce((sum, v, k) => sum + v * (y[k] as number), 0)
  const alike = (x: Float32Array, y: Float32Array) =>
    rows.metric === 'dot' ? product(x, y) : product(x, y) / Math.sqrt(product(x, x) * product(y, y))
  const side = (i: number) => {
    const highest = Array.from(cohort, (row) => alike(rows.row(i), row))
      .sort((x, y) => y - x)
      .slice(0, top)
    const mean = highest.reduce((sum, x) => sum + x, 0) / top
    return (score - mean) / Math.sqrt(highest.reduce((sum, x) => sum + (x - mean) ** 2, 0) / top)
  }
  return { z: side(a), t: side(b), s: (side(a) + side(b)) / 2 }
}

test('z-, t- and s-norm, adaptive or not, equal a plain computation', (t) => {
  for (const [count, metric] of [
    [3, 'cosine'],
    [17, 'cosine'],
    [40, 'dot'],
  ] as const) {
    const [rows, cohort] = [normal(6, 5, 1, metric), normal(count, 5, 2, metric)]
    const [first, second] = [
      [0, 1, 5, 3],
      [1, 2, 0, 3],
    ]
    const scores = [0.3, -0.8, 0.99, 1]
    for (const top of [count, 2, Math.ceil(count / 2)]) {
      const statistics = cohortStatistics(rows, cohort, top)
      for (const type of ['z', 't', 's'] as const)
        normalizeScores(scores, first, second, statistics, type).forEach((got, p) => {
          const expected = bruteForce(rows, cohort, first[p] as number, second[p] as number, scores[p] as number, top)
          t.true(Math.abs(got - expected[type]) < 1e-4 * Math.max(1, Math.abs(expected[type])), `${type} of pair ${p}`)
        })
    }
    t.deepEqual(cohortStatistics(rows, cohort), cohortStatistics(rows, cohort, count))
  }
})

test('what cannot be normalised is refused', (t) => {
  const [rows, cohort] = [normal(2, 3, 1), normal(4, 3, 2)]
  const refused = (work: () => unknown, code: 'INVALID_OPTION' | 'NON_FINITE', message: RegExp) =>
    t.throws(work, { instanceOf: NPairError, code, message })
  refused(() => cohortStatistics(rows, cohort, 5), 'INVALID_OPTION', /at most the 4 rows of the cohort for top/)
  refused(() => cohortStatistics(rows, cohort, 1), 'INVALID_OPTION', /an integer >= 2 for top/)
  refused(() => cohortStatistics(rows, normal(4, 2, 2)), 'INVALID_OPTION', /embeddings of 3 numbers/)
  refused(
    () => cohortStatistics(rows, normal(4, 3, 2, 'dot')),
    'INVALID_OPTION',
    /compared by cosine, as the queries are/,
  )
  const same = new Embeddings(Float32Array.of(1, 0, 0, 2, 0, 0), 3)
  refused(
    () => cohortStatistics(rows, same),
    'NON_FINITE',
    /The 2 scores of row 0 with the cohort that count do not differ/,
  )
  const statistics = cohortStatistics(rows, cohort)
  refused(() => normalizeScores([1], [0], [1], statistics, 'x' as 's'), 'INVALID_OPTION', /for type/)
  refused(() => normalizeScores([1], [0, 1], [1], statistics, 's'), 'INVALID_OPTION', /for first/)
})
