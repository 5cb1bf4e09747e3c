import type { Preprocess } from '../config/preprocess.js'
import type { FeatureIngest } from '../data/featureIngest.js'
import type { IngestOptions } from '../data/ingestOptions.js'
import type { Interval } from '../metrics/interval.js'
import type { AnyNet } from '../nets/create.js'
import type { ResolvedNet } from '../nets/net.js'
import type { TrainPlan } from '../train/plan.js'
import type { Views } from './views.js'

/** model.json of a bundle: what turns an image file, or a row of features, into an embedding. */
export interface BundleDescription {
  readonly format: 1
  /** The npair that wrote it. */
  readonly npair: string
  readonly net: ResolvedNet<AnyNet>
  readonly embeddingSize: number
  /** How files become pixels, or what the features are. */
  readonly ingest: IngestOptions | FeatureIngest
  /** How pixels become numbers. */
  readonly preprocess: Preprocess
  /** Whether the embedding of the mirrored image is added. */
  readonly mirror: boolean
  /** Pixels by which the image is moved for more embeddings to add. */
  readonly shifts: readonly number[]
  /** What the network was trained in and embeds in. */
  readonly precision: 'float32' | 'bfloat16' | 'float64'
  /** Where the weights come from. */
  readonly trained: {
    readonly steps: number
    readonly loss: TrainPlan['loss']
    readonly data: TrainPlan['data']
    readonly seed: number
  }
  /** SHA-256 of weights.safetensors. */
  readonly weights: string
  /** Missing until `calibrate` has measured it. */
  readonly calibration?: Calibration
}

/** A rate that was measured, in [0, 1], and where the true one lies, were other classes drawn. */
export interface MeasuredRate {
  readonly value: number
  /** Left out where no resample was asked for. */
  readonly interval?: Interval
}

/** From which score on a model calls two images the same, and how often that is wrong: measured, and kept in the bundle. */
export interface Calibration {
  /** A cosine, or with `fusion: 'scores'` a mean of cosines: "same" if and only if the score is at or above it. */
  readonly threshold: number
  /** The false accept rate that was asked for, in (0, 1]. */
  readonly target: number
  /** False accept rate at the threshold. */
  readonly far: MeasuredRate
  /** True accept rate at the threshold. */
  readonly tar: MeasuredRate
  readonly genuinePairs: number
  readonly impostorPairs: number
  /** Classes that the pairs are of. */
  readonly classes: number
  /** What the images were seen in: scores of other views have another scale. */
  readonly views: Views
  /** What it was measured on: SHA-256 of the pack. */
  readonly data: { readonly type: string; readonly path?: string; readonly pack: string }
}
