import { requireNames, requireWord } from '../config/require.js'
import { type Arrangement, areSets, byClass, wrongLabels } from './arrangement.js'
import type { Labels } from './loss.js'
import { requireLossOptions } from './lossOptions.js'
import { pairRows } from './pairRows.js'

/** What both N-pair losses can be told. */
export interface PairOptions {
  /** λ ≥ 0 of the penalty on the embeddings' norms, see `l2Convention` and `l2Of`. Default 5e-3. */
  readonly l2?: number
  /**
   * What λ multiplies; published implementations differ by these factors:
   * `sum`: mean‖f‖² + mean‖f⁺‖²; `mean`: the mean of ‖·‖² over all 2N embeddings, half of `sum`; `quarter`: a quarter of
   * `sum`, as TensorFlow's and Paddle's `npairs_loss`. Default `sum`.
   */
  readonly l2Convention?: 'sum' | 'mean' | 'quarter'
  /** Whether the penalty is on ‖f‖² or, as in some implementations, on ‖f‖. Default `squaredNorm`. */
  readonly l2Of?: 'squaredNorm' | 'norm'
  /** τ > 0: inner products are divided by it. Default 1, as in the paper. */
  readonly temperature?: number
  /** Compare embeddings of length 1 (the penalty stays on the raw ones). Default false, as in the paper. */
  readonly normalize?: boolean
  /**
   * Who asks: the `anchors` the positives, as in the paper; `symmetric`: the mean of that and of positives asking anchors;
   * `all`: each of the 2N rows all others. Default `anchors`.
   */
  readonly queries?: 'anchors' | 'symmetric' | 'all'
}

/** All of {@link PairOptions}, checked. */
export interface ResolvedPairOptions extends Required<PairOptions> {}

const names = ['l2', 'l2Convention', 'l2Of', 'temperature', 'normalize', 'queries']

/** The `l2Convention` options. */
export const l2Conventions = ['sum', 'mean', 'quarter'] as const

/** Checks and completes {@link PairOptions} and `sameClass`. */
export function resolvePairOptions<S extends string>(
  options: PairOptions & { readonly sameClass?: S },
  sameClasses: readonly S[],
): ResolvedPairOptions & { readonly sameClass: S } {
  requireNames('', options as unknown, [...names, 'sameClass'])
  const { l2 = 5e-3, l2Convention = 'sum', l2Of = 'squaredNorm', temperature = 1, normalize = false } = options
  const { queries = 'anchors', sameClass = sameClasses[0] as S } = options
  requireLossOptions({ l2 })
  requireWord('l2Convention', l2Convention, l2Conventions)
  requireWord('l2Of', l2Of, ['squaredNorm', 'norm'])
  requireLossOptions({ temperature, normalize })
  requireWord('queries', queries, ['anchors', 'symmetric', 'all'])
  requireWord('sameClass', sameClass, sameClasses)
  return { l2, l2Convention, l2Of, temperature, normalize, queries, sameClass }
}

/** How an N-pair loss of these options wants its rows. `byPair`: it needs one positive for each query. */
export function arrangePairs(
  { queries, sameClass }: { readonly queries: string; readonly sameClass: string },
  byPair: boolean,
): (labels: Labels, count: number) => Arrangement {
  return (labels, count) => {
    if (areSets(labels) && (sameClass !== 'soft' || queries === 'all'))
      throw wrongLabels("Lists of labels need sameClass: 'soft', and queries: 'anchors' or 'symmetric'")
    if (queries === 'all' && sameClass !== 'error' && !byPair) return byClass(labels, count, false)
    return pairRows(labels, count, sameClass !== 'error')
  }
}
