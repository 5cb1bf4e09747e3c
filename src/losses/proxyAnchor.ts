import { requireNames, requireNumber } from '../config/require.js'
import { byNumber } from './arrangement.js'
import { withParameters } from './compute.js'
import type { ParametricLoss } from './loss.js'
import { classesOf, needClasses } from './softmax.js'

/** Options of {@link proxyAnchor}. */
export interface ProxyAnchorOptions {
  /** C ≥ 2: how many proxies. Default in a run: the classes of its data. */
  readonly classes?: number
  /** α > 0. Default 32. */
  readonly alpha?: number
  /** δ in [0, 1]. Default 0.1. */
  readonly margin?: number
}

/** The plan of {@link proxyAnchor}: all options resolved, but for the classes, which the data may tell. */
export interface ProxyAnchorPlan extends Required<Omit<ProxyAnchorOptions, 'classes'>> {
  readonly type: 'proxyAnchor'
  readonly classes?: number
}

/** Proxy-Anchor: its plan, and `compute`. */
export interface ProxyAnchor extends ProxyAnchorPlan, ParametricLoss {
  readonly type: 'proxyAnchor'
}

/**
 * Proxy-Anchor (Kim et al., CVPR 2020, Eq. 4): every class has a proxy p, which asks the batch; with s the cosine,
 *
 *   L = 1/|P⁺| Σ_{p∈P⁺} log(1 + Σ_{x∈X⁺ₚ} exp(−α(s(x, p) − δ))) + 1/|P| Σ_p log(1 + Σ_{x∈X⁻ₚ} exp(α(s(x, p) + δ)))
 *
 * over all proxies P, those P⁺ of classes in the batch, and the rows X⁺ₚ of p's class and X⁻ₚ of others. Parameter: `proxies`
 * `[classes, size]`, first drawn normal with variance 2/classes. Terms: `positive` and `negative`.
 *
 * @throws NPairError `INVALID_OPTION`
 */
export function proxyAnchor(options: ProxyAnchorOptions = {}): ProxyAnchor {
  requireNames('', options, ['classes', 'alpha', 'margin'])
  const { alpha = 32, margin = 0.1 } = options
  requireNumber('alpha', alpha, '> 0', (x) => x > 0)
  requireNumber('margin', margin, 'in [0, 1]', (x) => x >= 0 && x <= 1)
  const plan = { type: 'proxyAnchor' as const, ...classesOf(options), alpha, margin }
  return withParameters(plan, ['proxies'], (labels, count) => byNumber(labels, count, needClasses(plan)))
}
