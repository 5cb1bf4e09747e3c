import test from 'ava'
import { knnClasses } from '../../src/metrics/knn.js'
import { Random } from '../../src/random.js'
import { sorted } from '../reference/metrics.js'
import { list } from './exactRows.js'

/** Counts for every class; of those with most votes the one that comes first among the nearest. */
function vote(nearest: number[]): number {
  const votes = (label: number) => nearest.filter((other) => other === label).length
  const most = Math.max(...nearest.map(votes))
  return nearest.find((label) => votes(label) === most) ?? -1
}

test('thousands of votes, with equal ones, equal scores, lists that are not full, and empty galleries', (t) => {
  let [ties, nobody] = [0, 0]
  for (let seed = 0; seed < 4000; seed++) {
    const random = new Random(seed, 'report')
    const [queries, gallery, k] = [1 + random.below(3), random.below(9), 1 + random.below(10)]
    const labels = list(random, gallery, 1 + random.below(4))
    const rows = Array.from({ length: queries }, () => list(random, gallery, 1 + random.below(8)))
    const orders = rows.map((scores) => sorted(scores).slice(0, k))
    const places = Array.from({ length: k }, (_, place) => place)
    const near = {
      k,
      ids: Int32Array.from(orders.flatMap((order) => places.map((place) => order[place] ?? -1))),
      scores: Float64Array.from(
        orders.flatMap((order, q) => places.map((p) => rows[q]?.[order[p] ?? -1] ?? Number.NEGATIVE_INFINITY)),
      ),
    }
    for (const voters of [1, 1 + random.below(k), k]) {
      const nearest = orders.map((order) => order.slice(0, voters).map((g) => labels[g] as number))
      t.deepEqual([...knnClasses(near, labels, voters)], nearest.map(vote), JSON.stringify({ rows, labels, voters }))
      for (const found of nearest) {
        const votes = [...new Set(found)].map((label) => found.filter((x) => x === label).length).sort((a, b) => b - a)
        if (votes.length > 1 && votes[0] === votes[1]) ties++
        if (found.length === 0) nobody++
      }
    }
    t.deepEqual(knnClasses(near, labels), knnClasses(near, labels, k))
  }
  t.true(ties > 2000 && nobody > 500)
})
