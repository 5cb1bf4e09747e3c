import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { identify } from '../../src/metrics/identification.js'
import { kReciprocal } from '../../src/metrics/kReciprocal.js'
import { nearest, neighbourRanks } from '../../src/metrics/neighbours.js'
import { reIdRelevance } from '../../src/metrics/reId.js'
import { galleryRanks } from '../../src/metrics/relevantRanks.js'
import { nearestOthers } from '../../src/protocols/nearestOthers.js'
import { probeSearches } from '../../src/protocols/probeSearches.js'
import { reRanked } from '../../src/protocols/reRanked.js'
import { isLarge } from '../../src/protocols/searched.js'
import { sightingRanks } from '../../src/protocols/sightingRanks.js'
import { Random } from '../../src/random.js'
import { someRows } from '../reference/nearest.js'
import { refused } from '../train/tinyRun.js'

// Each is just enough to be given to the engine, with copies of rows and rows of zeros in it.
const random = new Random(5, 'report')
const labels = (count: number, classes: number) => Array.from({ length: count }, () => random.below(classes))

test('searches in a gallery: the very outcomes of the metric, however ranks are counted', async (t) => {
  const [probes, gallery] = [someRows(900, 300, () => random.normal()), someRows(7500, 300, () => random.normal())]
  // Probes of nobody in the gallery, too, and copies of rows of the gallery.
  for (let p = 0; p < 200; p++) probes.row(p).set(gallery.row(7 * p))
  const [own, known] = [labels(900, 2600), labels(7500, 2000)]
  t.true(isLarge(probes, gallery))
  for (const options of [
    { ties: 'pessimistic', count: 'identities' },
    { ties: 'optimistic', count: 'images' },
  ] as const)
    t.deepEqual(
      await probeSearches(probes, own, gallery, known, options),
      identify(probes, own, gallery, known, options),
    )
})

test('sightings: the very ranks of the metric', async (t) => {
  const [queries, gallery] = [someRows(900, 300, () => random.normal()), someRows(7500, 300, () => random.normal())]
  const asked = { labels: labels(900, 1300), cameras: labels(900, 6) }
  const seen = { labels: labels(7500, 1200), cameras: labels(7500, 6) }
  t.true(isLarge(queries, gallery))
  const expected = galleryRanks(queries, gallery, reIdRelevance(asked, seen, []))
  t.true(expected.some((ranks) => ranks.length === 0) && expected.some((ranks) => ranks.length > 5))
  t.deepEqual(await sightingRanks(queries, asked, gallery, seen), expected)
})

test('re-ranking: the very ranks of the metric, queries of the gallery or not', async (t) => {
  const [queries, gallery] = [someRows(300, 180, () => random.normal()), someRows(3100, 180, () => random.normal())]
  const relevance = (query: number, image: number) => [-1, 0, 1][(query + 3 * image) % 3] as number
  t.true(isLarge(new Embeddings(new Float32Array(3100 * 210), 210), gallery))
  t.deepEqual(await reRanked(queries, gallery, {}, relevance), neighbourRanks(kReciprocal(queries, gallery), relevance))
  const wide = someRows(3100, 210, () => random.normal())
  const own = Array.from({ length: 300 }, (_, q) => 10 * q)
  const asked = new Embeddings(Float32Array.from(own.flatMap((row) => Array.from(wide.row(row)))), 210)
  t.deepEqual(
    await reRanked(asked, wide, { own }, relevance),
    neighbourRanks(kReciprocal(asked, wide, { own }), relevance),
  )
})

test('rows whose score is a mean of cosines are compared by their products, by the engine, too', async (t) => {
  const rows = someRows(3600, 160, () => random.normal() * random.uniform())
  const means = new Embeddings(rows.data, rows.size, 'dot')
  t.true(isLarge(means, means))
  const expected = nearest(means, means, 3, (query, image) => query === image)
  t.deepEqual(await nearestOthers(means, 3), expected)
  t.notDeepEqual((await nearestOthers(rows, 3)).ids, expected.ids)
})

test('rows that do not go together are refused, as the metrics do', async (t) => {
  const [wide, narrow] = [new Embeddings(new Float32Array(3e6), 3000), new Embeddings(new Float32Array(2e6), 2000)]
  const none = { ties: 'pessimistic', count: 'images' } as const
  await refused(t, () => probeSearches(wide, labels(1000, 3), narrow, labels(1000, 3), none), 'INVALID_OPTION', /2000/)
})
