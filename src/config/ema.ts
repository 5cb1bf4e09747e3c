/**
 * An exponential moving average of the weights: after step t (from 0), average ← d · average + (1 − d) · weights, with the
 * running statistics of norms copied. Validation and the finished model use the average; training goes on with the weights.
 */
export interface EmaOptions {
  /** The share that the average keeps at each step, in [0, 1): 0.999 looks back some thousand steps. Default 0.999. */
  readonly decay?: number
  /** d = min(decay, (1 + t)/(10 + t)), so that the weights of the start are soon forgotten. Default true. */
  readonly warmup?: boolean
}

/** An average with nothing left to defaults. */
export type Ema = Required<EmaOptions>

/** What stands for options left out. */
export const emaDefaults: Ema = { decay: 0.999, warmup: true }
