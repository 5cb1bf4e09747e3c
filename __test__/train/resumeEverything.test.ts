import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import type { OptimizerOptions } from '../../src/config/optimizer.js'
import type { TrainOptions } from '../../src/config/trainOptions.js'
import { nets } from '../../src/index.js'
import { checkpointFolder } from '../../src/train/checkpoint.js'
import { resume } from '../../src/train/train.js'
import { outcome, stopAt, temporary, trainTiny } from './tinyRun.js'

const step = { type: 'step', milestones: [4, 8], factor: 0.5, warmup: 2 } as const
const cosine = { type: 'cosine', warmup: 3, final: 0.1 } as const

/** Every optimiser with some schedule and each precision, stopped at the start, in mid-epoch and near the end. */
const cases: [OptimizerOptions, NonNullable<TrainOptions['precision']>, number][] = [
  [{ type: 'adam', weightDecay: 0.01, schedule: step }, 'bfloat16', 1],
  [{ type: 'adamW', clipNorm: 1, schedule: cosine }, 'float32', 4],
  [{ type: 'adamW', schedule: { type: 'constant', warmup: 5 } }, 'bfloat16', 7],
  [{ type: 'sgd', nesterov: true, weightDecay: 0.01, schedule: cosine }, 'float32', 11],
  [{ type: 'sgd', dampening: 0.3, schedule: step }, 'bfloat16', 1],
  [{ type: 'sgd', momentum: 0, clipNorm: 1, schedule: { type: 'constant' } }, 'float32', 5],
]
for (const [optimizer, precision, at] of cases)
  test(`stop and go with everything on: ${optimizer.type}, ${precision}, after step ${at}`, async (t) => {
    const folder = await temporary(t)
    const [whole, stopped] = [join(folder, 'whole'), join(folder, 'stopped')]
    const change = {
      ...{ optimizer, precision, batch: { pairs: 4, accumulate: 2 }, ema: { decay: 0.9 } },
      augment: { rotation: 10, shift: 0.1, classes: { share: 0.5, rotation: 180, stretch: 0.2, shear: 0.2 } },
      guard: { onDivergence: 'skip', maxCosine: 1, gradientSpike: 1.1, decay: 0.5, warmup: 2 },
    } as const
    await trainTiny(whole, change)
    await stopAt(t, at, stopped, change)
    await (await resume(stopped)).model.close()
    t.true((await readdir(checkpointFolder(whole, 12))).includes('average.safetensors'))
    t.deepEqual(await outcome(stopped), await outcome(whole))
  })

// Threads are set for the process: before the runs on one, and not beside them.
test.serial('stop and go on two threads that share the work', async (t) => {
  const folder = await temporary(t)
  const [whole, stopped, alone] = ['whole', 'stopped', 'alone'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  const change = {
    ...{ net: nets.conv4({ width: 32, embeddingSize: 16 }), batch: { pairs: 6 }, ema: { decay: 0.9 } },
    optimizer: { type: 'adamW', clipNorm: 1, schedule: cosine },
  } as const
  await trainTiny(whole, { ...change, threads: 2 })
  await stopAt(t, 5, stopped, { ...change, threads: 2 })
  await (await resume(stopped)).model.close()
  t.deepEqual(await outcome(stopped), await outcome(whole))
  // Sums are split between threads: one alone comes to other bits, or nothing was shared.
  await trainTiny(alone, { ...change, threads: 1 })
  t.notDeepEqual(await outcome(alone), await outcome(whole))
})
