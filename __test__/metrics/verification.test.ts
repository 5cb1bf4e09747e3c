import test from 'ava'
import { accuracyAt, bestThreshold, foldAccuracy } from '../../src/metrics/verification.js'
import { Random } from '../../src/random.js'
import { bestThreshold as slow } from '../reference/verification.js'

test('the best threshold equals the brute-force one on thousands of small cases with ties', (t) => {
  for (let seed = 0; seed < 4000; seed++) {
    const random = new Random(seed, 'report')
    const count = 1 + random.below(9)
    const levels = 1 + random.below(6)
    const scores = Array.from({ length: count }, () => random.below(levels) / 4)
    const same = Array.from({ length: count }, () => random.below(2))
    const found = bestThreshold(scores, same)
    t.deepEqual(found, slow(scores, same), JSON.stringify({ scores, same }))
    t.is(accuracyAt(scores, same, found.threshold), found.accuracy)
  }
})

test('thousands of small folds with ties: each at the best threshold of the others, found by trying all', (t) => {
  let oneSided = 0
  for (let seed = 0; seed < 4000; seed++) {
    const random = new Random(seed, 'report')
    const folds = 2 + random.below(3)
    const count = folds + random.below(9)
    const fold = Array.from({ length: count }, (_, i) => (i < folds ? i : random.below(folds)))
    const levels = 1 + random.below(6)
    const scores = fold.map(() => random.below(levels) / 4)
    const same = fold.map(() => random.below(2))
    const found = foldAccuracy(scores, same, fold, folds)
    const trace = JSON.stringify({ scores, same, fold })
    const accuracies = Array.from({ length: folds }, (_, k) => {
      const others = scores.filter((_, i) => fold[i] !== k)
      const { threshold } = slow(
        others,
        same.filter((_, i) => fold[i] !== k),
      )
      if (!Number.isFinite(threshold)) oneSided++
      t.is(found.thresholds[k], threshold, trace)
      const own = scores.flatMap((score, i) => (fold[i] === k ? [score >= threshold === (same[i] === 1)] : []))
      return own.filter(Boolean).length / own.length
    })
    t.deepEqual(found.accuracies, accuracies, trace)
    const centre = accuracies.reduce((sum, x) => sum + x, 0) / folds
    const variance = accuracies.reduce((sum, x) => sum + (x - centre) ** 2, 0) / (folds - 1)
    t.true(Math.abs(found.mean - centre) < 1e-12, trace)
    t.true(Math.abs(found.standardError - Math.sqrt(variance / folds)) < 1e-12, trace)
  }
  t.true(oneSided > 500)
})

test('one-sided data: everything accepted or everything rejected', (t) => {
  t.deepEqual(bestThreshold([0.2, 0.2], [1, 1]), { threshold: Number.NEGATIVE_INFINITY, accuracy: 1 })
  t.deepEqual(bestThreshold([0.2, 0.2], [0, 0]), { threshold: Number.POSITIVE_INFINITY, accuracy: 1 })
})

test('between neighbouring floats the threshold still separates them', (t) => {
  const low = 0.5
  const high = 0.5 + 2 ** -53
  const next = high > low ? high : 0.5 + 2 ** -52
  const { threshold, accuracy } = bestThreshold([low, next], [0, 1])
  t.is(accuracy, 1)
  t.true(threshold > low && threshold <= next)
})

test('20 pairs in 2 folds (the case of facenet and insightface): accuracies .8 and .7', (t) => {
  const distances = [
    [0.105, 0.305, 0.505, 0.905, 1.305, 1.105, 1.505, 1.905, 2.305, 2.705],
    [0.205, 0.405, 0.605, 1.005, 1.405, 0.805, 1.205, 1.605, 2.005, 2.405],
  ]
  const same = [1, 1, 1, 1, 1, 0, 0, 0, 0, 0]
  const scores = distances.flat().map((d) => -d)
  const fold = distances.flatMap((row, k) => row.map(() => k))
  const result = foldAccuracy(scores, [...same, ...same], fold, 2)
  // They take the first threshold of a grid, .61 and .91; we the middle of the longest plateau, which theirs lies in.
  t.deepEqual(
    result.thresholds.map((x) => Number(x.toFixed(6))),
    [-0.705, -1.005],
  )
  const theirs = [0.61, 0.91].map((d, k) => accuracyAt(distances[k]?.map((x) => -x) ?? [], same, -d))
  t.deepEqual(theirs, [0.8, 0.7])
  // Fold 1 has a genuine pair at 1.005, on our threshold: score >= threshold accepts it.
  t.deepEqual(result.accuracies, [0.8, 0.8])
})

test('the standard error is the sample one: a third of the population deviation for ten folds', (t) => {
  const accuracies = [99.33, 99.17, 98.83, 99.5, 99.17, 99.83, 99.17, 98.83, 99.83, 99.33]
  // 100 pairs a fold, of which exactly accuracy % are right at any sensible threshold: build it from counts.
  const scores: number[] = []
  const same: number[] = []
  const fold: number[] = []
  accuracies.forEach((accuracy, k) => {
    for (let i = 0; i < 10_000; i++) {
      scores.push(i < accuracy * 100 ? 1 : 0)
      same.push(1)
      fold.push(k)
      scores.push(0)
      same.push(0)
      fold.push(k)
    }
  })
  const result = foldAccuracy(scores, same, fold, 10)
  t.true(Math.abs(result.mean - (1 + 0.99299) / 2) < 1e-9)
  t.true(Math.abs(result.standardError - 0.0011036 / 2) < 1e-7)
})
