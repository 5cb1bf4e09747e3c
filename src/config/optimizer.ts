import type { Schedule, ScheduleOptions } from './schedule.js'

/** What every optimiser takes. */
interface CommonOptions {
  /** Step size before the schedule, > 0. Default 1e-3. */
  readonly learningRate?: number
  /** Gradients longer than this, all parameters together, are scaled down to it; 0: never. Default 0. */
  readonly clipNorm?: number
  /** How the learning rate changes over the run. Default constant. */
  readonly schedule?: ScheduleOptions
}

/** What Adam and AdamW take. */
interface BetaOptions extends CommonOptions {
  /** Decay of the mean of gradients, in [0, 1). Default 0.9. */
  readonly beta1?: number
  /** Decay of the mean of squared gradients, in [0, 1). Default 0.999. */
  readonly beta2?: number
  /** Added to the root of the squares, > 0. Default 1e-8. */
  readonly epsilon?: number
}

/** Adam (Kingma and Ba 2015), as `torch.optim.Adam`. */
export interface AdamOptions extends BetaOptions {
  readonly type: 'adam'
  /** This share of each weight is added to its gradient, >= 0; biases and norms are left alone. Default 0. */
  readonly weightDecay?: number
}

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019), as `torch.optim.AdamW`. */
export interface AdamWOptions extends BetaOptions {
  readonly type: 'adamW'
  /** Each weight shrinks by learning rate × this, >= 0; biases and norms are left alone. Default 1e-2. */
  readonly weightDecay?: number
}

/** Gradient descent with momentum, as `torch.optim.SGD`, but with momentum by default. */
export interface SgdOptions extends CommonOptions {
  readonly type: 'sgd'
  /** Share of the last step that goes on, in [0, 1); 0: none. Default 0.9. */
  readonly momentum?: number
  /** The gradient enters the momentum times 1 - this, in [0, 1), but whole at the first step. Default 0. */
  readonly dampening?: number
  /** Nesterov's momentum; needs momentum > 0 and no dampening. Default false. */
  readonly nesterov?: boolean
  /** This share of each weight is added to its gradient, >= 0; biases and norms are left alone. Default 0. */
  readonly weightDecay?: number
}

/** How weights follow their gradients. */
export type OptimizerOptions = AdamOptions | AdamWOptions | SgdOptions

type Complete<O> = Required<Omit<O, 'schedule'>> & { readonly schedule: Schedule }

/** An optimiser with nothing left to defaults. */
export type Optimizer = Complete<AdamOptions> | Complete<AdamWOptions> | Complete<SgdOptions>

const common = { learningRate: 1e-3, weightDecay: 0, clipNorm: 0 }
const betas = { ...common, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }

/** Fills in the defaults. */
export function resolveOptimizer(options: OptimizerOptions, schedule: Schedule): Optimizer {
  switch (options.type) {
    case 'adam':
      return { ...betas, ...options, schedule }
    case 'adamW':
      return { ...betas, weightDecay: 1e-2, ...options, schedule }
    case 'sgd':
      return { ...common, momentum: 0.9, dampening: 0, nesterov: false, ...options, schedule }
  }
}
