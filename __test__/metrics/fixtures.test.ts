import { readdirSync, readFileSync } from 'node:fs'
import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import {
  adjustedMutualInformation,
  normalizedMutualInformation,
  pairwiseF1,
  vMeasure,
} from '../../src/metrics/clustering.js'
import { cmc } from '../../src/metrics/cmc.js'
import { mcNemar } from '../../src/metrics/compare.js'
import { wilson } from '../../src/metrics/interval.js'
import { knnClasses } from '../../src/metrics/knn.js'
import { kReciprocal } from '../../src/metrics/kReciprocal.js'
import { nearest } from '../../src/metrics/neighbours.js'
import { normalQuantile } from '../../src/metrics/normalQuantile.js'
import { reIdRelevance } from '../../src/metrics/reId.js'
import { relevantRanks } from '../../src/metrics/relevantRanks.js'
import {
  averagePrecision,
  averagePrecisionAtR,
  inverseNegativePenalty,
  ndcgAtK,
  precisionAtK,
  recallAtK,
  reciprocalRank,
  rPrecision,
} from '../../src/metrics/retrieval.js'
import { areaUnderRoc, equalErrorRate, roc, tarAtFar } from '../../src/metrics/roc.js'
import { scoreRows } from '../../src/metrics/scoreRows.js'
import { mean } from '../../src/metrics/statistics.js'
import { accuracyAt, foldAccuracy } from '../../src/metrics/verification.js'

/** Figures of other people's programs: see metrics.py beside the file. */
interface Fixture {
  rankings: {
    hits: number[]
    averagePrecision: number
    torchmetrics: Record<'averagePrecision' | 'rPrecision' | 'reciprocalRank', number> &
      Record<'precision' | 'hitRate' | 'ndcg', Record<string, number>>
    ndcg: Record<string, number>
    ndcgWhole: number
    pml: Record<'rPrecision' | 'mapAtR' | 'map' | 'mrr', number>
    oml: Record<'cmc' | 'precision' | 'map', Record<string, number>>
  }[]
  clusterings: ({
    classes: number[]
    clusters: number[]
    torchmetrics: { nmi: number; vMeasure: number } | null
  } & Record<'nmi' | 'ami' | 'homogeneity' | 'completeness' | 'vMeasure' | 'vHalf' | 'precision' | 'recall', number>)[]
  arcface: ({ distances: number[]; same: number[]; accuracies: number[] } & Record<
    'folds' | 'at' | 'accuracyAt' | 'tar' | 'far',
    number
  >)[]
  verification: { scores: number[]; same: number[]; eer: number; auc: number }[]
  fnmrAtFmr: Record<'positive' | 'negative' | 'fmr' | 'fnmr', number[]>
  reId: (Record<'queries' | 'gallery' | 'queryCameras' | 'galleryCameras' | 'cmc', number[]> & {
    distances: number[][]
    map: number
    minp: number
  })[]
  reRanking: { queries: number; k1: number; k2: number; lambda: number; rows: number[]; final: number[][] }[]
  knn: { rows: number[]; labels: number[]; gallery: number; classes: Record<string, number[]> }
  wilson: Record<'successes' | 'trials' | 'level' | 'low' | 'high', number>[]
  normalQuantile: [number, number][]
  mcNemar: [number, number, number][]
}
const fixture = JSON.parse(readFileSync(new URL('../fixtures/metrics.json', import.meta.url), 'utf8')) as Fixture

const near = (a: number, b: number, tolerance = 1e-9) => Math.abs(a - b) <= tolerance
/** torchmetrics and open-metric-learning compute in float32. */
const single = 1e-6

