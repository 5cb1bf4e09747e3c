import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { bootstrap, pairWeights, weightedMean } from '../../src/metrics/bootstrap.js'
import { adjustedMutualInformation, normalizedMutualInformation, pairwiseF1 } from '../../src/metrics/clustering.js'
import { cmc } from '../../src/metrics/cmc.js'
import { identify, neighbourSearches, searchOutcome } from '../../src/metrics/identification.js'
import { knnClasses } from '../../src/metrics/knn.js'
import { nearest, neighbourRanks } from '../../src/metrics/neighbours.js'
import { openSet } from '../../src/metrics/openSet.js'
import { reIdRelevance } from '../../src/metrics/reId.js'
import { galleryRanks, relevantRanks } from '../../src/metrics/relevantRanks.js'
import * as retrieval from '../../src/metrics/retrieval.js'
import { roc, sortPairs, tarAtFar, weightedRoc } from '../../src/metrics/roc.js'
import { scoreRows } from '../../src/metrics/scoreRows.js'
import { verificationSuccesses } from '../../src/metrics/verificationRate.js'
import { Random } from '../../src/random.js'
import { blufrThreshold } from '../reference/blufr.js'
import * as slow from '../reference/metrics.js'

const near = (a: number, b: number) => Math.abs(a - b) < 1e-12
const list = (random: Random, count: number, below: number) => Array.from({ length: count }, () => random.below(below))

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

/** Rows whose cosines are exact in float32, so that ties are ties. */
const directions = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
  [0, 0],
  [2, 0],
  [0, 4],
]
const rows = (random: Random, count: number) =>
  new Embeddings(Float32Array.from(list(random, count, directions.length).flatMap((d) => directions[d] as number[])), 2)

test('embeddings, top-k lists and whole rankings agree, with junk and ties', (t) => {
  for (let seed = 0; seed < 1500; seed++) {
    const random = new Random(seed, 'report')
    const [queries, gallery] = [
      rows(random, 1 + random.below(seed % 50 === 0 ? 70 : 5)),
      rows(random, 1 + random.below(9)),
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

test('identification: ranks, open set and CMC by counting; top-k lists give the same within their reach', (t) => {
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
  for (let seed = 0; seed < 500; seed++) {
    const random = new Random(seed, 'report', 1)
    const [probes, gallery] = [rows(random, 3), rows(random, 8)]
    const [asked, labels] = [list(random, 3, 5), list(random, 8, 4)]
    const k = 1 + random.below(8)
    const short = neighbourSearches(nearest(probes, gallery, k), asked, labels, 'images')
    let p = 0
    for (const row of scoreRows(probes, gallery)) {
      const order = slow.sorted([...row])
      const rank = labels.includes(asked[p] as number) ? 1 + order.findIndex((g) => labels[g] === asked[p]) : 0
      t.is(short.rank[p], rank > k ? 2 ** 31 - 1 : rank)
      if (rank > 0 && rank <= k) t.is(short.mate[p], row[order[rank - 1] as number])
      p++
    }
  }
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

test('clusterings: information by the definition, its expectation over all permutations, F1 over all pairs', (t) => {
  for (let seed = 0; seed < 400; seed++) {
    const random = new Random(seed, 'report')
    const count = 1 + random.below(6)
    const [classes, clusters] = [list(random, count, 1 + random.below(4)), list(random, count, 1 + random.below(4))]
    const trace = JSON.stringify({ classes, clusters })
    const [information, a, b] = [
      slow.mutualInformation(classes, clusters),
      slow.entropy(classes),
      slow.entropy(clusters),
    ]
    t.true(near(normalizedMutualInformation(classes, clusters), a + b > 1e-12 ? (2 * information) / (a + b) : 1), trace)
    const expected = slow.expectedInformation(classes, clusters)
    const room = (a + b) / 2 - expected
    const found = adjustedMutualInformation(classes, clusters)
    if (room > 1e-9) t.true(Math.abs(found - (information - expected) / room) < 1e-9, trace)
    else t.is(found, 1, trace) // equal partitions of one class or of singletons
    const [f1, theirs] = [pairwiseF1(classes, clusters), slow.pairwiseF1(classes, clusters)]
    for (const key of ['precision', 'recall', 'f1'] as const) t.true(near(f1[key], theirs[key]), trace)
  }
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
