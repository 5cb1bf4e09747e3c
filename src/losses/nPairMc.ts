import { withCompute } from './compute.js'
import type { Loss } from './loss.js'
import { arrangePairs, type PairOptions, resolvePairOptions } from './pairOptions.js'

/** Options of {@link nPairMc}. */
export interface NPairMcOptions extends PairOptions {
  /**
   * What to do with further images of a query's class. `error`: there are none, each label comes twice. `mask`: they are not
   * among its negatives (with `queries: 'all'` each of them is a positive, and their losses are averaged). `soft`: the target
   * is shared among them, as TensorFlow's `npairs_loss` does; also for rows with several labels, shared in proportion to the
   * labels in common. `sum`: their exponentials are added up, as in the paper's Eq. 8. Default `error`.
   */
  readonly sameClass?: 'error' | 'mask' | 'soft' | 'sum'
}

/** The plan of {@link nPairMc}: all options resolved. */
export interface NPairMcPlan extends Required<NPairMcOptions> {
  readonly type: 'nPairMc'
}

/** The multi-class N-pair loss: its plan, and `compute`. */
export interface NPairMc extends NPairMcPlan, Loss {
  readonly type: 'nPairMc'
}

/**
 * The multi-class N-pair loss (Sohn, NIPS 2016): with N anchors fᵢ and their positives fᵢ⁺, all of different classes,
 *
 *   L = 1/N Σᵢ log(1 + Σ_{j≠i} exp((fᵢᵀfⱼ⁺ − fᵢᵀfᵢ⁺)/τ)) + λ · (1/N Σᵢ ‖fᵢ‖² + 1/N Σᵢ ‖fᵢ⁺‖²)
 *
 * Not symmetric: anchors ask, positives answer. One pair alone has no negatives and costs nothing but the penalty.
 *
 * Its relatives are options of it: InfoNCE and multiple negatives ranking are `{ normalize: true, temperature: 0.05, l2: 0 }`,
 * CLIP's loss that with `queries: 'symmetric'`, NT-Xent (SimCLR) that with `queries: 'all'`; over batches with more than two
 * images of a class, `{ queries: 'all', sameClass: 'sum' }` is the paper's Eq. 8, as in neighbourhood component analysis.
 *
 * `compute(embeddings, labels)` takes 2N rows in any order and each label exactly twice; the label's first row is the
 * anchor, its second the positive. Where labels may repeat, the first half of a label's rows are anchors and the second half,
 * in the same order, their positives; rows that have lists of labels come as N anchors, then N positives; with
 * `queries: 'all'` any rows will do in which a label comes twice. Terms: `nPairMc` and `l2`, which add up to `loss`. float32
 * in, float32 gradient out; `{ data: Float64Array, size }` is computed in float64.
 *
 * @throws NPairError `INVALID_OPTION`
 */
export function nPairMc(options: NPairMcOptions = {}): NPairMc {
  const plan = { type: 'nPairMc' as const, ...resolvePairOptions(options, ['error', 'mask', 'soft', 'sum']) }
  return withCompute(plan, arrangePairs(plan, false))
}
