import { readdir, rm } from 'node:fs/promises'
import { checkTrainConfig, type ResolvedTrainConfig, type TrainConfig } from '../config/trainConfig.js'
import type { ResolvedTrainOptions } from '../config/trainOptions.js'
import { FolderLock, lockName } from '../files/folderLock.js'
import type { TrainPlan } from '../train/plan.js'
import { readPlan } from '../train/runFolder.js'
import { type ConfigHooks, type Judged, trainConfig } from './trainConfig.js'

/** What `npair demo` trains: half a minute on two cores, nothing to download. */
export function demoConfig(output: string, steps: number): TrainConfig {
  return {
    data: { type: 'characters', size: 28, split: { by: 'superClass', test: 0.4, seed: 1 }, rotatedClasses: true },
    net: { type: 'conv4', width: 64, embeddingSize: 64 },
    loss: { type: 'nPairMc', l2: 5e-3, l2Convention: 'mean' },
    batch: { pairs: 30 },
    optimizer: {
      type: 'adam',
      learningRate: 1e-3,
      schedule: { type: 'cosine', warmup: Math.min(20, Math.floor(steps / 10)) },
    },
    preprocess: { invert: true },
    augment: { rotation: 10, scale: 0.1, shear: 0.1, shift: 0.1 },
    steps,
    seed: 1,
    output,
  }
}

/**
 * What `npair demo --compare` trains by every loss: the demonstration with a network half as wide, at the learning rate that
 * `examples/compare/rates.mjs` found for so few steps.
 */
export function demoCompareConfig(output: string, steps: number) {
  const { optimizer, ...demo } = demoConfig(output, steps)
  return {
    ...demo,
    net: { type: 'conv4', width: 32, embeddingSize: 64 },
    optimizer: { ...optimizer, learningRate: 1e-2 },
    validation: { protocol: { type: 'oneShot', episodes: 200, bootstrap: 0 } },
  }
}

/** Trains and judges the demonstration; a demo that was in the folder before makes way, anything else does not. */
export async function demo(output: string, steps: number, hooks: ConfigHooks = {}): Promise<Judged> {
  const config = await checkTrainConfig(demoConfig(output, steps))
  if (await holdsDemo(output, config)) {
    // Not from under a demonstration that is under way.
    const lock = await FolderLock.take(output, 'trained')
    try {
      await rm(output, { recursive: true })
    } finally {
      await lock.release()
    }
  }
  return trainConfig(config, hooks)
}

/** What a run writes into its folder. */
const runFiles = [
  ...['config.json', 'environment.json', 'metrics.jsonl', 'checkpoints', 'best', 'model'],
  ...['results.json', 'report.json', 'report.html', lockName],
]

/** Whether a folder holds a run of the demonstration's own recipe, whatever its length, and nothing else. */
async function holdsDemo(folder: string, { data, train }: ResolvedTrainConfig): Promise<boolean> {
  const names = await readdir(folder).catch(() => [])
  if (!names.every((name) => runFiles.includes(name.replace(/\.tmp-\d+(-old)?$/, '')))) return false
  const plan = await readPlan(folder).catch(() => undefined)
  if (plan === undefined) return false
  const recipe = ({ net, loss, batch, augment, seed }: TrainPlan | ResolvedTrainOptions) => {
    const { type, width, embeddingSize } = { width: 0, embeddingSize: 0, ...net }
    return JSON.stringify([type, width, embeddingSize, loss, batch, augment, seed])
  }
  return plan.data.type === data.type && recipe(plan) === recipe(train)
}
