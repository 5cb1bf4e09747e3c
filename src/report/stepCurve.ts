import type { StepMetrics } from '../train/metricsLog.js'
import type { Figure, Plot } from './draw.js'
import { number } from './number.js'
import type { SetbackMarks } from './setbackMarks.js'
import { stretches } from './stretches.js'

/** What a curve over the steps of a run shows. */
export interface StepCurve {
  title: string
  caption: string
  value: (line: StepMetrics) => number | undefined
  /** Beside the vertical axis. */
  unit?: '%'
  /** A share of the value, as a dashed line. */
  part?: { label: string; value: (line: StepMetrics) => number }
  /** A level that the value should stay below, as a dotted line. */
  limit?: { label: string; value: number } | undefined
  setbacks?: SetbackMarks
}

/** One number over the steps of a run; nothing where no step has it. */
export function stepCurve(
  steps: readonly StepMetrics[],
  { title, caption, value, unit, part, limit, setbacks }: StepCurve,
): Figure[] {
  const points = stretches(steps, value)
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last) return []
  const parts = part ? stretches(steps, part.value) : []
  const averaged = first.count > 1
  const [lowest, highest] = [Math.min(...points.map((p) => p.low)), Math.max(...points.map((p) => p.high))]
  const counted = points.reduce((sum, p) => sum + p.count, 0)
  const figures = [`first ${number(first.mean)}`, `lowest ${number(lowest)}`, `highest ${number(highest)}`]
  return [
    {
      title,
      caption: [
        caption,
        part ? ` Dashed: ${part.label}.` : '',
        limit ? ` Dotted: ${limit.label}, ${number(limit.value)}.` : '',
        averaged ? ` Line: mean of ${first.count} steps each; band: lowest to highest.` : '',
        setbacks?.caption,
      ].join(''),
      alternative: `${title} over ${counted} steps${unit ? `, in ${unit}` : ''}: ${figures.join(', ')}, last ${number(last.mean)}${setbacks?.alternative ?? ''}`,
      plot: (plot: Plot) => ({
        ...stepAxes(unit),
        marks: [
          plot.ruleY([0], { stroke: 'currentColor', strokeOpacity: 0.5 }),
          ...(averaged
            ? [plot.areaY(points, { x: 'step', y1: 'low', y2: 'high', fill: 'var(--first)', fillOpacity: 0.18 })]
            : []),
          ...(limit ? [plot.ruleY([limit.value], { stroke: 'currentColor', strokeDasharray: '1 4' })] : []),
          ...(setbacks?.marks(plot) ?? []),
          plot.lineY(points, { x: 'step', y: 'mean', stroke: 'var(--first)', strokeWidth: 1.75 }),
          ...(parts.length > 0
            ? [
                plot.lineY(parts, {
                  x: 'step',
                  y: 'mean',
                  stroke: 'var(--second)',
                  strokeWidth: 1.5,
                  strokeDasharray: '5 3',
                }),
              ]
            : []),
        ],
      }),
    },
  ]
}

/** Steps to the right, numbers up. */
export function stepAxes(unit?: '%') {
  return {
    x: { label: 'step', ticks: 5, tickFormat: (x: number) => x.toLocaleString('en-US') },
    y: { label: unit ?? null, ticks: 5, grid: true, nice: true, tickFormat: (y: number) => number(y) },
  }
}
