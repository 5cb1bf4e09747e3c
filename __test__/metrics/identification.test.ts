import test from 'ava'
import { cmc } from '../../src/metrics/cmc.js'
import { neighbourSearches, searchOutcome } from '../../src/metrics/identification.js'
import { nearest } from '../../src/metrics/neighbours.js'
import { openSet } from '../../src/metrics/openSet.js'
import { tarAtFar } from '../../src/metrics/roc.js'
import { scoreRows } from '../../src/metrics/scoreRows.js'
import { Random } from '../../src/random.js'
import { blufrThreshold } from '../reference/blufr.js'
import * as slow from '../reference/metrics.js'
import { exactRows, list } from './exactRows.js'

test('ranks, open set and CMC by counting', (t) => {
  for (let seed = 0; seed < 2500; seed++) {
    const random = new Random(seed, 'report')
    const [probes, gallery] = [1 + random.below(7), 1 + random.below(8)]
    const labels = list(random, gallery, 4)
    const asked = list(random, probes, 6)
    const scores = asked.map(() => list(random, gallery, 1 + random.below(6)))
    for (const ties of ['pessimistic', 'optimistic'] as const)
      for (const count of ['identities', 'images'] as const) {
        const found = scores.map((row, p) => searchOutcome(row, labels, asked[p] as number, { ties, count }))
        found.forEach((search, p) => {
          const row = scores[p] as number[]
          t.is(search.rank, slow.rank(row, labels, asked[p] as number, ties, count))
          t.is(search.stranger, Math.max(...row.filter((_, g) => labels[g] !== asked[p])))
          t.is(search.mate, search.rank === 0 ? Number.NaN : Math.max(...row.filter((_, g) => labels[g] === asked[p])))
        })
        const curve = cmc(
          found.map((s) => s.rank),
          3,
        )
        const mated = found.filter((s) => s.rank > 0)
        for (const k of [1, 2, 3]) t.is(curve[k - 1], mated.filter((s) => s.rank <= k).length / mated.length)
        if (mated.length === 0 || mated.length === found.length || labels.every((l) => l === labels[0])) continue
        const columns = {
          mate: found.map((s) => s.mate),
          stranger: found.map((s) => s.stranger),
          rank: found.map((s) => s.rank),
        }
        for (const rank of [1, 2]) {
          const open = openSet(columns, rank)
          t.is(open.genuine, mated.length)
          open.thresholds.forEach((threshold, i) => {
            t.deepEqual({ dir: open.tar[i], far: open.far[i] }, slow.openSetAt(found, rank, threshold))
          })
          const weights = list(random, found.length, 3)
          const repeated = (values: number[]) =>
            values.flatMap((value, p) => new Array<number>(weights[p] as number).fill(value))
          const [drawn, written] = [
            openSet(columns, rank, weights),
            openSet(
              { mate: repeated(columns.mate), stranger: repeated(columns.stranger), rank: repeated(columns.rank) },
              rank,
            ),
          ]
          written.thresholds.forEach((threshold, i) => {
            const at = drawn.thresholds.indexOf(threshold)
            t.deepEqual([drawn.far[at], drawn.tar[at]], [written.far[i], written.tar[i]])
          })
          const unseen = found.filter((s) => s.rank === 0)
          for (const target of [0, 0.2, 0.5, 1]) {
            const theirs = blufrThreshold(
              mated.map((s) => s.mate),
              unseen.map((s) => s.stranger),
              target,
            )
            const at = tarAtFar(open, target, 'nthImpostor')
            t.deepEqual({ dir: at?.tar, far: at?.far }, slow.openSetAt(found, rank, theirs))
          }
        }
      }
  }
})

