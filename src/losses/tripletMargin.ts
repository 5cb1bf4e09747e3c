import { requireBoolean, requireNames, requireNumber, requireWord } from '../config/require.js'
import { withCompute } from './compute.js'
import type { Loss } from './loss.js'
import { requireLossOptions } from './lossOptions.js'
import { arrangeTriplets } from './tripletRows.js'

/** Options of {@link tripletMargin}. */
export interface TripletMarginOptions {
  /** m > 0. Default 1. */
  readonly margin?: number
  /** p ≥ 1 of the norm. Default 2. */
  readonly p?: number
  /** Added to every component of a difference. Default 1e-6. */
  readonly eps?: number
  /** Take the smaller one of ‖a − n‖ and ‖p − n‖ (Balntas et al. 2016). Default false. */
  readonly swap?: boolean
  /** Which triplets a batch gives, see {@link TripletOptions}; `given`: rows are B anchors, B positives, B negatives. Default `given`. */
  readonly triplets?: 'given' | 'paper' | 'hard' | 'semiHard' | 'distanceWeighted'
}

/** The plan of {@link tripletMargin}: all options resolved. */
export interface TripletMarginPlan extends Required<TripletMarginOptions> {
  readonly type: 'tripletMargin'
}

/** The margin triplet: its plan, and `compute`. */
export interface TripletMargin extends TripletMarginPlan, Loss {
  readonly type: 'tripletMargin'
}

/**
 * The margin triplet on distances, as torch.nn.TripletMarginLoss:
 *
 *   L = mean of max(0, d(a, p) − d(a, n) + m),  d(u, v) = ‖u − v + eps‖_p
 *
 * Distances are not squared. This is what goes round as an implementation of the N-pair loss; it is none: no row sees the
 * other rows' positives, and a satisfied triplet costs nothing. Term: `tripletMargin`.
 *
 * @throws NPairError `INVALID_OPTION`
 */
export function tripletMargin(options: TripletMarginOptions = {}): TripletMargin {
  requireNames('', options as unknown, ['margin', 'p', 'eps', 'swap', 'triplets'])
  const { margin = 1, p = 2, eps = 1e-6, swap = false, triplets = 'given' } = options
  requireLossOptions({ margin })
  requireNumber('p', p, '>= 1', (x) => x >= 1)
  requireNumber('eps', eps, '>= 0', (x) => x >= 0)
  requireBoolean('swap', swap)
  requireWord('triplets', triplets, ['given', 'paper', 'hard', 'semiHard', 'distanceWeighted'])
  const plan = { type: 'tripletMargin' as const, margin, p, eps, swap, triplets }
  return withCompute(plan, arrangeTriplets(triplets))
}
