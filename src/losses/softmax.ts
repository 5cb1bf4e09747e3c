import { requireInteger, requireNames } from '../config/require.js'
import { byNumber } from './arrangement.js'
import { withParameters } from './compute.js'
import type { ParametricLoss } from './loss.js'

/** Options of {@link softmax}. */
export interface SoftmaxOptions {
  /** C ≥ 2: rows of the classifier. Default in a run: the classes of its data. */
  readonly classes?: number
}

/** The plan of {@link softmax}: all options resolved. */
export interface SoftmaxPlan extends SoftmaxOptions {
  readonly type: 'softmax'
}

/** Softmax with a classifier: its plan, and `compute`. */
export interface Softmax extends SoftmaxPlan, ParametricLoss {
  readonly type: 'softmax'
}

/**
 * Softmax with a classifier, the paper's baseline: the mean cross-entropy of the logits W f + b,
 *
 *   L = mean over i of −log( exp(zᵢ[yᵢ]) / Σ_c exp(zᵢ[c]) ),  zᵢ = W fᵢ + b
 *
 * Parameters: `weight` `[classes, size]` and `bias` `[classes]`, first drawn as torch.nn.Linear draws them. Term: `softmax`.
 *
 * @throws NPairError `INVALID_OPTION`
 */
export function softmax(options: SoftmaxOptions = {}): Softmax {
  requireNames('', options, ['classes'])
  const plan = { type: 'softmax' as const, ...classesOf(options) }
  return withParameters(plan, ['weight', 'bias'], (labels, count) => byNumber(labels, count, needClasses(plan)))
}

/** The option `classes`, checked. */
export function classesOf({ classes }: { readonly classes?: number }): { classes?: number } {
  if (classes === undefined) return {}
  requireInteger('classes', classes, 2)
  return { classes }
}

/** The number of classes, which `compute` needs to be told. */
export function needClasses({ classes }: { readonly classes?: number }): number {
  requireInteger('classes', classes, 2)
  return classes
}
