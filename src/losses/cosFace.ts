import { requireNames, requireNumber } from '../config/require.js'
import { byNumber } from './arrangement.js'
import { withParameters } from './compute.js'
import type { ParametricLoss } from './loss.js'
import { requireLossOptions } from './lossOptions.js'
import { classesOf, needClasses } from './softmax.js'

/** Options of {@link cosFace}. */
export interface CosFaceOptions {
  /** C ≥ 2: rows of the classifier. Default in a run: the classes of its data. */
  readonly classes?: number
  /** s > 0. Default 64. */
  readonly scale?: number
  /** m in (0, 1]. Default 0.35. */
  readonly margin?: number
}

/** The plan of {@link cosFace}: all options resolved, but for the classes, which the data may tell. */
export interface CosFacePlan extends Required<Omit<CosFaceOptions, 'classes'>> {
  readonly type: 'cosFace'
  readonly classes?: number
}

/** CosFace: its plan, and `compute`. */
export interface CosFace extends CosFacePlan, ParametricLoss {
  readonly type: 'cosFace'
}

/**
 * CosFace (Wang et al., CVPR 2018, Eq. 4): softmax over s · cos θ, with a margin taken from the own class's cosine:
 *
 *   L = mean over i of −log( exp(s(cos θᵢ − m)) / (exp(s(cos θᵢ − m)) + Σ_{c≠yᵢ} exp(s·cos θ_c)) )
 *
 * Parameter: `weight` `[classes, size]`, first drawn normal with deviation 0.01. Term: `cosFace`.
 *
 * @throws NPairError `INVALID_OPTION`
 */
export function cosFace(options: CosFaceOptions = {}): CosFace {
  requireNames('', options as unknown, ['classes', 'scale', 'margin'])
  const { scale = 64, margin = 0.35 } = options
  requireLossOptions({ scale })
  requireNumber('margin', margin, 'in (0, 1]', (x) => x > 0 && x <= 1)
  const plan = { type: 'cosFace' as const, ...classesOf(options), scale, margin }
  return withParameters(plan, ['weight'], (labels, count) => byNumber(labels, count, needClasses(plan)))
}
