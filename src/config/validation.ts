import type { ProtocolOptions } from '../protocols/create.js'

/** Judging during training. */
export interface ValidationOptions {
  /** Steps between two judgements, >= 1; the last step is always judged. Default 500. */
  readonly every?: number
  /** How: a protocol's type, and those options that differ from its defaults. */
  readonly protocol: ProtocolOptions
  /** The figure that decides which model is best, for example `recall@1`. Default: the protocol's headline. */
  readonly figure?: string
  /**
   * Which model the finished run leaves in `model/`: the `best` by the figure, or the `last`, where validation only looks on, for
   * example because it has the images that the run will be judged on; the best one is in `best/` either way. Default `best`.
   */
  readonly keep?: 'best' | 'last'
}

/** Validation with its defaults filled in; without `figure` the protocol's headline decides. Without `keep` in plans of old: the best. */
export interface Validation extends ValidationOptions {
  readonly every: number
}