test('rankings: scikit-learn, torchmetrics, pytorch-metric-learning, open-metric-learning', (t) => {
  t.true(fixture.rankings.length >= 12)
  for (const { hits, ...theirs } of fixture.rankings) {
    const ranks = hits.flatMap((hit, i) => (hit ? [i + 1] : []))
    const name = hits.join('')
    t.true(near(averagePrecision(ranks), theirs.averagePrecision), name)
    t.true(near(averagePrecision(ranks), theirs.torchmetrics.averagePrecision, single), name)
    t.true(near(averagePrecision(ranks), theirs.pml.map), name)
    t.true(near(rPrecision(ranks), theirs.torchmetrics.rPrecision, single), name)
    t.true(near(rPrecision(ranks), theirs.pml.rPrecision), name)
    t.true(near(averagePrecisionAtR(ranks), theirs.pml.mapAtR), name)
    t.true(near(reciprocalRank(ranks), theirs.torchmetrics.reciprocalRank, single), name)
    t.true(near(reciprocalRank(ranks), theirs.pml.mrr, single), name)
    t.true(near(ndcgAtK(ranks, Number.POSITIVE_INFINITY), theirs.ndcgWhole), name)
    for (const [text, precision] of Object.entries(theirs.torchmetrics.precision)) {
      const k = Number(text)
      const inside = ranks.filter((rank) => rank <= k)
      t.true(near(precisionAtK(ranks, k), precision, single), name)
      t.true(near(recallAtK(ranks, k), theirs.torchmetrics.hitRate[k] as number), name)
      t.true(near(recallAtK(ranks, k), theirs.oml.cmc[k] as number), name)
      t.true(near(ndcgAtK(ranks, k), theirs.torchmetrics.ndcg[k] as number, single), name)
      t.true(near(ndcgAtK(ranks, k), theirs.ndcg[k] as number), name)
      // open-metric-learning divides by min(k, R), and its average precision by what was found.
      t.true(
        near((precisionAtK(ranks, k) * k) / Math.min(k, ranks.length), theirs.oml.precision[k] as number, single),
        name,
      )
      t.true(near(inside.length > 0 ? averagePrecision(inside) : 0, theirs.oml.map[k] as number, single), name)
    }
  }
})

test('clusterings: scikit-learn and torchmetrics, also of one class, of singletons, of one item', (t) => {
  t.true(fixture.clusterings.length >= 30)
  for (const { classes, clusters, torchmetrics, ...theirs } of fixture.clusterings) {
    const name = JSON.stringify({ classes, clusters })
    const v = vMeasure(classes, clusters)
    t.true(near(normalizedMutualInformation(classes, clusters), theirs.nmi), name)
    t.true(near(adjustedMutualInformation(classes, clusters), theirs.ami, 1e-8), name)
    t.true(near(v.homogeneity, theirs.homogeneity), name)
    t.true(near(v.completeness, theirs.completeness), name)
    t.true(near(v.vMeasure, theirs.vMeasure), name)
    t.true(near(vMeasure(classes, clusters, 0.5).vMeasure, theirs.vHalf), name)
    if (torchmetrics !== null) {
      t.true(near(normalizedMutualInformation(classes, clusters), torchmetrics.nmi, single), name)
      t.true(near(v.vMeasure, torchmetrics.vMeasure, single), name)
    }
    const { precision, recall, f1 } = pairwiseF1(classes, clusters)
    t.true(near(precision, theirs.precision) && near(recall, theirs.recall), name)
    t.true(near(f1, precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0), name)
  }
})

test('ten folds as insightface counts them, where its choice among best thresholds does not matter', (t) => {
  for (const { distances, same, folds, accuracies, at, accuracyAt: theirs, tar, far } of fixture.arcface) {
    const scores = distances.map((d) => -d)
    // Its folds are runs of pairs in order.
    const fold = distances.map((_, i) => Math.floor((i * folds) / distances.length))
    const found = foldAccuracy(scores, same, fold, folds)
    found.accuracies.forEach((accuracy, k) => {
      t.true(near(accuracy, accuracies[k] as number), `${k}`)
    })
    t.true(near(accuracyAt(scores, same, -at), theirs))
    const curve = roc(scores, same)
    const point = curve.thresholds.findLastIndex((threshold) => threshold >= -at)
    t.true(near(curve.tar[point] as number, tar) && near(curve.far[point] as number, far))
  }
})

