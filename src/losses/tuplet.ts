import { requireBoolean, requireInteger, requireNames } from '../config/require.js'
import { byTuplet } from './arrangement.js'
import { withCompute } from './compute.js'
import type { Loss } from './loss.js'
import { requireLossOptions } from './lossOptions.js'

/** Options of {@link tuplet}. */
export interface TupletOptions {
  /** N − 1 ≥ 1: how many negatives each query has. */
  readonly negatives: number
  /** The (L+1)-tuplet: the negatives are one example of every other class, L − 1 of them. Default false. */
  readonly ideal?: boolean
  /** τ > 0: inner products are divided by it. Default 1. */
  readonly temperature?: number
  /** Compare embeddings of length 1. Default false. */
  readonly normalize?: boolean
  /** λ ≥ 0 of the mean of ‖f‖² over all rows. Default 0. */
  readonly l2?: number
}

/** The plan of {@link tuplet}: all options resolved. */
export interface TupletPlan extends Required<TupletOptions> {
  readonly type: 'tuplet'
}

/** The (N+1)-tuplet loss: its plan, and `compute`. */
export interface Tuplet extends TupletPlan, Loss {
  readonly type: 'tuplet'
}

/**
 * The (N+1)-tuplet loss (Sohn 2016, Eq. 3) over queries with negatives of their own:
 *
 *   L = mean of log(1 + Σᵢ exp((fᵀfᵢ − fᵀf⁺)/τ))
 *
 * With `ideal` it is the (L+1)-tuplet (Eq. 5): multi-class logistic loss in which f⁺ and the fᵢ stand for the weight vectors of
 * a classifier. Rows: B queries, their B positives, then the first negative of each, the second, and so on: N(N+1) embeddings
 * for N queries, which N-pair batches make 2N of. Terms: `tuplet` and `l2`.
 *
 * @throws NPairError `INVALID_OPTION`
 */
export function tuplet(options: TupletOptions): Tuplet {
  requireNames('', options as unknown, ['negatives', 'ideal', 'temperature', 'normalize', 'l2'])
  const { negatives, ideal = false, temperature = 1, normalize = false, l2 = 0 } = options
  requireInteger('negatives', negatives, 1)
  requireBoolean('ideal', ideal)
  requireLossOptions({ temperature, normalize, l2 })
  const plan = { type: 'tuplet' as const, negatives, ideal, temperature, normalize, l2 }
  return withCompute(plan, (labels, count) => byTuplet(labels, count, negatives, ideal))
}
