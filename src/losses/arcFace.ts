import { requireNames, requireNumber } from '../config/require.js'
import { byNumber } from './arrangement.js'
import { withParameters } from './compute.js'
import type { ParametricLoss } from './loss.js'
import { requireLossOptions } from './lossOptions.js'
import { classesOf, needClasses } from './softmax.js'

/** Options of {@link arcFace}. */
export interface ArcFaceOptions {
  /** C ≥ 2: rows of the classifier. Default in a run: the classes of its data. */
  readonly classes?: number
  /** s > 0. Default 64. */
  readonly scale?: number
  /** m in (0, π), in radians. Default 0.5. */
  readonly margin?: number
}

/** The plan of {@link arcFace}: all options resolved, but for the classes, which the data may tell. */
export interface ArcFacePlan extends Required<Omit<ArcFaceOptions, 'classes'>> {
  readonly type: 'arcFace'
  readonly classes?: number
}

/** ArcFace: its plan, and `compute`. */
export interface ArcFace extends ArcFacePlan, ParametricLoss {
  readonly type: 'arcFace'
}

/**
 * ArcFace (Deng et al., CVPR 2019, Eq. 3): softmax over s · cos θ, θ the angle between embedding and weight vector, with an
 * angle added to the own class's:
 *
 *   L = mean over i of −log( exp(s·cos(θᵢ + m)) / (exp(s·cos(θᵢ + m)) + Σ_{c≠yᵢ} exp(s·cos θ_c)) )
 *
 * Past θ = π − m, where cos(θ + m) would rise again, it is cos θ − m sin m, as in insightface. Parameter: `weight`
 * `[classes, size]`, first drawn normal with deviation 0.01. Term: `arcFace`.
 *
 * @throws NPairError `INVALID_OPTION`
 */
export function arcFace(options: ArcFaceOptions = {}): ArcFace {
  requireNames('', options as unknown, ['classes', 'scale', 'margin'])
  const { scale = 64, margin = 0.5 } = options
  requireLossOptions({ scale })
  requireNumber('margin', margin, 'in (0, pi)', (x) => x > 0 && x < Math.PI)
  const plan = { type: 'arcFace' as const, ...classesOf(options), scale, margin }
  return withParameters(plan, ['weight'], (labels, count) => byNumber(labels, count, needClasses(plan)))
}