test('equal error rate and area: torchmetrics; FNMR at FMR: open-metric-learning', (t) => {
  for (const { scores, same, eer, auc } of fixture.verification) {
    const curve = roc(scores, same)
    t.true(near(equalErrorRate(curve).rate, eer, single))
    t.true(near(areaUnderRoc(curve), auc, single))
  }
  const { positive, negative, fmr, fnmr } = fixture.fnmrAtFmr
  const scores = [...positive, ...negative].map((distance) => -distance)
  const curve = roc(scores, [...positive.map(() => 1), ...negative.map(() => 0)])
  fmr.forEach((rate, i) => {
    t.true(near(1 - (tarAtFar(curve, rate)?.tar as number), fnmr[i] as number, single))
  })
})

test("Re-ID: fast-reid's Market-1501 figures", (t) => {
  for (const { queries, gallery, queryCameras, galleryCameras, distances, ...theirs } of fixture.reId) {
    const relevance = reIdRelevance(
      { labels: queries, cameras: queryCameras },
      { labels: gallery, cameras: galleryCameras },
    )
    const ranks = distances.map((row, q) =>
      relevantRanks(
        row.map((d) => -d),
        gallery.map((_, g) => relevance(q, g)),
      ),
    )
    const kept = ranks.filter((r) => r.length > 0)
    t.true(kept.length > 0)
    t.true(near(mean(kept.map((r) => averagePrecision(r))), theirs.map))
    t.true(near(mean(kept.map(inverseNegativePenalty)), theirs.minp))
    const curve = cmc(
      ranks.map((r) => r[0] ?? 0),
      theirs.cmc.length,
    )
    theirs.cmc.forEach((rate, k) => {
      t.true(near(curve[k] as number, rate, single))
    })
  }
})

test("k-reciprocal re-ranking: the authors' distances", (t) => {
  for (const { queries, rows, final, ...options } of fixture.reRanking) {
    const data = Float32Array.from(rows)
    const [asked, gallery] = [data.slice(0, queries * 5), data.slice(queries * 5)].map(
      (part) => new Embeddings(part, 5),
    ) as [Embeddings, Embeddings]
    const found = kReciprocal(asked, gallery, options)
    final.forEach((row, q) => {
      const ids = found.ids.subarray(q * found.k, (q + 1) * found.k)
      t.deepEqual(
        [...ids].sort((a, b) => a - b),
        row.map((_, g) => g),
      )
      ids.forEach((g, place) => {
        t.true(near(-(found.scores[q * found.k + place] as number), row[g] as number, 2e-6), `${q} ${g}`)
      })
    })
    // From neighbourhoods that are known already, deeper ones than are needed.
    const all = new Embeddings(data, 5).normalized()
    const lowest = Float64Array.from(Array.from(scoreRows(all, all), (row) => Math.min(...row)))
    const hoods = nearest(all, all, Math.min(Math.max(options.k1 + 1, options.k2) + 3, all.count))
    t.deepEqual(kReciprocal(asked, gallery, options, { near: hoods, lowest }), found)
    // They are used: with others the distances are others, and what does not fit is refused.
    const other = kReciprocal(asked, gallery, options, { near: hoods, lowest: lowest.map((x) => x - 1) })
    t.notDeepEqual(other.scores, found.scores)
    const shallow = nearest(all, all, options.k1)
    t.throws(() => kReciprocal(asked, gallery, options, { near: shallow, lowest }), { message: /near\.k/ })
    t.throws(() => kReciprocal(asked, gallery, options, { near: hoods, lowest: lowest.slice(1) }), {
      message: /for lowest/,
    })
    const short = kReciprocal(asked, gallery, { ...options, k: 3 })
    t.deepEqual([...short.ids.subarray(0, 3)], [...found.ids.subarray(0, 3)])
  }
})

