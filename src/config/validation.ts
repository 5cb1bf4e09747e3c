import type { ProtocolOptions } from '../protocols/create.js'

/** Judging during training; the best model so far is kept. */
export interface ValidationOptions {
  /** Steps between two judgements, >= 1; the last step is always judged. Default 500. */
  readonly every?: number
  /** How: a protocol's type, and those options that differ from its defaults. */
  readonly protocol: ProtocolOptions
  /** The figure that decides which model is best, for example `recall@1`. Default: the protocol's headline. */
  readonly figure?: string
}

/** Validation with its defaults filled in; without `figure` the protocol's headline decides. */
export interface Validation extends ValidationOptions {
  readonly every: number
}
