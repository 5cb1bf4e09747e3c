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
  const steps = Math.max(1, Math.round(base.steps * ratio))
  return {
    steps,
    optimizer: {
      ...base.optimizer,
      learningRate: learningRate * rateFactor,
      schedule: stretched(schedule, ratio, steps),
    },
  }
}

/** Images that a step sees: those of all batches that make it. */
export function imagesOfStep(batch: Batch): number {
  return batchRows(batch) * (batch.accumulate ?? 1)
}

/** To the nearest step, as far as that leaves a schedule what it has to be: a warm-up shorter than the run, milestones that rise. */
function stretched(schedule: Schedule, ratio: number, steps: number): Schedule {
  const warmup = Math.min(Math.round(schedule.warmup * ratio), steps - 1)
  if (schedule.type !== 'step') return { ...schedule, warmup }
  const milestones: number[] = []
  for (const step of schedule.milestones)
    milestones.push(Math.max(Math.round(step * ratio), (milestones.at(-1) ?? 0) + 1))
  return { ...schedule, warmup, milestones }
}
