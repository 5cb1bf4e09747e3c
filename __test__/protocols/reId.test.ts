import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { NPairError } from '../../src/errors.js'
import { kReciprocal } from '../../src/metrics/kReciprocal.js'
import { averagePrecision } from '../../src/metrics/retrieval.js'
import { mean } from '../../src/metrics/statistics.js'
import { evaluate } from '../../src/protocols/evaluate.js'
import { reId } from '../../src/protocols/reId.js'
import { rowsAt } from '../../src/protocols/rows.js'
import { labelledData, noisyEmbedder } from './labelledData.js'

/** Names as in Market-1501: folder, person, camera. */
const sightings = [
  ['query', '0001', 1, 0],
  ['test', '0001', 1, 1],
  ['test', '0001', 2, 20],
  ['query', '0002', 2, 50],
  ['test', '0002', 1, 58],
  ['test', '0002', 3, 90],
  ['test', '-1', 2, 5],
  ['test', '0000', 2, 10],
] as const
const names = sightings.map(([folder, person, camera], i) => `${folder}/${person}_c${camera}s1_00${i}.jpg`)
const people = ['0001', '0002', '-1', '0000']
const market = () => labelledData([3, 3, 1, 1], [], { names, classes: people })
const embedder = {
  embedDataset: async () =>
    new Embeddings(
      Float32Array.from(
        sightings.flatMap(([, , , angle]) => [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)]),
      ),
      2,
    ),
}

test('by hand: same camera and junk left out, distractors in the way', async (t) => {
  const result = await evaluate(embedder, reId(market(), { query: '^query/' }))
  // Person 1 at 0°: left out are 1° (same camera) and 5° (junk); order 10° (distractor), 20° ✓, …: rank 2, one relevant.
  // Person 2 at 50°: 58° ✓, 20°, 90° ✓ and 10° (both 40° away but for rounding) …: ranks 1 and 3 or 4.
  t.is(result.counts.queries, 2)
  t.is(result.counts.gallery, 5)
  t.is(result.counts.cameras, 3)
  t.is(result.figures.rank1?.value, 0.5)
  t.is(result.figures.rank5?.value, 1)
  const last = result.figures.minp?.value as number
  t.true([(1 / 2 + 2 / 3) / 2, (1 / 2 + 2 / 4) / 2].some((x) => Math.abs(x - last) < 1e-12))
})

test('without a query pattern every image asks, distractors and junk do not', async (t) => {
  const result = await evaluate(embedder, reId(market()))
  t.is(result.counts.queries, 6)
  t.is(result.counts.gallery, 7)
  t.is(result.counts.loneQueries, 0)
})

test('re-ranking: of clear clusters still perfect, of noise another order', async (t) => {
  const data = labelledData(new Array<number>(12).fill(6), [], {
    names: Array.from({ length: 72 }, (_, i) => `p_c${i % 3}.jpg`),
  })
  t.is((await evaluate(noisyEmbedder(0.01), reId(data, { reRank: true }))).figures.map?.value, 1)
  const plain = await evaluate(noisyEmbedder(1.2), reId(data))
  const reRanked = await evaluate(noisyEmbedder(1.2), reId(data, { reRank: true }))
  t.true((reRanked.figures.map?.value as number) > (plain.figures.map?.value as number))
  t.true((plain.figures.map?.interval?.low as number) < (plain.figures.map?.value as number))
  t.deepEqual(JSON.parse(JSON.stringify(plain)), plain)
})

test('re-ranking where every image asks: as each of them alone against all others', async (t) => {
  const cameras = (i: number) => i % 3
  const names = Array.from({ length: 61 }, (_, i) => `p_c${cameras(i)}.jpg`)
  // The last class only stands in the way.
  const data = labelledData([...new Array<number>(10).fill(6), 1], [], {
    ...{ names, classes: [...Array.from({ length: 10 }, (_, c) => `p${c}`), '0000'] },
  })
  const embeddings = await noisyEmbedder(1.2).embedDataset(data)
  const label = (i: number) => data.labels[i] as number
  const average = Array.from({ length: 60 }, (_, query) => {
    const others = Array.from(data.labels.keys()).filter((i) => i !== query)
    const { ids } = kReciprocal(rowsAt(embeddings, [query]), rowsAt(embeddings, others))
    const counted = Array.from(ids, (g) => others[g] as number).filter(
      (i) => label(i) !== label(query) || cameras(i) !== cameras(query),
    )
    return averagePrecision(counted.flatMap((i, place) => (label(i) === label(query) ? [place + 1] : [])))
  })
  const { figures, counts } = await evaluate(noisyEmbedder(1.2), reId(data, { reRank: true, bootstrap: 0 }))
  t.deepEqual([counts.queries, counts.gallery], [60, 61])
  t.true(Math.abs((figures.map?.value as number) - mean(average)) < 1e-12)
  t.true(mean(average) < 1)
})

test('refused by name: options, names without a camera, one camera', (t) => {
  for (const [options, name] of [
    [{ camera: '(' }, 'reId.camera'],
    [{ camera: 'cam(\\d)' }, 'reId.camera'],
    [{ query: 3 }, 'reId.query'],
    [{ junk: '-1' }, 'reId.junk'],
    [{ distractors: [0] }, 'reId.distractors'],
    [{ ranks: [0] }, 'reId.ranks'],
    [{ reRank: 1 }, 'reId.reRank'],
    [{ cameras: [] }, 'reId.cameras'],
  ] as [object, string][])
    t.is(t.throws(() => reId(market(), options), { instanceOf: NPairError })?.option, name)
  const one = labelledData([2, 2], [], { names: ['a_c1', 'b_c1', 'c_c1', 'd_c1'] })
  t.is(t.throws(() => reId(one), { instanceOf: NPairError })?.code, 'DATA_CLASSES')
})
