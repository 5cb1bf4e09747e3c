import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { datasets, evaluate, losses, Model, nets, protocols, type TrainInput, train } from '../../src/index.js'
import { featureBaseline } from '../../src/protocols/featureBaseline.js'
import { resume } from '../../src/train/train.js'
import { featureSize, noisyRows, writeNoisyRows } from '../data/featureFiles.js'
import { outcome, readTensors, refused, temporary } from './tinyRun.js'

async function noisy(t: ExecutionContext, normalize = false) {
  const { path, labels } = await writeNoisyRows(await temporary(t))
  return (await datasets.features(path, { labels, normalize })).splitByClass({ test: 0.4, seed: 2 })
}

const common = { seed: 1, device: 'cpu', precision: 'float32', threads: 1 } as const

async function trained(input: Omit<TrainInput, keyof typeof common>) {
  const run = await train({ ...common, ...input })
  await run.model.close()
  return run
}

test.serial('a linear head learns what counts, on classes it has never seen', async (t) => {
  const { train: data, test: held } = await noisy(t)
  const output = join(await temporary(t), 'run')
  await trained({
    ...{ data, output, net: nets.linear({ embeddingSize: 4 }), batch: { pairs: 12 }, steps: 150 },
    ...{ loss: losses.nPairMc({ l2: 0, normalize: true, temperature: 0.1 }) },
    optimizer: { type: 'adam', learningRate: 3e-2 },
  })
  const model = await Model.load(output)
  const recall = async (embedder: Parameters<typeof evaluate>[0]) => {
    const { figures, headline } = await evaluate(embedder, protocols.retrieval(held))
    return figures[headline]?.value ?? 0
  }
  const [own, raw] = [await recall(model), await recall(featureBaseline)]
  t.true(own > raw + 0.2, `Recall@1 ${own}, of the features themselves ${raw}`)
  await model.close()
})

test.serial('a head on features is whitened as any other', async (t) => {
  const { train: data, test: held } = await noisy(t)
  const output = join(await temporary(t), 'run')
  await trained({
    ...{
      data,
      output,
      net: nets.linear({ embeddingSize: 4 }),
      batch: { pairs: 6 },
      steps: 10,
      whiten: { shrinkage: 1e-6 },
    },
  })
  const model = await Model.load(output)
  const own = await model.embedDataset(data)
  await model.embedDataset(held)
  await model.close()
  const centres = new Map<number, { sum: Float64Array; count: number }>()
  data.labels.forEach((label, i) => {
    const centre = centres.get(label) ?? { sum: new Float64Array(4), count: 0 }
    own.row(i).forEach((x, k) => {
      centre.sum[k] = (centre.sum[k] as number) + x
    })
    centres.set(label, { ...centre, count: centre.count + 1 })
  })
  for (let a = 0; a < 4; a++)
    for (let b = 0; b < 4; b++) {
      let covariance = 0
      data.labels.forEach((label, i) => {
        const { sum, count } = centres.get(label) ?? { sum: new Float64Array(4), count: 1 }
        const off = (k: number) => (own.row(i)[k] as number) - (sum[k] as number) / count
        covariance += (off(a) * off(b)) / data.length
      })
      t.true(Math.abs(covariance - (a === b ? 1 : 0)) < 1e-3, `${a}, ${b}: ${covariance}`)
    }
})

