import { requireNames, requireWord } from '../config/require.js'
import { invalidOption } from '../errors.js'
import { withCompute } from './compute.js'
import type { Loss } from './loss.js'
import { requireLossOptions } from './lossOptions.js'
import { arrangeTriplets } from './tripletRows.js'

/** Options of {@link triplet}. */
export interface TripletOptions {
  /** `hinge`: a margin on squared distances; `smooth`: the (2+1)-tuplet, softplus of inner products. Default `hinge`. */
  readonly form?: 'hinge' | 'smooth'
  /** m > 0 of the hinge; the smooth form has none, and is refused one. Default 0.2. */
  readonly margin?: number
  /**
   * Which triplets a batch gives. `paper`: from each two pairs two, as the paper's baselines; rows in pairs. `all`: every one.
   * `hard`: an anchor with its farthest positive and its nearest negative. `semiHard`: each anchor and positive with the
   * nearest negative farther than the positive, or where there is none with the farthest (FaceNet, as in TensorFlow).
   * `distanceWeighted`: each anchor and positive with a negative drawn with weight d^(2 − D) · (1 − d²/4)^(−(D − 3)/2), d the
   * distance of the D numbers at length 1, at least 0.5, and none from 1.4 on (Wu et al. 2017; any negative where all are so
   * far); drawn by the run's seed, step and row, and by `compute` as by step 0 of seed 0. `given`:
   * rows are B anchors, B positives, B negatives. Far means by squared distance for the hinge, else by inner product.
   * Default `paper`.
   */
  readonly triplets?: 'paper' | 'all' | 'hard' | 'semiHard' | 'distanceWeighted' | 'given'
  /** Mean over `all` triplets, or with the hinge over the `active` ones, whose loss is not 0. Default `all`. */
  readonly average?: 'all' | 'active'
  /** Compare embeddings of length 1. Default false. */
  readonly normalize?: boolean
  /** λ ≥ 0 of the mean of ‖f‖² over all rows. Default 0. */
  readonly l2?: number
}

/** The plan of {@link triplet}: all options resolved. */
export interface TripletPlan extends Required<Omit<TripletOptions, 'margin'>> {
  readonly type: 'triplet'
  /** Of the hinge. */
  readonly margin?: number
}

/** The triplet loss: its plan, and `compute`. */
export interface Triplet extends TripletPlan, Loss {
  readonly type: 'triplet'
}

/** Which triplets the triplet loss knows. */
export const tripletKinds = ['paper', 'all', 'hard', 'semiHard', 'distanceWeighted', 'given'] as const

/**
 * The triplet loss over anchors a, positives p and negatives n:
 *
 *   hinge (Sohn 2016, Eq. 2):   max(0, ‖a − p‖² − ‖a − n‖² + m)
 *   smooth (the (2+1)-tuplet):  log(1 + exp(aᵀn − aᵀp))
 *
 * The smooth one has no margin, is what the paper compares with, and equals the N-pair loss at N = 2.
 * Terms: `triplet` and `l2`.
 *
 * @throws NPairError `INVALID_OPTION`
 */
export function triplet(options: TripletOptions = {}): Triplet {
  requireNames('', options as unknown, ['form', 'margin', 'triplets', 'average', 'normalize', 'l2'])
  const { form = 'hinge', triplets = 'paper', average = 'all', normalize = false, l2 = 0 } = options
  requireWord('form', form, ['hinge', 'smooth'])
  const hinge = form === 'hinge' && { margin: options.margin ?? 0.2 }
  if (hinge) requireLossOptions(hinge)
  else if (options.margin !== undefined)
    throw invalidOption('margin', "nothing with form 'smooth', which has no margin,", options.margin)
  requireWord('triplets', triplets, tripletKinds)
  requireWord('average', average, ['all', 'active'])
  requireLossOptions({ normalize, l2 })
  if (form === 'smooth' && average !== 'all')
    throw invalidOption('average', "'all' with form 'smooth', whose loss is never 0,", average)
  const plan = { type: 'triplet' as const, form, ...hinge, triplets, average, normalize, l2 }
  return withCompute(plan, arrangeTriplets(triplets))
}
