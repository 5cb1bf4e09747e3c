import type { EvaluationResult } from '../protocols/result.js'
import { scoreName } from '../protocols/scoreName.js'

/** What the scores of a result's pairs are, for its plots: a cosine, that of views put together, or normalised by a cohort. */
export function scoreWords({ options, definition }: Pick<EvaluationResult, 'options' | 'definition'>): string {
  if (options.scoreNorm !== undefined) return 'normalised score'
  const fused = scoreName({ metric: 'dot' })
  return definition.includes(fused) ? fused : scoreName({ metric: 'cosine' })
}
