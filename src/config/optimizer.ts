import type { Schedule, ScheduleOptions } from './schedule.js'

/** Adam (Kingma and Ba 2015), as `torch.optim.Adam`. */
export interface OptimizerOptions {
  readonly type: 'adam'
  /** Step size before the schedule, > 0. Default 1e-3. */
  readonly learningRate?: number
  /** Decay of the mean of gradients, in [0, 1). Default 0.9. */
  readonly beta1?: number
  /** Decay of the mean of squared gradients, in [0, 1). Default 0.999. */
  readonly beta2?: number
  /** Added to the root of the squares, > 0. Default 1e-8. */
  readonly epsilon?: number
  /** This share of each weight is added to its gradient, >= 0; biases and norms are left alone. Default 0. */
  readonly weightDecay?: number
  /** Gradients longer than this, all parameters together, are scaled down to it; 0: never. Default 0. */
  readonly clipNorm?: number
  /** How the learning rate changes over the run. Default constant. */
  readonly schedule?: ScheduleOptions
}

/** An optimiser with nothing left to defaults. */
export interface Optimizer extends Required<Omit<OptimizerOptions, 'schedule'>> {
  readonly schedule: Schedule
}

/** What stands for options left out. */
export const optimizerDefaults = {
  type: 'adam',
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  clipNorm: 0,
} as const satisfies Omit<Optimizer, 'schedule'>
