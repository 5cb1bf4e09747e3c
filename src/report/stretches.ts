import type { StepMetrics } from '../train/metricsLog.js'

/** A stretch of steps as one point. */
export interface Stretch {
  /** Middle of the stretch. */
  step: number
  /** Steps in it. */
  count: number
  mean: number
  low: number
  high: number
}

/** Points that a curve over the steps of a run is drawn with at most, and places of marks along it. */
export const mostStretches = 160

/**
 * Steps averaged to at most 160 stretches of equal length (the last may be shorter), so that a curve stays small however long
 * the run was.
 *
 * @param value - steps for which it gives no finite number are left out
 */
export function stretches(steps: readonly StepMetrics[], value: (line: StepMetrics) => number | undefined): Stretch[] {
  const points = steps.flatMap((line) => {
    const found = value(line)
    return Number.isFinite(found) ? [{ step: line.step, value: found as number }] : []
  })
  const length = Math.max(1, Math.ceil(points.length / mostStretches))
  return Array.from({ length: Math.ceil(points.length / length) }, (_, i) => {
    const part = points.slice(i * length, (i + 1) * length)
    const values = part.map((p) => p.value)
    return {
      step: ((part[0]?.step ?? 0) + (part.at(-1)?.step ?? 0)) / 2,
      count: part.length,
      mean: values.reduce((a, b) => a + b, 0) / values.length,
      low: Math.min(...values),
      high: Math.max(...values),
    }
  })
}
