import { requireNames } from '../config/require.js'
import { denseLabels, wrongLabels } from './arrangement.js'
import { withCompute } from './compute.js'
import type { Loss } from './loss.js'
import { requireLossOptions } from './lossOptions.js'

/** Options of {@link contrastive}. */
export interface ContrastiveOptions {
  /** m > 0: how far apart two rows of different classes should be. Default 1. */
  readonly margin?: number
  /** Compare embeddings of length 1. Default false. */
  readonly normalize?: boolean
}

/** The plan of {@link contrastive}: all options resolved. */
export interface ContrastivePlan extends Required<ContrastiveOptions> {
  readonly type: 'contrastive'
}

/** The contrastive loss: its plan, and `compute`. */
export interface Contrastive extends ContrastivePlan, Loss {
  readonly type: 'contrastive'
}

/**
 * The contrastive loss (Hadsell et al., CVPR 2006; Sohn 2016, Eq. 1), the mean over all pairs i < j of the batch of
 *
 *   ‖fᵢ − fⱼ‖²  for two rows of one class,   max(0, m − ‖fᵢ − fⱼ‖)²  for two of different classes
 *
 * Terms: `positive` and `negative`, which add up to `loss`.
 *
 * @throws NPairError `INVALID_OPTION`
 */
export function contrastive(options: ContrastiveOptions = {}): Contrastive {
  requireNames('', options as unknown, ['margin', 'normalize'])
  const { margin = 1, normalize = false } = options
  requireLossOptions({ margin, normalize })
  return withCompute({ type: 'contrastive' as const, margin, normalize }, (labels, count) => {
    const dense = denseLabels(labels, count)
    if (count < 2) throw wrongLabels('Expected two rows or more for labels but received one')
    return { labels: dense }
  })
}