test("k-reciprocal re-ranking of one set by itself: each image once, the authors' distances between all of them", (t) => {
  for (const { queries, rows, final, ...options } of fixture.reRanking) {
    const all = new Embeddings(Float32Array.from(rows), 5)
    const own = Array.from({ length: all.count }, (_, i) => i)
    const found = kReciprocal(all, all, { ...options, own })
    t.is(found.k, all.count - 1)
    const score = (q: number, g: number) => {
      const at = found.ids.indexOf(g, q * found.k)
      t.true(at < (q + 1) * found.k)
      return found.scores[at] as number
    }
    // Their program takes an image as a query or as one of the gallery, and the same image as both never.
    final.forEach((row, q) => {
      row.forEach((distance, g) => {
        t.true(near(-score(q, queries + g), distance, 2e-6), `${q} ${g}`)
      })
      t.false(found.ids.subarray(q * found.k, (q + 1) * found.k).includes(q))
    })
    // Some of them asking is the same; and so is each alone against all others.
    const some = own.filter((i) => i % 3 === 0)
    const rowsOf = (list: number[]) => new Embeddings(Float32Array.from(list.flatMap((i) => [...all.row(i)])), 5)
    const part = kReciprocal(rowsOf(some), all, { ...options, own: some })
    some.forEach((i, q) => {
      const [own, theirs] = [part, found].map(({ ids, k }, f) => [
        ...ids.subarray((f ? i : q) * k, (f ? i : q) * k + k),
      ])
      t.deepEqual(own, theirs)
      const others = Array.from({ length: all.count }, (_, j) => j).filter((j) => j !== i)
      const alone = kReciprocal(rowsOf([i]), rowsOf(others), options)
      alone.ids.forEach((g, place) => {
        t.true(near(alone.scores[place] as number, score(i, others[g] as number)), `${i} ${g}`)
      })
    })
    t.throws(() => kReciprocal(rowsOf([0, 1]), all, { own: [0, 2] }), { message: /row of the gallery .* own\[1\]/ })
    t.throws(() => kReciprocal(rowsOf([0, 1]), all, { own: [0, -1] }), { message: /own\[1\]/ })
    t.throws(() => kReciprocal(rowsOf([0, 1]), all, { own: [0] }), { message: /list of 2 for own/ })
  }
})

test('kNN recognition: scikit-learn, where its vote is no tie', (t) => {
  const { rows, labels, gallery, classes } = fixture.knn
  const data = Float32Array.from(rows)
  const near = nearest(new Embeddings(data.slice(gallery * 4), 4), new Embeddings(data.slice(0, gallery * 4), 4), 5)
  for (const [k, theirs] of Object.entries(classes)) {
    const found = knnClasses(near, labels, Number(k))
    t.true(theirs.filter((label) => label >= 0).length > 8)
    theirs.forEach((label, q) => {
      if (label >= 0) t.is(found[q], label)
    })
  }
})

test('SciPy: Wilson intervals, normal quantiles, exact McNemar', (t) => {
  for (const { successes, trials, level, low, high } of fixture.wilson) {
    const found = wilson(successes, trials, level)
    t.true(near(found.low, low) && near(found.high, high), JSON.stringify({ successes, trials }))
  }
  for (const [p, value] of fixture.normalQuantile)
    t.true(Math.abs(normalQuantile(p) - value) <= 1e-14 * Math.max(1, Math.abs(value)), String(p))
  for (const [b, c, pValue] of fixture.mcNemar) {
    const first = [...new Array<number>(b).fill(1), ...new Array<number>(c).fill(0), 1, 0]
    const second = [...new Array<number>(b).fill(0), ...new Array<number>(c).fill(1), 1, 0]
    t.true(near(mcNemar(first, second).pValue, pValue, 1e-12), `${b} ${c}`)
  }
})

test('a script that takes files of GitHub says of which commit each is', (t) => {
  const folder = new URL('../fixtures/', import.meta.url)
  const scripts = readdirSync(folder).filter((name) => name.endsWith('.py'))
  let files = 0
  for (const script of scripts) {
    const [, list] = /files? of GitHub:\n((?: {2}.+\n)+)/.exec(readFileSync(new URL(script, folder), 'utf8')) ?? []
    for (const line of list?.trimEnd().split('\n') ?? []) {
      files++
      t.regex(line, /^ {2}[\w-]+\/[\w-]+ [\w/-]+\.py, commit [0-9a-f]{40}$/, script)
    }
  }
  t.is(files, 5)
})
