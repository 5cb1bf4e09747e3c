import type { Comparison } from '../protocols/compare.js'
import type { Figure } from './draw.js'
import { number } from './number.js'

/** By how much the first of two models is better than the second, with the interval, and where neither is. */
export function differencePlot({ label, difference, interval }: Comparison): Figure {
  const { low, high, level } = interval
  const reach = 1.15 * Math.max(Math.abs(low), Math.abs(high), Math.abs(difference)) || 1
  const row = [{ low, high, difference }]
  const percent = `${Number((100 * level).toFixed(2))} %`
  return {
    title: 'First minus second',
    caption: `Difference of the means of: ${label}. To the right of the dashed line the first model is better, to the left the second. Line: ${percent} interval, paired bootstrap over classes.`,
    alternative: `Difference first minus second: ${number(difference)}, ${percent} interval [${number(low)}, ${number(high)}]`,
    plot: (plot) => ({
      ...{ height: 104, marginTop: 20 },
      x: { label: 'difference', domain: [-reach, reach], ticks: 5, grid: true, tickFormat: number },
      y: { axis: null },
      marks: [
        plot.ruleX([0], { stroke: 'currentColor', strokeDasharray: '4 4' }),
        plot.ruleY(row, { y: 0, x1: 'low', x2: 'high', stroke: 'var(--first)', strokeWidth: 2.5 }),
        plot.dot(row, { x: 'difference', y: 0, fill: 'var(--first)', r: 5 }),
      ],
    }),
  }
}
