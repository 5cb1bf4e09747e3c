import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { bootstrap, pairWeights, weightedMean } from '../../src/metrics/bootstrap.js'
import { identify } from '../../src/metrics/identification.js'
import { knnClasses } from '../../src/metrics/knn.js'
import { nearest, neighbourRanks } from '../../src/metrics/neighbours.js'
import { reIdRelevance } from '../../src/metrics/reId.js'
import { galleryRanks, relevantRanks } from '../../src/metrics/relevantRanks.js'
import * as retrieval from '../../src/metrics/retrieval.js'
import { roc, sortPairs, weightedRoc } from '../../src/metrics/roc.js'
import { scoreRows } from '../../src/metrics/scoreRows.js'
import { verificationSuccesses } from '../../src/metrics/verificationRate.js'
import { Random } from '../../src/random.js'
import * as slow from '../reference/metrics.js'
import { exactRows, list } from './exactRows.js'

const near = (a: number, b: number) => Math.abs(a - b) < 1e-12

test('retrieval: thousands of rankings with ties, junk and nothing relevant', (t) => {
  let empty = 0
  for (let seed = 0; seed < 3000; seed++) {
    const random = new Random(seed, 'report')
    const count = 1 + random.below(12)
    const scores = list(random, count, 1 + random.below(8))
    const relevance = list(random, count, 3).map((x) => x - 1)
    const found = relevantRanks(scores, relevance)
    const trace = JSON.stringify({ scores, relevance })
    t.deepEqual([...found], slow.ranks(scores, relevance), trace)
    if (found.length === 0) {
      empty++
      t.is(retrieval.reciprocalRank(found), 0)
      for (const metric of [retrieval.averagePrecision, retrieval.inverseNegativePenalty])
        t.is(metric(found), Number.NaN)
      continue
    }
    const hits = slow.sorted(scores).flatMap((g) => (relevance[g] === -1 ? [] : [relevance[g] === 1]))
    t.true(near(retrieval.averagePrecision(found), slow.averagePrecision(hits)), trace)
    t.true(near(retrieval.trapezoidAveragePrecision(found), slow.trapezoidAveragePrecision(hits)), trace)
    t.true(near(retrieval.inverseNegativePenalty(found), slow.inverseNegativePenalty(hits)), trace)
    t.is(retrieval.reciprocalRank(found), 1 / (hits.indexOf(true) + 1), trace)
    for (const k of [1, 2, 5, 20]) {
      t.true(near(retrieval.precisionAtK(found, k), slow.precisionAtK(hits, k)), trace)
      t.true(near(retrieval.ndcgAtK(found, k), slow.ndcgAtK(hits, k)), trace)
    }
  }
  t.true(empty > 100)
})

test('embeddings, top-k lists and whole rankings agree, with junk and ties', (t) => {
  for (let seed = 0; seed < 1500; seed++) {
    const random = new Random(seed, 'report')
    const [queries, gallery] = [
      exactRows(random, 1 + random.below(seed % 50 === 0 ? 70 : 5)),
      exactRows(random, 1 + random.below(9)),
    ]
    const k = 1 + random.below(10)
    const scores = Array.from(scoreRows(queries, gallery), (row) => [...row])
    const found = nearest(queries, gallery, k)
    const side = (count: number) => ({
      labels: list(random, count, 4).map((x) => x - 1),
      cameras: list(random, count, 2),
    })
    const [asked, held] = [side(queries.count), side(gallery.count)]
    const relevance = reIdRelevance(asked, held)
    const whole = galleryRanks(queries, gallery, relevance)
    const listed = neighbourRanks(found, relevance)
    scores.forEach((row, q) => {
      const order = slow.sorted(row).slice(0, k)
      t.deepEqual([...found.ids.subarray(q * k, (q + 1) * k)].slice(0, order.length), order)
      t.deepEqual(
        [...found.scores.subarray(q * k, (q + 1) * k)].slice(0, order.length),
        order.map((g) => row[g] as number),
      )
      const kinds = held.labels.map((label, g) =>
        label === -1 || (label === asked.labels[q] && held.cameras[g] === asked.cameras[q])
          ? -1
          : label === asked.labels[q]
            ? 1
            : 0,
      )
      t.deepEqual([...(whole[q] as Int32Array)], slow.ranks(row, kinds))
      const deepest = order.filter((g) => kinds[g] !== -1).length
      t.deepEqual(
        [...(listed[q] as Int32Array)],
        slow.ranks(row, kinds).filter((rank) => rank <= deepest),
      )
    })
  }
})

