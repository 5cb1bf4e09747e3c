import { invalidOption } from '../errors.js'

/**
 * Watches for signs that training diverges, before numbers are no longer finite. It looks at every step before the weights
 * change; a step that shows a sign changes nothing. Without a guard only numbers that are not finite stop a run, with
 * `NON_FINITE`.
 */
export interface GuardOptions {
  /**
   * What becomes of a step that shows a sign of divergence (or whose loss or gradient is not finite):
   * `stop`: the run ends with `DIVERGED` (or `NON_FINITE`), its last checkpoint is whole;
   * `skip`: the step is left out and counted as `skipped` in the metrics; after `mostSkipped` such steps in a row the run stops;
   * `rollback`: the run goes back to the last checkpoint at a multiple of `checkpointEvery` (or to step 0) and on from there with a lower learning rate, `retries` times.
   */
  readonly onDivergence: 'stop' | 'skip' | 'rollback'
  /** Collapse: the mean cosine between embeddings of different classes of a batch lies above this, in [-1, 1]; 1: never. Default 0.98. */
  readonly maxCosine?: number
  /** The mean length of the embeddings lies above this, > 0. Default 1000. */
  readonly maxNorm?: number
  /**
   * The gradient is longer than this many times its running mean, > 1. A gradient beyond the limit enters the mean as the
   * limit, so that the mean follows gradients that stay large. Default 20.
   */
  readonly gradientSpike?: number
  /** Decay of that running mean, in [0, 1). Default 0.98. */
  readonly decay?: number
  /** Steps before the first one that is judged: networks fresh from their initial weights look collapsed. Default 100. */
  readonly warmup?: number
  /** `skip`: so many skipped steps in a row are borne, >= 1; one more stops the run. Default 20. */
  readonly mostSkipped?: number
  /** `rollback`: how often the run may go back, >= 1. Default 1. */
  readonly retries?: number
  /** `rollback`: the learning rate is multiplied by this each time, in (0, 1]. Default 0.5. */
  readonly rateFactor?: number
}

/** A guard with nothing left to defaults. */
export type Guard = Required<GuardOptions>

/** What stands for options left out. */
const guardDefaults: Omit<Guard, 'onDivergence'> = {
  ...{ maxCosine: 0.98, maxNorm: 1000, gradientSpike: 20, decay: 0.98, warmup: 100 },
  ...{ mostSkipped: 20, retries: 1, rateFactor: 0.5 },
}

/** Which of the options an answer to divergence does not look at. */
const idle: Readonly<Record<Guard['onDivergence'], readonly ('mostSkipped' | 'retries' | 'rateFactor')[]>> = {
  ...{ stop: ['mostSkipped', 'retries', 'rateFactor'], skip: ['retries', 'rateFactor'], rollback: ['mostSkipped'] },
}

/**
 * Fills in the defaults.
 *
 * @throws NPairError `INVALID_OPTION` for an option that this `onDivergence` would pass over; its default is let pass
 */
export function resolveGuard(guard: GuardOptions): Guard {
  for (const name of idle[guard.onDivergence])
    if (guard[name] !== undefined && guard[name] !== guardDefaults[name])
      throw invalidOption(`guard.${name}`, `nothing with onDivergence '${guard.onDivergence}'`, guard[name])
  return { ...guardDefaults, ...guard }
}
