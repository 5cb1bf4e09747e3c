/** The same learning rate all along, after warm-up. */
export interface ConstantSchedule {
  readonly type: 'constant'
  /** Steps over which the learning rate rises linearly to its full value, >= 0. Default 0. */
  readonly warmup?: number
}

/** Multiplied by `factor` at each milestone. */
export interface StepSchedule {
  readonly type: 'step'
  /** As for `constant`. Default 0. */
  readonly warmup?: number
  /** Steps from which on the rate is lower, rising; counted from the start of the run. */
  readonly milestones: readonly number[]
  /** In (0, 1]. Default 0.1. */
  readonly factor?: number
}

/** Half a cosine from the full rate after warm-up down to the final one at the end of the run. */
export interface CosineSchedule {
  readonly type: 'cosine'
  /** As for `constant`; fewer than the run's steps. Default 0. */
  readonly warmup?: number
  /** Where it ends, as a fraction of the learning rate, in [0, 1]. Default 0. */
  readonly final?: number
}

/** How the learning rate changes over a run. */
export type ScheduleOptions = ConstantSchedule | StepSchedule | CosineSchedule

/** A schedule with nothing left to defaults. */
export type Schedule = Required<ConstantSchedule> | Required<StepSchedule> | Required<CosineSchedule>

/** Fills in the defaults. */
export function resolveSchedule(schedule: ScheduleOptions = { type: 'constant' }): Schedule {
  const { warmup = 0 } = schedule
  switch (schedule.type) {
    case 'constant':
      return { type: 'constant', warmup }
    case 'step':
      return { type: 'step', warmup, milestones: schedule.milestones, factor: schedule.factor ?? 0.1 }
    case 'cosine':
      return { type: 'cosine', warmup, final: schedule.final ?? 0 }
  }
}
