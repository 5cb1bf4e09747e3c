import { type Batch, batchRows } from '../config/batch.js'
import type { Optimizer } from '../config/optimizer.js'
import type { Schedule } from '../config/schedule.js'
import type { ResolvedTrainOptions } from '../config/trainOptions.js'
import type { CompareMethod } from './methods.js'

/**
 * Steps and optimiser with which a method sees as many images as the config's own run, to the nearest step; its schedule is
 * stretched alike, so that rates fall after the same number of images.
 *
 * @param base - the config's run
 * @param batch - of the method
 */
export function atSamePace(
  base: Pick<ResolvedTrainOptions, 'batch' | 'steps' | 'optimizer'>,
  { rateFactor = 1 }: Pick<CompareMethod, 'rateFactor'>,
  batch: Batch,
): { readonly steps: number; readonly optimizer: Optimizer } {
  const ratio = imagesOfStep(base.batch) / imagesOfStep(batch)
  const { learningRate, schedule } = base.optimizer
  return {
    steps: Math.max(1, Math.round(base.steps * ratio)),
    optimizer: { ...base.optimizer, learningRate: learningRate * rateFactor, schedule: stretched(schedule, ratio) },
  }
}

/** Images that a step sees: those of all batches that make it. */
export function imagesOfStep(batch: Batch): number {
  return batchRows(batch) * (batch.accumulate ?? 1)
}

function stretched(schedule: Schedule, ratio: number): Schedule {
  const warmup = Math.round(schedule.warmup * ratio)
  if (schedule.type !== 'step') return { ...schedule, warmup }
  return { ...schedule, warmup, milestones: schedule.milestones.map((step) => Math.max(1, Math.round(step * ratio))) }
}
