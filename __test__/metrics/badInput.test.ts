import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { NPairError } from '../../src/errors.js'
import * as metrics from '../../src/metrics/metrics.js'

const nan = Number.NaN
const rows = (...numbers: number[]) => new Embeddings(Float32Array.from(numbers), 2)
const good = rows(1, 0, 0, 1)
const broken = rows(1, 0, nan, 1)
const all = () => 1
const bins = { bins: 2, low: 0, high: 1 }
const pairs = metrics.sortPairs([0.9, 0.4, 0.1], [1, 0, 0])
const found = { k: 3, ids: Int32Array.of(0, 1, 2), scores: Float64Array.of(0.9, 0.8, 0.7) }
const cohort = { mean: [0.1, 0.3], deviation: [0.2, 0.1] }

/** What would come out as a figure, often a perfect one, or never: and the option that is told instead. */
const wrong: [name: string, option: string, call: () => unknown][] = [
  ['bestThreshold: NaN', 'scores[1]', () => metrics.bestThreshold([0.5, nan], [1, 0])],
  ['bestThreshold: lengths', 'same', () => metrics.bestThreshold([0.5, 0.6], [1])],
  ['accuracyAt: NaN', 'scores[0]', () => metrics.accuracyAt([nan], [0], 0.5)],
  ['accuracyAt: lengths', 'same', () => metrics.accuracyAt([0.5, 0.6], [1], 0.5)],
  ['accuracyAt: threshold', 'threshold', () => metrics.accuracyAt([0.5], [0], nan)],
  ['foldAccuracy: NaN', 'scores[3]', () => metrics.foldAccuracy([1, 0, 1, nan], [1, 0, 1, 0], [0, 0, 1, 1], 2)],
  ['foldAccuracy: no such fold', 'fold[3]', () => metrics.foldAccuracy([1, 0, 1, 0], [1, 0, 1, 0], [0, 0, 1, 2], 2)],
  ['foldAccuracy: half a fold', 'fold[0]', () => metrics.foldAccuracy([1, 0, 1, 0], [1, 0, 1, 0], [0.5, 0, 1, 1], 2)],
  ['foldAccuracy: an empty fold', 'fold', () => metrics.foldAccuracy([1, 0, 1, 0], [1, 0, 1, 0], [0, 0, 2, 2], 3)],
  ['relevantRanks: NaN', 'scores[1]', () => metrics.relevantRanks([0.5, nan], [1, 0])],
  ['relevantRanks: lengths', 'relevance', () => metrics.relevantRanks([0.5, 0.4], [1])],
  ['galleryRanks: queries', 'queries.row(1)', () => metrics.galleryRanks(broken, good, all)],
  ['galleryRanks: gallery', 'gallery.row(1)', () => metrics.galleryRanks(good, broken, all)],
  ['sameClassRanks', 'embeddings.row(1)', () => metrics.sameClassRanks(broken, [0, 0])],
  ['nearest', 'gallery.row(1)', () => metrics.nearest(good, broken, 1)],
  ['identify', 'probes.row(1)', () => metrics.identify(broken, [0, 1], good, [0, 1])],
  ['kReciprocal', 'gallery.row(1)', () => metrics.kReciprocal(good, broken)],
  ['kReciprocal: queries', 'queries.row(1)', () => metrics.kReciprocal(broken, good)],
  ['searchOutcome: NaN', 'scores[0]', () => metrics.searchOutcome([nan, 0.1], [1, 2], 2)],
  ['searchOutcome: lengths', 'labels', () => metrics.searchOutcome([0.3, 0.1], [1], 1)],
  ['verificationSuccesses: positive', 'positive[0]', () => metrics.verificationSuccesses([nan], [0.1])],
  ['verificationSuccesses: negatives', 'negatives[1]', () => metrics.verificationSuccesses([0.5], [0.1, nan])],
  ['verificationSuccesses: uneven', 'negatives', () => metrics.verificationSuccesses([0.5, 0.6], [0.1])],
  ['verificationSuccesses: none', 'negatives', () => metrics.verificationSuccesses([0.5, 0.6], [])],
  ['openSet: mate', 'mate[1]', () => metrics.openSet({ mate: [0.5, nan], stranger: [0, 0], rank: [2, 1] })],
  ['openSet: stranger', 'stranger[1]', () => metrics.openSet({ mate: [1, nan], stranger: [0, nan], rank: [1, 0] })],
  ['openSet: lengths', 'stranger', () => metrics.openSet({ mate: [1, nan], stranger: [0], rank: [1, 0] })],
  ['dPrime: NaN', 'scores[1]', () => metrics.dPrime([1, nan, 0, 2], [1, 1, 0, 0])],
  ['dPrime: lengths', 'same', () => metrics.dPrime([1, 3, 0, 2], [1, 1, 0])],
  ['dPrime: weights', 'weights', () => metrics.dPrime([1, 3, 0, 2], [1, 1, 0, 0], [1])],
  ['dPrime: a weight of NaN', 'weights[2]', () => metrics.dPrime([1, 3, 0, 2], [1, 1, 0, 0], [1, 1, nan, 1])],
  ['dPrime: a weight below 0', 'weights[0]', () => metrics.dPrime([1, 3, 0, 2], [1, 1, 0, 0], [-1, 1, 1, 1])],
  ['pairHistogram: NaN', 'scores[0]', () => metrics.pairHistogram([nan], [1], bins)],
  ['pairHistogram: Infinity', 'scores[1]', () => metrics.pairHistogram([0, Number.POSITIVE_INFINITY], [1, 0], bins)],
  ['pairHistogram: lengths', 'same', () => metrics.pairHistogram([0.5], [1, 0], bins)],
  ['pairHistogram: no bin', 'bins', () => metrics.pairHistogram([0.5], [1], { ...bins, bins: 0 })],
  ['pairHistogram: no edge', 'low', () => metrics.pairHistogram([0.5], [1], { ...bins, low: nan })],
  ['pairHistogram: no range', 'high', () => metrics.pairHistogram([0.5], [1], { ...bins, high: 0 })],
  ['normalizeScores: NaN', 'scores[0]', () => metrics.normalizeScores([nan], [0], [1], cohort, 's')],
  ['normalizeScores: lengths', 'second', () => metrics.normalizeScores([0.5], [0], [], cohort, 's')],
  ['normalizeScores: no such row', 'first[0]', () => metrics.normalizeScores([0.5], [2], [1], cohort, 's')],
  ['normalizeScores: half a row', 'second[0]', () => metrics.normalizeScores([0.5], [0], [0.5], cohort, 's')],
  [
    'normalizeScores: a mean of NaN',
    'statistics.mean[1]',
    () => metrics.normalizeScores([0.5], [0], [1], { ...cohort, mean: [0, nan] }, 'z'),
  ],
  [
    'normalizeScores: no spread',
    'statistics.deviation[0]',
    () => metrics.normalizeScores([0.5], [0], [1], { ...cohort, deviation: [0, 1] }, 'z'),
  ],
  [
    'normalizeScores: statistics of two lengths',
    'statistics.deviation',
    () => metrics.normalizeScores([0.5], [0], [1], { ...cohort, deviation: [1] }, 'z'),
  ],
  ['weightedRoc: lengths', 'weights', () => metrics.weightedRoc(pairs, [1, 1])],
  ['weightedRoc: a weight of NaN', 'weights[1]', () => metrics.weightedRoc(pairs, [1, nan, 1])],
  ['weightedRoc: a weight below 0', 'weights[2]', () => metrics.weightedRoc(pairs, [1, 1, -1])],
  ['weightedRoc: half a weight', 'weights[0]', () => metrics.weightedRoc(pairs, [0.5, 1, 1])],
  ['cmc: NaN', 'ranks[1]', () => metrics.cmc([1, nan], 2)],
  ['cmc: half a rank', 'ranks[0]', () => metrics.cmc([1.5], 2)],
  ['cmc: a rank below 0', 'ranks[2]', () => metrics.cmc([1, 0, -1], 2)],
  ['cmc: no depth', 'depth', () => metrics.cmc([1], 0)],
  ['cmc: half a depth', 'depth', () => metrics.cmc([1], 1.5)],
  ['knnClasses: too few labels', 'labels[2]', () => metrics.knnClasses(found, [5, 6])],
  ['knnClasses: NaN', 'labels[0]', () => metrics.knnClasses(found, [nan, 6, 6])],
  ['knnClasses: half a class', 'labels[1]', () => metrics.knnClasses(found, [5, 6.5, 6])],
  ['knnClasses: a class that says there is none', 'labels[1]', () => metrics.knnClasses(found, [5, -1, 6])],
  ['knnClasses: a class that an answer cannot hold', 'labels[2]', () => metrics.knnClasses(found, [5, 6, 2 ** 31])],
  ['wilson: half a success', 'successes', () => metrics.wilson(2.5, 10)],
]
for (const [name, option, call] of wrong)
  test(`refused by name: ${name}`, (t) => {
    const error = t.throws(call, { instanceOf: NPairError })
    t.is(error?.code, 'INVALID_OPTION')
    t.is(error?.option, option, error?.message)
    t.notRegex(error?.message ?? '', /list of NaN/)
  })

test('nothing gives nothing', (t) => {
  t.deepEqual(metrics.verificationSuccesses([], []), new Uint8Array(0))
  t.is(metrics.accuracyAt([], [], 0), nan)
})
