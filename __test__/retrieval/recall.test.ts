import test from 'ava'
import { wilsonOfMean } from '../../src/metrics/interval.js'
import type { Hit } from '../../src/retrieval/indexOptions.js'
import { approximateRecall, isApproximateRecall } from '../../src/retrieval/recall.js'

test('recall by hand: equally near rows are as good, and what is missing is missing', (t) => {
  const hits = (...scores: number[]): Hit[] => scores.map((score, i) => ({ id: `${i}`, score }))
  const exact = [hits(5, 4, 4), hits(3, 2, 1), hits()]
  const found = [[{ id: 'other', score: 4 }, ...hits(5, 4)], hits(3), hits()]
  const { recall, worst, queries, interval } = approximateRecall(exact, found, { k: 3, candidates: 9 })
  t.true(Math.abs(recall - (1 + 1 / 3 + 1) / 3) < 1e-15)
  t.deepEqual([worst, queries, interval], [1 / 3, 3, wilsonOfMean((1 + 1 / 3 + 1) / 3, 3)])
  t.deepEqual(approximateRecall([hits(1)], [hits(1)], { k: 1, candidates: 1 }).recall, 1)
})

test('what is read from a file is looked at before it is believed', (t) => {
  const recall = approximateRecall([[{ id: 'a', score: 1 }]], [[]], { k: 1, candidates: 4 })
  t.true(isApproximateRecall(JSON.parse(JSON.stringify(recall))))
  for (const change of [
    { k: 0 },
    { candidates: 1.5 },
    { queries: undefined },
    { recall: 1.5 },
    { recall: '0' },
    { worst: -1 },
    { interval: undefined },
    { interval: { ...recall.interval, high: 2 } },
    { interval: { ...recall.interval, method: 'guess' } },
  ])
    t.false(isApproximateRecall({ ...recall, ...change }), JSON.stringify(change))
  t.false(isApproximateRecall(null))
})
