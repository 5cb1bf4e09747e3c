import { withCompute } from './compute.js'
import type { Loss } from './loss.js'
import { arrangePairs, type PairOptions, resolvePairOptions } from './pairOptions.js'

/** Options of {@link nPairOvo}. */
export interface NPairOvoOptions extends PairOptions {
  /**
   * `error`: all pairs are of different classes, each label comes twice. `mask`: a label may have several pairs, and a query's
   * own class is not among its negatives. Default `error`.
   */
  readonly sameClass?: 'error' | 'mask'
}

/** The plan of {@link nPairOvo}: all options resolved. */
export interface NPairOvoPlan extends Required<NPairOvoOptions> {
  readonly type: 'nPairOvo'
}

/** The one-vs-one N-pair loss: its plan, and `compute`. */
export interface NPairOvo extends NPairOvoPlan, Loss {
  readonly type: 'nPairOvo'
}

/**
 * The one-vs-one N-pair loss (Sohn, NIPS 2016): each negative against the positive by itself,
 *
 *   L = 1/N Σᵢ Σ_{j≠i} log(1 + exp((fᵢᵀfⱼ⁺ − fᵢᵀfᵢ⁺)/τ)) + λ · (1/N Σᵢ ‖fᵢ‖² + 1/N Σᵢ ‖fᵢ⁺‖²)
 *
 * Never less than the multi-class loss, and the same for two pairs. Rows, labels, queries and penalty as there; with
 * `queries: 'all'` the positive of a row is the other row of its pair. Terms: `nPairOvo` and `l2`.
 *
 * @throws NPairError `INVALID_OPTION`
 */
export function nPairOvo(options: NPairOvoOptions = {}): NPairOvo {
  const plan = { type: 'nPairOvo' as const, ...resolvePairOptions(options, ['error', 'mask']) }
  return withCompute(plan, arrangePairs(plan, true))
}
