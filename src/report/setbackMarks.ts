import type { Markish } from '@observablehq/plot'
import type { Divergence, RollbackMetrics, StepMetrics } from '../train/metricsLog.js'
import { height, margins, type Plot } from './draw.js'
import { mostStretches } from './stretches.js'

/** What a guard did to a run, to be drawn over a curve of it; texts are empty and there are no marks where it did nothing. */
export interface SetbackMarks {
  caption: string
  alternative: string
  marks: (plot: Plot) => Markish[]
}

const words: Readonly<Record<Divergence, string>> = {
  notFinite: 'not finite',
  collapse: 'collapse',
  norm: 'embeddings too long',
  gradientSpike: 'gradient spike',
}

/** From the top of the frame to a tick's upper end, in the plot's units: a tick is 9 long. */
const aboveTicks = height - margins.marginTop - margins.marginBottom - 9

/**
 * Skipped steps as ticks on the bottom of the frame, at most 160 of them, and each checkpoint that the run went back to as a
 * line over its whole height.
 *
 * @param signs - what the guard must have seen; without it everything
 */
export function setbackMarks(
  steps: readonly StepMetrics[],
  rollbacks: readonly RollbackMetrics[],
  signs: readonly Divergence[] = Object.keys(words) as Divergence[],
): SetbackMarks {
  const skipped = steps.flatMap(({ step, divergence }) =>
    divergence && signs.includes(divergence) ? [{ step, reason: divergence }] : [],
  )
  const returns = rollbacks.filter(({ rollback }) => signs.includes(rollback.reason))
  const length = Math.max(1, Math.ceil((steps.at(-1)?.step ?? 0) / mostStretches))
  const ticks = [...new Map(skipped.map(({ step }) => [Math.floor((step - 1) / length), { step }])).values()]
  const skips = `${count(skipped.length, 'step')} that the guard skipped (${byReason(skipped)})`
  const merged = ticks.length < skipped.length ? `, one tick for all within ${length} steps` : ''
  const told = returns.map(({ step, rollback: { from, reason, rateFactor } }) => {
    return `from step ${from} to ${step} (${words[reason]}), learning rate times ${rateFactor} from there on`
  })
  return {
    caption: [
      skipped.length > 0 ? ` Ticks at the bottom: ${skips}${merged}.` : '',
      returns.length > 0
        ? ` Vertical lines: checkpoints that the guard went back to (${count(returns.length, 'time')}).`
        : '',
    ].join(''),
    alternative: [
      skipped.length > 0 ? `; ${skips}, the first ${skipped[0]?.step}, the last ${skipped.at(-1)?.step}` : '',
      returns.length > 0 ? `; went back ${told.join('; ')}` : '',
    ].join(''),
    marks: (plot) => [
      plot.ruleX(returns, { x: 'step', stroke: 'currentColor', strokeWidth: 1.25, strokeDasharray: '2 3' }),
      plot.ruleX(ticks, { x: 'step', stroke: 'currentColor', strokeWidth: 1.5, insetTop: aboveTicks }),
    ],
  }
}

function count(n: number, what: string): string {
  return `${n.toLocaleString('en-US')} ${what}${n === 1 ? '' : 's'}`
}

/** `gradient spike 9, not finite 3` */
function byReason(skipped: readonly { reason: Divergence }[]): string {
  const counts = new Map<Divergence, number>()
  for (const { reason } of skipped) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([reason, n]) => `${words[reason]} ${n.toLocaleString('en-US')}`)
    .join(', ')
}
