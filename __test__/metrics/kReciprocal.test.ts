import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { kReciprocal } from '../../src/metrics/kReciprocal.js'
import { Random } from '../../src/random.js'
import { reRanked } from '../reference/kReciprocal.js'
import { exactRows } from './exactRows.js'

/** Normal rows, or few directions with many duplicates. */
function drawn(random: Random, count: number, exact: boolean): Embeddings {
  if (exact) return exactRows(random, count)
  return new Embeddings(
    Float32Array.from({ length: count * 2 }, () => random.normal()),
    2,
  )
}

/** Rows of length 1 in float32. */
const tolerance = 1e-6

test('thousands of small sets with duplicates: every distance of the whole matrix, for queries apart and of the set', (t) => {
  for (let seed = 0; seed < 2000; seed++) {
    const random = new Random(seed, 'report')
    const [queries, gallery] = [1 + random.below(3), 1 + random.below(9)]
    const all = drawn(random, queries + gallery, seed % 2 === 0)
    const options = { k1: 1 + random.below(8), k2: 1 + random.below(4), lambda: random.below(5) / 4 }
    const rows = Array.from(all.normalized().normalized(), (row) => [...row]) // as what the neighbours are found by
    const expected = reRanked(rows, options.k1, options.k2, options.lambda)
    const trace = JSON.stringify({ rows, queries, options })
    const check = (
      found: ReturnType<typeof kReciprocal>,
      query: number,
      q: number,
      others: number[],
      first: number,
    ) => {
      const ids = [...found.ids.subarray(q * found.k, (q + 1) * found.k)].filter((id) => id >= 0)
      t.deepEqual(
        ids.map((g) => g + first).sort((a, b) => a - b),
        others,
        trace,
      )
      ids.forEach((g, place) => {
        const score = found.scores[q * found.k + place] as number
        t.true(Math.abs(-score - (expected[query]?.[g + first] as number)) < tolerance, `${trace} ${query} ${g}`)
        const before = found.scores[q * found.k + place - 1] as number
        t.true(place === 0 || score < before || (score === before && (ids[place - 1] as number) < g), trace)
      })
    }
    const images = rows.map((_, i) => i)
    const [asked, held] = [all.data.slice(0, queries * 2), all.data.slice(queries * 2)]
    const apart = kReciprocal(new Embeddings(asked, 2), new Embeddings(held, 2), options)
    images.slice(0, queries).forEach((q) => {
      check(apart, q, q, images.slice(queries), queries)
    })
    const together = kReciprocal(all, all, { ...options, own: images })
    images.forEach((q) => {
      check(
        together,
        q,
        q,
        images.filter((i) => i !== q),
        0,
      )
    })
  }
})
