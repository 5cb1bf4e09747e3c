import type { EvaluationResult } from '../protocols/result.js'

/**
 * Figures and curves of a result as they were before they were written: JSON has no NaN, and what was none is null in a file. A
 * plot would draw null as 0.
 *
 * @param result - as parsed
 */
export function fromJson<R extends Pick<EvaluationResult, 'figures'>>(result: R): R {
  const { figures, curves } = result as R & Partial<Pick<EvaluationResult, 'curves'>>
  return { ...result, figures: withNaN(figures), ...(curves && { curves: withNaN(curves) }) }
}

function withNaN<T>(value: T): T
function withNaN(value: unknown): unknown {
  if (value === null) return Number.NaN
  if (Array.isArray(value)) return value.map((inner) => withNaN(inner))
  if (typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withNaN(inner as unknown)]))
}
