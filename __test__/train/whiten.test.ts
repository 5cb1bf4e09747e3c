import { join } from 'node:path'
import test from 'ava'
import type { Embeddings } from '../../src/embeddings.js'
import { nets } from '../../src/index.js'
import { Model } from '../../src/model/model.js'
import { resume } from '../../src/train/train.js'
import { characters, outcome, readTensors, refused, stopAt, temporary, trainTiny } from './tinyRun.js'

const shrinkage = 0.3

/** μ and Sw of the rows of several embeddings of the same labelled images, written out. */
function moments(views: readonly Embeddings[], labels: ArrayLike<number>): { mean: number[]; within: number[][] } {
  const size = views[0]?.size ?? 0
  const rows = views.flatMap((view) =>
    Array.from({ length: view.count }, (_, i) => ({ row: Array.from(view.row(i)), label: labels[i] as number })),
  )
  const average = (some: typeof rows) =>
    Array.from({ length: size }, (_, k) => some.reduce((sum, { row }) => sum + (row[k] as number), 0) / some.length)
  const centres = new Map(rows.map(({ label }) => [label, average(rows.filter((other) => other.label === label))]))
  const within = Array.from({ length: size }, (_, a) =>
    Array.from({ length: size }, (_, b) => {
      const products = rows.map(({ row, label }) => {
        const centre = centres.get(label) as number[]
        return ((row[a] as number) - (centre[a] as number)) * ((row[b] as number) - (centre[b] as number))
      })
      return products.reduce((sum, x) => sum + x, 0) / rows.length
    }),
  )
  return { mean: average(rows), within }
}

test('the layer makes the spread within classes the same in every direction, and the mean 0', async (t) => {
  const folder = await temporary(t)
  const { train: data } = await characters()
  await trainTiny(join(folder, 'plain'), { mirror: true })
  await trainTiny(join(folder, 'whitened'), { mirror: true, whiten: { shrinkage } })
  const [image, both, whitened] = await Promise.all([
    Model.load(join(folder, 'plain'), { device: 'cpu', mirror: false }),
    Model.load(join(folder, 'plain'), { device: 'cpu' }),
    Model.load(join(folder, 'whitened'), { device: 'cpu' }),
  ])
  t.teardown(() => Promise.all([image.close(), both.close(), whitened.close()]))
  t.deepEqual(whitened.description.net.layers.at(-1), {
    ...{ type: 'linear', name: 'whitening', out: 8, bias: true, init: 'torch' },
  })
  const [plain, sum, got] = [
    await image.embedDataset(data),
    await both.embedDataset(data),
    await whitened.embedDataset(data),
  ]
  // The mirror images alone are what the sum has more.
  const mirrored = {
    ...sum,
    count: sum.count,
    size: sum.size,
    row: (i: number) => sum.row(i).map((x, k) => x - (plain.row(i)[k] as number)),
  } as Embeddings
  const { mean, within } = moments([plain, mirrored], data.labels)
  const weights = await readTensors(join(folder, 'whitened/model/weights.safetensors'))
  const weight = (i: number, j: number) => weights.get('whitening.weight')?.values[8 * i + j] as number
  const bias = weights.get('whitening.bias')?.values as Float32Array
  const spread = within.reduce((trace, row, k) => trace + (row[k] as number), 0) / 8
  const of = Array.from({ length: 8 }, (_, k) => k)
  const total = (terms: number[]) => terms.reduce((a, b) => a + b, 0)
  for (const i of of) {
    for (const j of of) {
      const ridged = (a: number, b: number) => (within[a]?.[b] as number) + (a === b ? shrinkage * spread : 0)
      const covariance = total(of.flatMap((a) => of.map((b) => weight(i, a) * ridged(a, b) * weight(j, b))))
      t.true(Math.abs(covariance - (i === j ? 1 : 0)) < 1e-4, `${i}, ${j}: ${covariance}`)
    }
    t.true(Math.abs(total(of.map((a) => weight(i, a) * (mean[a] as number))) + (bias[i] as number)) < 1e-4, `mean ${i}`)
  }
  // And it is the last thing that happens to an embedding, once a view.
  for (let row = 0; row < got.count; row++)
    for (const i of of) {
      const expected = total(of.map((a) => weight(i, a) * (sum.row(row)[a] as number))) + 2 * (bias[i] as number)
      t.true(Math.abs((got.row(row)[i] as number) - expected) < 1e-4 * (1 + Math.abs(expected)), `row ${row}, ${i}`)
    }
})

test('a run stopped and resumed whitens alike; the best model is the one that is whitened', async (t) => {
  const folder = await temporary(t)
  const { test: validationData } = await characters()
  const change = {
    ...{ whiten: {}, shifts: [1], checkpointEvery: 1, keepCheckpoints: 12, validationData },
    validation: { every: 4, protocol: { type: 'retrieval' as const } },
  }
  const run = await trainTiny(join(folder, 'whole'), change)
  t.deepEqual(run.plan.whiten, { shrinkage: 0.2 })
  await stopAt(t, 7, join(folder, 'stopped'), change)
  const { model } = await resume(join(folder, 'stopped'), {})
  await model.close()
  t.deepEqual(await outcome(join(folder, 'stopped')), await outcome(join(folder, 'whole')))
  const [best, whitened] = await Promise.all(
    ['best', 'model'].map((name) => readTensors(join(folder, 'whole', name, 'weights.safetensors'))),
  )
  for (const [name, { values }] of best ?? []) t.deepEqual(whitened?.get(name)?.values, values, name)
  t.is(whitened?.size, (best?.size ?? 0) + 2)
})

test('what cannot be whitened is refused before the first step', async (t) => {
  const folder = await temporary(t)
  const { layers } = nets.conv4({ width: 4, embeddingSize: 8 })
  const named = nets.layers({ layers: [...layers, { type: 'linear', name: 'whitening', out: 8 }] })
  await refused(
    t,
    () => trainTiny(join(folder, 'run'), { net: named, whiten: {} }),
    'INVALID_OPTION',
    /a name that no layer beside it has/,
  )
})