test('thousands of top-k lists: mate, stranger and rank as in the whole ranking, as far as the list goes', (t) => {
  let [far, alone] = [0, 0]
  for (let seed = 0; seed < 3000; seed++) {
    const random = new Random(seed, 'report', 1)
    const [probes, gallery] = [exactRows(random, 3), exactRows(random, 1 + random.below(8))]
    const [asked, labels] = [list(random, 3, 5), list(random, gallery.count, 4)]
    const k = 1 + random.below(8)
    const near = nearest(probes, gallery, k)
    const found = {
      images: neighbourSearches(near, asked, labels, 'images'),
      identities: neighbourSearches(near, asked, labels, 'identities'),
    }
    t.deepEqual(neighbourSearches(near, asked, labels), found.identities)
    let p = 0
    for (const row of scoreRows(probes, gallery)) {
      const trace = JSON.stringify({ row: [...row], labels, label: asked[p], k })
      const order = slow.sorted([...row])
      const first = (label: number) => order.findIndex((g) => labels[g] === label)
      const mated = labels.includes(asked[p] as number)
      const place = first(asked[p] as number)
      const others = [...new Set(labels)].filter((label) => label !== asked[p])
      const ranks = { images: 1 + place, identities: 1 + others.filter((label) => first(label) < place).length }
      const best = order.slice(0, k).find((g) => labels[g] !== asked[p])
      for (const count of ['images', 'identities'] as const) {
        t.is(found[count].rank[p], !mated ? 0 : place < k ? ranks[count] : 2 ** 31 - 1, `${trace} ${count}`)
        t.is(
          found[count].mate[p],
          !mated ? Number.NaN : place < k ? row[order[place] as number] : Number.NEGATIVE_INFINITY,
          trace,
        )
        t.is(found[count].stranger[p], best === undefined ? Number.NEGATIVE_INFINITY : row[best], trace)
      }
      if (mated && place >= k) far++
      if (best === undefined) alone++
      p++
    }
  }
  t.true(far > 500 && alone > 500)
})

test('vector M5 (BLUFR): DIR at FAR 0, .25, .5 and 1, ranks 1 and 2', (t) => {
  const scores = [
    [0.9, 0.2, 0.4, 0.55, 0.1, 0.3, 0.2, 0.6],
    [0.1, 0.7, 0.5, 0.3, 0.65, 0.2, 0.1, 0.1],
    [0.3, 0.75, 0.8, 0.2, 0.2, 0.25, 0.5, 0.4],
  ]
  const probes = [0, 1, 2, 0, 7, 8, 9, 10]
  const found = probes.map((label, p) =>
    searchOutcome(
      scores.map((row) => row[p] as number),
      [0, 1, 2],
      label,
    ),
  )
  const columns = {
    mate: found.map((s) => s.mate),
    stranger: found.map((s) => s.stranger),
    rank: found.map((s) => s.rank),
  }
  for (const [far, first, second, threshold] of [
    [0, 0.5, 0.75, (0.65 + 0.7) / 2],
    [0.25, 0.5, 0.75, 0.65],
    [0.5, 0.5, 0.75, 0.6],
    [1, 0.75, 1, 0.3],
  ] as const)
    for (const [rank, dir] of [
      [1, first],
      [2, second],
    ] as const) {
      // At rank 1 the mate that scores .7 is out, so that the lowest one above the impostors' .65 is .8: the same gap.
      const own = far === 0 && rank === 1 ? (0.65 + 0.8) / 2 : threshold
      t.deepEqual(tarAtFar(openSet(columns, rank), far, 'nthImpostor'), { tar: dir, far, threshold: own })
    }
  t.is(tarAtFar(openSet(columns), 0.1), undefined)
})

test('a rank is 1-based and every mated probe must be right: two known bugs of published code', (t) => {
  // MindSpore's port counts rank 2 as rank 1; insightface's IJB-C has no probe without a mate.
  const second = { mate: [0.5], stranger: [0.6], rank: [2] }
  t.is(cmc(second.rank, 2)[0], 0)
  const curve = openSet({ mate: [0.5, Number.NaN], stranger: [0.6, 0.1], rank: [2, 0] })
  t.deepEqual([...curve.tar], [0, 0])
  const matedOnly = openSet(second)
  t.is(tarAtFar(matedOnly, 1), undefined)
})