test('one point for everything: no identification, no verification, kNN by row order', (t) => {
  const same = new Embeddings(new Float32Array(10).fill(1), 2)
  const found = identify(same, [0, 1, 2, 3, 4], same, [0, 1, 2, 3, 4])
  t.deepEqual([...found.rank], [5, 5, 5, 5, 5])
  t.deepEqual([...identify(same, [0, 1, 2, 3, 4], same, [0, 1, 2, 3, 4], { ties: 'optimistic' }).rank], [1, 1, 1, 1, 1])
  t.deepEqual([...verificationSuccesses([1, 1], [1, 0, 0, 0])], [0, 1])
  t.deepEqual([...knnClasses(nearest(same, same, 3), [7, 8, 8, 9, 9], 1)], [7, 7, 7, 7, 7])
  // Two votes each: the class of the nearest wins.
  const tied = { k: 4, ids: Int32Array.of(3, 1, 2, 4), scores: Float64Array.of(4, 3, 2, 1) }
  t.deepEqual([...knnClasses(tied, [7, 8, 8, 9, 9])], [9])
})

test('a weighted ROC is the ROC of repeated pairs; pair weights are the resample written out', (t) => {
  for (let seed = 0; seed < 1000; seed++) {
    const random = new Random(seed, 'report')
    const images = list(random, 2 + random.below(5), 3) // identity of each image
    const identities = 3
    const drawn = list(random, identities, identities)
    const weights = Int32Array.from({ length: identities }, (_, i) => drawn.filter((d) => d === i).length)
    const pairs = images.flatMap((_, i) => images.slice(i + 1).map((__, d) => [i, i + 1 + d] as const))
    const scores = pairs.map(() => random.below(4))
    const same = pairs.map(([i, j]) => (images[i] === images[j] ? 1 : 0))
    const own = pairWeights(
      pairs.map(([i]) => images[i] as number),
      pairs.map(([, j]) => images[j] as number),
      weights,
    )
    // Written out: each drawn copy brings its images; copies of one identity are not compared with each other.
    const copies = drawn.flatMap((identity, copy) =>
      images.flatMap((own, image) => (own === identity ? [{ copy, image }] : [])),
    )
    const many = pairs.map(([i, j]) => {
      const couples = copies
        .filter((a) => a.image === i)
        .flatMap((a) => copies.filter((b) => b.image === j).map((b) => [a, b] as const))
      return couples.filter(([a, b]) => (images[i] === images[j] ? a.copy === b.copy : true)).length
    })
    t.deepEqual([...own], many)
    const repeat = (values: number[]) => values.flatMap((value, p) => new Array<number>(own[p] as number).fill(value))
    const [found, plain] = [weightedRoc(sortPairs(scores, same), own), roc(repeat(scores), repeat(same))]
    t.is(found.genuine, plain.genuine)
    t.is(found.impostor, plain.impostor)
    if (plain.genuine === 0 || plain.impostor === 0) continue
    plain.thresholds.forEach((threshold, i) => {
      const at = found.thresholds.indexOf(threshold)
      t.deepEqual([found.far[at], found.tar[at]], [plain.far[i], plain.tar[i]])
    })
  }
})

test('bootstrap: the normal interval for the mean of many, wider over identities than over items, repeatable', (t) => {
  const random = new Random(5, 'report')
  const values = Array.from({ length: 400 }, () => random.normal())
  const [interval] = bootstrap(400, (w) => [weightedMean(values, w)], { samples: 2000, seed: 1 })
  const centre = values.reduce((a, b) => a + b) / 400
  const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - centre) ** 2, 0) / 400 / 400)
  t.true(Math.abs((interval?.low as number) - (centre - 1.96 * deviation)) < 0.15 * deviation)
  t.true(Math.abs((interval?.high as number) - (centre + 1.96 * deviation)) < 0.15 * deviation)
  t.deepEqual(
    bootstrap(400, (w) => [weightedMean(values, w)], { samples: 2000, seed: 1 }),
    [interval],
  )
  t.notDeepEqual(
    bootstrap(400, (w) => [weightedMean(values, w)], { samples: 2000, seed: 2 }),
    [interval],
  )
  // Ten identical items an identity: by item the interval would be √10 too narrow.
  const few = values.slice(0, 40)
  const width = (identities: number, own: (w: Int32Array) => number[]) => {
    const repeated = few.flatMap((value) => new Array<number>(10).fill(value))
    const [found] = bootstrap(identities, (w) => [weightedMean(repeated, own(w))], { samples: 1000 })
    return (found?.high as number) - (found?.low as number)
  }
  const ratio = width(40, (w) => [...w].flatMap((n) => new Array<number>(10).fill(n))) / width(400, (w) => [...w])
  t.true(Math.abs(ratio - Math.sqrt(10)) < 0.35, String(ratio))
  // A figure that some resamples do not define: they are left out; one that none defines has no interval.
  const [some, none] = bootstrap(2, (w) => [w[0] === 0 ? Number.NaN : 3, Number.NaN], { samples: 50 })
  t.deepEqual([some?.low, some?.high, none], [3, 3, undefined])
})
