import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { NPairError } from '../../src/errors.js'
import { nearest } from '../../src/metrics/neighbours.js'
import { evaluate } from '../../src/protocols/evaluate.js'
import { nearestOthers } from '../../src/protocols/nearestOthers.js'
import { recognition } from '../../src/protocols/recognition.js'
import { Random } from '../../src/random.js'
import { someRows } from '../reference/nearest.js'
import { labelledData, noisyEmbedder } from './labelledData.js'

test('perfect, chance, one point; negatives that do not exist are said', async (t) => {
  const data = labelledData([...new Array<number>(20).fill(4), 1])
  const perfect = await evaluate(noisyEmbedder(0.01), recognition(data))
  t.is(perfect.figures.recognition?.value, 1)
  t.is(perfect.figures['vrf@1']?.value, 1)
  t.is(perfect.figures['vrf@71'], undefined)
  t.regex(perfect.notes.join(), /1 images are alone.*71 negatives: there are 20 other/)
  t.is(perfect.counts.queries, 80)
  // By chance the positive is the nearest of K + 1 once in K + 1.
  const many = labelledData(new Array<number>(60).fill(12))
  const chance = await evaluate(noisyEmbedder(1e6), recognition(many, { negatives: [1, 3] }))
  t.true(Math.abs((chance.figures['vrf@1']?.value as number) - 1 / 2) < 0.07)
  t.true(Math.abs((chance.figures['vrf@3']?.value as number) - 1 / 4) < 0.07)
  t.true((chance.figures.recognition?.value as number) < 0.07)
  const point = { embedDataset: async () => new Embeddings(new Float32Array(data.length * 2).fill(1), 2) }
  t.is((await evaluate(point, recognition(data))).figures['vrf@1']?.value, 0)
})

test('by hand: k of 1 and 3', async (t) => {
  const data = labelledData([3, 3])
  // The nearest of the image at 20 is that at 25 of the other class; of its three nearest (25, 10, 0) two are its own.
  const angles = [0, 10, 20, 25, 60, 70].map((a) => (a * Math.PI) / 180)
  const embedder = {
    embedDataset: async () => new Embeddings(Float32Array.from(angles.flatMap((a) => [Math.cos(a), Math.sin(a)])), 2),
  }
  // k = 1: 0→10 ✓, 10→0 or 20 ✓, 20→25 ✗, 25→20 ✗, 60→70 ✓, 70→60 ✓.
  t.is((await evaluate(embedder, recognition(data, { negatives: [1] }))).figures.recognition?.value, 4 / 6)
  // k = 3: 0: 10 20 25 ✓, 10: ✓, 20: 25 10 0 ✓, 25: 20 10 0 ✗, 60: 70 25 20 ✓, 70: 60 25 20 ✓.
  const three = await evaluate(embedder, recognition(data, { neighbours: 3, negatives: [1] }))
  t.is(three.figures.recognition?.value, 5 / 6)
})

test('refused by name', (t) => {
  const data = labelledData([3, 3])
  for (const [options, name] of [
    [{ neighbours: 0 }, 'recognition.neighbours'],
    [{ negatives: [0] }, 'recognition.negatives'],
    [{ negatives: 1 }, 'recognition.negatives'],
    [{ bootstrap: 1.5 }, 'recognition.bootstrap'],
    [{ k: 1 }, 'recognition.k'],
  ] as [object, string][])
    t.is(t.throws(() => recognition(data, options), { instanceOf: NPairError })?.option, name)
  t.is(t.throws(() => recognition(labelledData([1, 1])), { instanceOf: NPairError })?.code, 'DATA_CLASSES')
})

test('the engine gives the very neighbours of the metric, duplicates and rows of zeros included', async (t) => {
  const random = new Random(4, 'report')
  const rows = someRows(4600, 96, () => random.normal())
  t.true(rows.count ** 2 * rows.size > 2e9)
  const own = nearest(rows, rows, 3, (query, image) => query === image)
  t.deepEqual(await nearestOthers(rows, 3), own)
})
