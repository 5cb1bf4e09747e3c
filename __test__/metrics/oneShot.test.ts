import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { episodeError, nearestWays } from '../../src/metrics/oneShot.js'
import { Random } from '../../src/random.js'
import { exactRows, list } from './exactRows.js'

test('random episodes equal a plain computation', (t) => {
  for (let seed = 0; seed < 1500; seed++) {
    const random = new Random(seed, 'report')
    const rows = Array.from({ length: 12 }, () => Array.from({ length: 3 }, () => random.normal()))
    const embeddings = new Embeddings(Float32Array.from(rows.flat()), 3)
    const at = Array.from(random.permutation(12))
    const supports = [at.slice(0, 2), at.slice(2, 4), at.slice(4, 6)]
    const queries = at.slice(6, 9)
    const found = nearestWays(embeddings.normalized(), { supports, queries })
    const length = (v: number[]) => Math.hypot(...v)
    const unit = (v: number[]) => v.map((x) => x / length(v))
    const means = supports.map((group) => {
      const units = group.map((i) => unit(rows[i] as number[]))
      return unit([0, 1, 2].map((k) => units.reduce((sum, u) => sum + (u[k] as number), 0)))
    })
    const expected = queries.map((q) => {
      const scores = means.map((m) => unit(rows[q] as number[]).reduce((sum, x, k) => sum + x * (m[k] as number), 0))
      return scores.indexOf(Math.max(...scores))
    })
    t.deepEqual(found, expected)
  }
})

test('thousands of episodes with ties, zeros and supports that cancel: whole numbers decide, equal ways by the lower', (t) => {
  let ties = 0
  for (let seed = 0; seed < 4000; seed++) {
    const random = new Random(seed, 'report')
    const metric = seed % 4 === 0 ? 'dot' : 'cosine'
    const embeddings = exactRows(random, 10, metric)
    const [ways, shots] = [1 + random.below(4), 1 + random.below(2)] // of one or two supports a mean is exact
    const supports = Array.from({ length: ways }, () => list(random, shots, 10))
    const queries = list(random, ways, 10)
    const comparable = (row: number) => [...embeddings.comparable().row(row)]
    const sums = supports.map((rows) =>
      [0, 1].map((k) => rows.reduce((sum, r) => sum + (comparable(r)[k] as number), 0)),
    )
    const expected = queries.map((query) => {
      const products = sums.map((sum) => sum.reduce((p, x, k) => p + x * (comparable(query)[k] as number), 0))
      // Cosines are compared by their squares, which are fractions of whole numbers.
      const scores = products.map((p, way) => {
        const squared = (sums[way] as number[]).reduce((s, x) => s + x * x, 0)
        return metric === 'dot' ? p : squared === 0 ? 0 : (Math.sign(p) * p * p) / squared
      })
      const highest = Math.max(...scores)
      if (scores.indexOf(highest) !== scores.lastIndexOf(highest)) ties++
      return scores.indexOf(highest)
    })
    const found = nearestWays(embeddings.comparable(), { supports, queries })
    const trace = JSON.stringify({ rows: [...embeddings.data], metric, supports, queries })
    t.deepEqual(found, expected, trace)
    t.is(episodeError(found), expected.filter((way, w) => way !== w).length / ways, trace)
  }
  t.true(ties > 1000)
})

test('one point for everything is chance, supports that cancel are no match', (t) => {
  const same = new Embeddings(new Float32Array(20).fill(1), 2)
  const ways = nearestWays(same.normalized(), { supports: [[0], [1], [2], [3]], queries: [4, 5, 6, 7] })
  t.is(episodeError(ways), 0.75)
  const opposite = new Embeddings(Float32Array.of(1, 0, -1, 0, 0.6, 0.8, 1, 0), 2)
  t.deepEqual(nearestWays(opposite.normalized(), { supports: [[0, 1], [2]], queries: [3, 3] }), [1, 1])
})
