import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { referenceNPairMc } from '../reference/nPairMc.js'
import { close, double, loss, randomPairs, relative } from './pairBatch.js'

for (const options of [
  {},
  { l2: 0.3, l2Convention: 'quarter', temperature: 0.5, normalize: true },
  { l2: 0.3, l2Convention: 'mean', temperature: 2 },
] as const)
  test(`central differences in float64: ${JSON.stringify(options)}`, async (t) => {
    const [batch, labels] = double(...randomPairs(4, 3, 2))
    const { gradient } = await loss(options).compute(batch, labels)
    for (let i = 0; i < batch.data.length; i++) {
      const at = async (step: number) => {
        const data = batch.data.slice()
        data[i] = (data[i] as number) + step
        return (await loss(options).compute({ data, size: 3 }, labels)).loss
      }
      const slope = ((await at(1e-6)) - (await at(-1e-6))) / 2e-6
      t.true(close(slope, gradient[i] as number, 1e-8), `${i}: ${slope} ${gradient[i]}`)
    }
  })

// The engine works in blocks of 1024 rows.
for (const n of [1, 2, 3, 255, 256, 257, 1023, 1024, 1025])
  test(`against the slow reference, N = ${n}`, async (t) => {
    const [f, g] = randomPairs(n, 3, n)
    for (const options of [{ l2: 0.01 }, { l2: 0.01, temperature: 0.5, normalize: true }]) {
      const expected = referenceNPairMc(f, g, options)
      const got = await loss(options).compute(...double(f, g))
      t.true(close(got.loss, expected.loss, 1e-12 * Math.max(1, expected.loss)), `${got.loss} ${expected.loss}`)
      t.true(close(got.terms.nPairMc ?? Number.NaN, expected.nPairMc, 1e-12 * Math.max(1, expected.nPairMc)))
      t.true(close(got.terms.l2 ?? Number.NaN, expected.l2, 1e-12))
      t.true(relative(got.gradient, expected.gradient.flat()) < 1e-11)
    }
  })

// What float32 inner products allow: their rounding is relative to s_ii and enters an exponent.
for (const [own, tolerance] of [
  [20, 1e-5],
  [80, 5e-5],
] as const)
  for (const n of [3, 257, 1025])
    test(`float32 at s_ii = ${own}, N = ${n}: relative error <= ${tolerance}`, async (t) => {
      const [f, g] = randomPairs(n, 8, 7 * n, own)
      // The reference sees the very numbers that the engine sees.
      const single = (rows: number[][]) => rows.map((row) => row.map(Math.fround))
      const expected = referenceNPairMc(single(f), single(g))
      const embeddings = new Embeddings(Float32Array.from([...f, ...g].flat()), 8)
      const got = await loss().compute(
        embeddings,
        Array.from({ length: 2 * n }, (_, i) => i % n),
      )
      t.true(Math.abs(got.loss - expected.loss) <= tolerance * expected.loss, `${got.loss} ${expected.loss}`)
      const error = relative(got.gradient.data, expected.gradient.flat())
      t.true(error <= tolerance, `gradient ${error}`)
    })
