import { requireNames } from '../config/require.js'
import { byClass } from './arrangement.js'
import { withCompute } from './compute.js'
import type { Loss } from './loss.js'
import { requireLossOptions } from './lossOptions.js'

/** Options of {@link supCon}. */
export interface SupConOptions {
  /** τ > 0: inner products are divided by it. Default 0.1. */
  readonly temperature?: number
  /** Compare embeddings of length 1. Default true. */
  readonly normalize?: boolean
}

/** The plan of {@link supCon}: all options resolved. */
export interface SupConPlan extends Required<SupConOptions> {
  readonly type: 'supCon'
}

/** The supervised contrastive loss: its plan, and `compute`. */
export interface SupCon extends SupConPlan, Loss {
  readonly type: 'supCon'
}

/**
 * The supervised contrastive loss (Khosla et al., NeurIPS 2020, Eq. 2, L_out): every row i asks all others; with P(i) the other
 * rows of its class,
 *
 *   L = mean over i of 1/|P(i)| Σ_{p∈P(i)} −log( exp(fᵢᵀfₚ/τ) / Σ_{k≠i} exp(fᵢᵀfₖ/τ) )
 *
 * A row that is alone in its class does not ask, but is a negative. Their τ/τ_base in front is 1, as it is by default there.
 * Term: `supCon`.
 *
 * @throws NPairError `INVALID_OPTION`
 */
export function supCon(options: SupConOptions = {}): SupCon {
  requireNames('', options as unknown, ['temperature', 'normalize'])
  const { temperature = 0.1, normalize = true } = options
  requireLossOptions({ temperature, normalize })
  return withCompute({ type: 'supCon' as const, temperature, normalize }, (labels, count) =>
    byClass(labels, count, false),
  )
}