test.serial('a model embeds rows as its matrix says, from memory as from a dataset', async (t) => {
  const { train: data, test: held } = await noisy(t, true)
  const output = join(await temporary(t), 'run')
  const mean = Array.from({ length: featureSize }, (_, k) => k / 10)
  const run = await trained({
    ...{ data, output, net: nets.linear({ embeddingSize: 5 }), batch: { pairs: 6 }, steps: 10 },
    preprocess: { mean, std: 2 },
  })
  t.deepEqual(run.plan.preprocess, { invert: false, mean, std: [2] })
  const tensors = await readTensors(join(output, 'model/weights.safetensors'))
  const [weight, bias] = ['weight', 'bias'].map((name) => tensors.get(`embedding.${name}`)?.values as Float32Array)
  const model = await Model.load(output)
  t.deepEqual(model.description.ingest, { features: featureSize, normalize: true })
  const ofDataset = await model.embedDataset(held)
  const { rows } = noisyRows()
  const got = await model.embed(Array.from(held.images, (row) => rows.row(row)))
  t.deepEqual(got.data, ofDataset.data)
  const units = rows.normalized()
  for (let i = 0; i < got.count; i++) {
    const row = units.row(held.images[i] as number)
    for (let k = 0; k < 5; k++) {
      let expected = bias?.[k] as number
      for (let c = 0; c < featureSize; c++)
        expected += ((weight?.[k * featureSize + c] as number) * ((row[c] as number) - (mean[c] as number))) / 2
      t.true(Math.abs((got.row(i)[k] as number) - expected) < 1e-5)
    }
  }
  t.is((await model.embed([])).count, 0)
  for (const bad of [new Float32Array(3), 'a.jpg', new Uint8Array(3), new Float32Array(featureSize).fill(Number.NaN)])
    await refused(
      t,
      () => model.embed([rows.row(0), bad]),
      'INVALID_OPTION',
      /^Expected a Float32Array of 12 finite numbers \(this model embeds features\) for images\[1\]/,
    )
  await model.close()
  await refused(t, () => Model.load(output, { mirror: true }), 'INVALID_OPTION', /for mirror/)
})

test.serial('every kind of batch and loss, in chunks, and resumed to the bit', async (t) => {
  const { train: data } = await noisy(t)
  const folder = await temporary(t)
  const cases: [string, Pick<TrainInput, 'net' | 'batch'> & Partial<TrainInput>][] = [
    ['pairs', { batch: { pairs: 5, chunk: 4 }, net: nets.mlp({ hidden: [16, 8], embeddingSize: 6, dropout: 0.2 }) }],
    [
      'balanced',
      {
        batch: { type: 'classBalanced', classes: 5, imagesPerClass: 3, accumulate: 2 },
        ...{ net: nets.linear({ embeddingSize: 6 }), loss: losses.proxyAnchor(), precision: 'bfloat16' },
      },
    ],
    [
      'tuplets',
      {
        batch: { type: 'tuplets', tuplets: 4, negatives: 1 },
        ...{ net: nets.mlp({ embeddingSize: 6 }), loss: losses.triplet({ triplets: 'given' }) },
      },
    ],
  ]
  for (const [name, change] of cases) {
    const [whole, stopped] = [join(folder, `${name}-whole`), join(folder, `${name}-stopped`)]
    const input = { ...common, data, steps: 12, checkpointEvery: 1, ...change }
    await (await train({ ...input, output: whole })).model.close()
    const controller = new AbortController()
    const onProgress = ({ step }: { step: number }) => step === 5 && controller.abort()
    await refused(t, () => train({ ...input, output: stopped, signal: controller.signal, onProgress }), 'ABORTED')
    await (await resume(stopped)).model.close()
    t.deepEqual(await outcome(stopped), await outcome(whole), name)
  }
})

test.serial('options that only images have are refused by name, and what does not fit', async (t) => {
  const { train: data } = await noisy(t)
  const output = join(await temporary(t), 'run')
  const input = { data, output, net: nets.linear(), batch: { pairs: 4 }, steps: 2 } as const
  for (const [change, message] of [
    [{ augment: { flip: true } }, /^Expected no value for features, which are no images, for augment.flip/],
    [{ augment: { rotation: 5 } }, /for augment.rotation but received 5/],
    [{ augment: { classes: { rotation: 5 } } }, /for augment.classes but received/],
    [{ augment: { crop: 'centre' } }, /for augment.crop but received 'centre'/],
    [{ preprocess: { invert: true } }, /^Expected false for features, which are no images, for preprocess.invert/],
    [{ preprocess: { mean: [1, 2] } }, /or 12 \(one a channel\), for preprocess.mean/],
    [{ mirror: true }, /for mirror but received true/],
  ] as const)
    await refused(t, () => trained({ ...input, ...change }), 'INVALID_OPTION', message)
  await refused(t, () => trained({ ...input, net: nets.conv4() }), 'LAYER_SHAPE')
  const images = await datasets.characters({ alphabets: 2, characters: 4, drawings: 2, size: 14 })
  await trained({ ...input, data: images, net: nets.mlp({ hidden: [4] }) })
  const model = await Model.load(output)
  await t.throwsAsync(() => model.embedDataset(data), { message: /received features instead of images$/ })
  await model.close()
})
