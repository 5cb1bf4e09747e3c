import type { Schedule } from '../config/schedule.js'

/**
 * The learning rate of one step.
 *
 * Warm-up: (step + 1)/warmup of the full rate, so that no step is lost to a rate of 0. Then `constant`; `step`: the full
 * rate × factor^(number of milestones ≤ step), PyTorch's MultiStepLR; `cosine`: PyTorch's CosineAnnealingLR in closed form,
 * base · (final + (1 − final) · (1 + cos(π · t/T))/2) with t = step − warmup and T = totalSteps − warmup.
 *
 * @param base - the full learning rate
 * @param step - from 0
 * @param totalSteps - of the whole run; only `cosine` looks at it
 */
export function learningRate(schedule: Schedule, base: number, step: number, totalSteps: number): number {
  const { warmup } = schedule
  const warm = step < warmup ? (step + 1) / warmup : 1
  switch (schedule.type) {
    case 'constant':
      return base * warm
    case 'step':
      return base * warm * schedule.factor ** schedule.milestones.filter((milestone) => milestone <= step).length
    case 'cosine': {
      if (step < warmup) return base * warm
      const share = Math.min(1, (step - warmup) / (totalSteps - warmup))
      return base * (schedule.final + ((1 - schedule.final) * (1 + Math.cos(Math.PI * share))) / 2)
    }
  }
}
