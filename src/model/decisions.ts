import type { Hit } from '../retrieval/indexOptions.js'

/** Whether two images show the same, by the model's calibrated threshold. */
export interface Verdict {
  /** Whether `score` is at or above `threshold`. */
  readonly same: boolean
  /** Cosine of both embeddings, or with `fusion: 'scores'` the mean of those of all combinations of views; in [−1, 1]. */
  readonly score: number
  /** Of the calibration. */
  readonly threshold: number
  /** The false accept rate that was measured at the threshold: how often two different ones are called the same. */
  readonly far: number
}

/** What an image of an index shows, or that nothing in it is near enough. */
export type Identification = {
  /** Of the calibration. */
  readonly threshold: number
  /**
   * Chance that someone whom the index lacks is called known, in [0, 1]: the upper end of the 95 % interval of the false accept rate
   * (at least Wilson's for as many independent pairs), times the index's rows.
   */
  readonly falseAlarm: number
} & (
  | { readonly answer: 'known'; readonly hit: Hit }
  | {
      readonly answer: 'unknown'
      /** What was nearest, below the threshold; left out of an empty index. */
      readonly nearest?: Hit
    }
)
