import { join } from 'node:path'
import test from 'ava'
import { checkTrainOptions } from '../../src/config/trainOptions.js'
import { losses, nets, type TrainInput } from '../../src/index.js'
import { checkpointFolder } from '../../src/train/checkpoint.js'
import { wrongInPlan } from '../../src/train/plan.js'
import { resume } from '../../src/train/train.js'
import { outcome, readTensors, refused, stopAt, temporary, timeless, trainTiny } from './tinyRun.js'

/** Convolutions and dropout, and nothing that looks at a batch as a whole. */
const net = nets.layers({
  layers: [
    { type: 'conv', name: 'conv1', out: 6, kernel: 5, stride: 2 },
    { type: 'relu' },
    { type: 'dropout', p: 0.2 },
    { type: 'flatten' },
    { type: 'linear', name: 'embedding', out: 8 },
  ],
})
const descent = { type: 'sgd', learningRate: 1e-2, clipNorm: 1 } as const

/** Largest difference of a weight, relative to the largest of its tensor. */
async function distance(one: string, other: string, file: string): Promise<number> {
  const [a, b] = await Promise.all([one, other].map((run) => readTensors(join(checkpointFolder(run, 12), file))))
  return Math.max(
    ...[...(a ?? [])].map(([name, { values }]) => {
      const expected = b?.get(name)?.values ?? new Float32Array()
      return (
        Math.max(...values.map((x, i) => Math.abs(x - (expected[i] as number)))) / Math.max(...expected.map(Math.abs))
      )
    }),
  )
}

const cases: [string, Partial<TrainInput>][] = [
  ['pairs', { loss: losses.nPairMc(), batch: { pairs: 4 } }],
  [
    'classes that are deformed',
    { batch: { pairs: 4 }, augment: { rotation: 10, classes: { rotation: 180, stretch: 0.3 } } },
  ],
  ['a loss with parameters', { loss: losses.softmax(), batch: { pairs: 4, accumulate: 2 }, ema: { decay: 0.9 } }],
  [
    'hard triplets under a guard',
    {
      loss: losses.triplet({ triplets: 'hard' }),
      batch: { type: 'classBalanced', classes: 4, imagesPerClass: 3 },
      guard: { onDivergence: 'stop', maxCosine: 1, warmup: 0 },
    },
  ],
]
for (const [name, change] of cases)
  test.serial(`in chunks as at once, to float32 rounding: ${name}`, async (t) => {
    const folder = await temporary(t)
    const [whole, chunked] = [join(folder, 'whole'), join(folder, 'chunked')]
    const all = { net, optimizer: descent, ...change } as const
    await trainTiny(whole, all)
    const batch = { ...(change.batch ?? { pairs: 4 }), chunk: 3 }
    const { plan } = await trainTiny(chunked, { ...all, batch })
    t.is(plan.batch.chunk, 3)
    t.true((await distance(chunked, whole, 'weights.safetensors')) < 2e-5)
    if (change.ema) t.true((await distance(chunked, whole, 'average.safetensors')) < 2e-5)
    const [expected, got] = [await timeless(whole), await timeless(chunked)] as Record<string, number>[][]
    for (const [i, line] of (expected ?? []).entries())
      for (const [key, value] of Object.entries(line))
        t.true(Math.abs((got?.[i]?.[key] as number) - value) <= 1e-4 * Math.abs(value), `${key} of step ${i + 1}`)
  })

test.serial('with a loss of one’s own as with the native one', async (t) => {
  const folder = await temporary(t)
  const native = losses.supCon({ temperature: 0.5 })
  const own = losses.custom({ compute: (embeddings, labels) => native.compute(embeddings, labels) })
  const change = { net, batch: { pairs: 4, chunk: 3 }, precision: 'float64' } as const
  await trainTiny(join(folder, 'native'), { ...change, loss: native })
  await trainTiny(join(folder, 'own'), { ...change, loss: own })
  t.deepEqual(await outcome(join(folder, 'own')), await outcome(join(folder, 'native')))
})

for (const [precision, at] of [
  ['float32', 1],
  ['bfloat16', 5],
] as const)
  test.serial(`stopped after step ${at} and resumed the same: ${precision}, with batch norm by chunks`, async (t) => {
    const folder = await temporary(t)
    const [whole, stopped] = [join(folder, 'whole'), join(folder, 'stopped')]
    // tinyRun's own network has batch norm.
    const batch = { pairs: 4, chunk: 3, accumulate: 2, normPerChunk: true }
    const change = { batch, precision, ema: { decay: 0.9 } } as const
    await trainTiny(whole, change)
    await stopAt(t, at, stopped, change)
    await (await resume(stopped)).model.close()
    t.deepEqual(await outcome(stopped), await outcome(whole))
  })

test('a chunk that cannot be is refused by its name', async (t) => {
  const options = (batch: object, own: object = net) => ({ net: own, batch, steps: 1, output: 'runs/x' })
  const conv4 = { type: 'conv4' }
  const refusals: [object, RegExp][] = [
    [options({ pairs: 4, chunk: 0 }), /^Expected an integer >= 1 for batch.chunk but received 0/],
    [options({ pairs: 4, chunk: 2.5 }), /^Expected an integer >= 1 for batch.chunk but received 2.5/],
    [options({ pairs: 4, normPerChunk: 1 }), /^Expected true or false for batch.normPerChunk but received 1/],
    [options({ pairs: 4, normPerChunk: true }), /^Expected no value without batch.chunk for batch.normPerChunk/],
    [
      options({ pairs: 4, chunk: 4 }, conv4),
      /^Expected no value for a network with batch norm \(layer block1.norm\), .*\(batch.normPerChunk: true allows that\), for batch.chunk but received 4/,
    ],
    [
      options({ pairs: 5, chunk: 3, normPerChunk: true }, conv4),
      /^Expected a number that leaves none of 10 images alone with its batch norm for batch.chunk but received 3/,
    ],
  ]
  for (const [input, message] of refusals) await refused(t, () => checkTrainOptions(input), 'INVALID_OPTION', message)
  const { batch } = await checkTrainOptions(options({ pairs: 4, chunk: 8 }, conv4))
  t.is(batch.chunk, 8, 'the whole batch at once needs no leave')
})

test.serial(
  'a chunk at least as large as the batch is the batch at once; a plan with a bad one is refused',
  async (t) => {
    const folder = await temporary(t)
    await trainTiny(join(folder, 'whole'))
    const { plan } = await trainTiny(join(folder, 'chunk'), { batch: { pairs: 4, chunk: 8 } })
    const weights = (run: string) => readTensors(join(folder, run, 'model/weights.safetensors'))
    t.deepEqual(await weights('chunk'), await weights('whole'))
    t.is(wrongInPlan({ ...plan, batch: { ...plan.batch, chunk: 0 } }), 'batch.chunk')
  },
)
