import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { checkTrainConfig, type TrainConfig } from '../config/trainConfig.js'
import { type ConfigHooks, type Judged, trainConfig } from './trainConfig.js'

/** What `npair demo` trains: a few minutes on two cores, nothing to download. */
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

/** Trains and judges the demonstration; a demo that was in the folder before makes way, anything else does not. */
export async function demo(output: string, steps: number, hooks: ConfigHooks = {}): Promise<Judged> {
  const config = await checkTrainConfig(demoConfig(output, steps))
  if (await holdsDemo(output)) await rm(output, { recursive: true })
  return trainConfig(config, hooks)
}

async function holdsDemo(folder: string): Promise<boolean> {
  try {
    const plan: { data?: { type?: unknown } } = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'))
    return plan.data?.type === 'characters'
  } catch {
    return false
  }
}
