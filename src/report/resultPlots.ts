import type { EvaluationResult } from '../protocols/result.js'
import type { Figure } from './draw.js'
import { number } from './number.js'
import { decades, rateCurves } from './rateCurves.js'
import { scoreWords } from './scoreWords.js'

/** The plots that the curves of a result allow. */
export function resultPlots(result: EvaluationResult): Figure[] {
  const { roc, histogram, recall } = result.curves
  return [
    ...(histogram?.edges && histogram.same && histogram.different
      ? [scoreHistogram(histogram.edges, histogram.same, histogram.different, result)]
      : []),
    ...(roc?.far && roc.tar ? rocPlots(roc.far, roc.tar, result) : []),
    ...rateCurves(result),
    ...(recall?.k && recall.recall ? [recallPlot(recall.k, recall.recall)] : []),
  ]
}

/** Same and different pairs over their score, each as a share of its own kind. */
function scoreHistogram(edges: number[], same: number[], different: number[], result: EvaluationResult): Figure {
  const threshold = result.figures.threshold?.value
  const score = scoreWords(result)
  const sum = (counts: number[]) => counts.reduce((a, b) => a + b, 0)
  const bars = (counts: number[]) =>
    counts.map((n, i) => ({
      low: edges[i] as number,
      high: edges[i + 1] as number,
      share: (100 * n) / Math.max(1, sum(counts)),
    }))
  const all = { same: bars(same), different: bars(different) }
  const middle = (kind: { low: number; high: number; share: number }[]) =>
    kind.reduce((m, b) => m + (b.share / 100) * ((b.low + b.high) / 2), 0)
  const occupied = [...all.same, ...all.different].filter((b) => b.share > 0)
  const low = Math.min(0, ...occupied.map((b) => b.low))
  const high = Math.max(1, ...occupied.map((b) => b.high))
  // The bins beyond the domain are empty, and would be drawn outside of the frame.
  const within = (b: { low: number; high: number }) => b.low >= low && b.high <= high
  const kinds = { same: all.same.filter(within), different: all.different.filter(within) }
  const peak = (kind: { low: number; high: number; share: number }[]) =>
    kind.reduce((a, b) => (b.share > a.share ? b : a))
  const highest = Math.max(peak(all.same).share, peak(all.different).share)
  const labels = [
    { ...peak(all.same), text: 'same', colour: 'var(--first)' },
    { ...peak(all.different), text: 'different', colour: 'var(--second)' },
  ].map((l) => ({ ...l, x: (l.low + l.high) / 2 }))
  return {
    title: 'Scores of same and different pairs',
    caption:
      `Share of each kind of pair by ${score}. Filled: pairs of one class; outlined: pairs of two.` +
      (threshold === undefined ? '' : ` Vertical line: the best threshold on all pairs, ${number(threshold)}.`),
    alternative:
      `Histogram of pairs by ${score}. Mean of same pairs ${number(middle(kinds.same))}, ` +
      `of different pairs ${number(middle(kinds.different))}, threshold ${number(threshold)}`,
    plot: (plot) => ({
      x: { label: score, domain: [low, high], ticks: 6 },
      y: { label: '% of its kind', domain: [0, highest], ticks: 5, grid: true, nice: true },
      marginTop: 34,
      marks: [
        plot.rectY(kinds.same, {
          x1: 'low',
          x2: 'high',
          y: 'share',
          fill: 'var(--first)',
          fillOpacity: 0.45,
          inset: 0,
        }),
        plot.rectY(kinds.different, {
          x1: 'low',
          x2: 'high',
          y: 'share',
          fill: 'var(--second)',
          fillOpacity: 0.15,
          inset: 0,
        }),
        plot.line(outline(kinds.different), {
          x: 'x',
          y: 'y',
          stroke: 'var(--second)',
          strokeWidth: 1.75,
        }),
        plot.ruleY([0], { stroke: 'currentColor', strokeOpacity: 0.5 }),
        ...(threshold === undefined
          ? []
          : [plot.ruleX([threshold], { stroke: 'currentColor', strokeDasharray: '3 3' })]),
        plot.text(labels, {
          ...{
            x: 'x',
            y: 'share',
            text: 'text',
            dy: -9,
            fill: 'currentColor',
            stroke: 'var(--page)',
            strokeWidth: 4,
            fontWeight: 600,
          },
        }),
      ],
    }),
  }
}

/** The upper edge of bars as a line. */
function outline(bars: { low: number; high: number; share: number }[]): { x: number; y: number }[] {
  return bars.flatMap(({ low, high, share }) => [
    { x: low, y: share },
    { x: high, y: share },
  ])
}

/** The curve on a linear axis, and on a logarithmic one where few false accepts matter. */
function rocPlots(far: number[], tar: number[], result: EvaluationResult): Figure[] {
  const points = far.map((x, i) => ({ x: 100 * x, y: 100 * (tar[i] as number) }))
  const auc = result.figures.auc?.value
  const eer = result.figures.eer?.value
  const impostors = result.counts.impostorPairs ?? 1
  const least = 100 / impostors
  const resolved = points.filter((p) => p.x >= least * 0.999)
  const before = points.filter((p) => p.x < least * 0.999).at(-1)
  const log = before && resolved[0] ? [{ x: least, y: before.y }, ...resolved] : resolved
  const targets = Object.values(result.figures).filter((f) => f.label.startsWith('True accept rate at'))
  const line = { x: 'x', y: 'y', stroke: 'var(--first)', strokeWidth: 2 }
  return [
    {
      title: 'ROC',
      caption: `Accepted pairs of one class against wrongly accepted pairs of two, all thresholds. Area ${auc?.toFixed(4) ?? 'n/a'}; dashed: chance.`,
      alternative: `ROC curve with area ${auc?.toFixed(4) ?? 'n/a'} and equal error rate ${number(eer === undefined ? undefined : eer * 100)} %`,
      plot: (plot) => ({
        x: { label: 'false accept rate, %', domain: [0, 100], ticks: 5 },
        y: { label: 'true accept rate, %', domain: [0, 100], ticks: 5, grid: true },
        marks: [
          plot.line(
            [
              { x: 0, y: 0 },
              { x: 100, y: 100 },
            ],
            { x: 'x', y: 'y', stroke: 'currentColor', strokeOpacity: 0.5, strokeDasharray: '4 4' },
          ),
          plot.line(points, line),
        ],
      }),
    },
    {
      title: 'ROC, few false accepts',
      caption: `The same curve over a logarithmic axis, down to one in ${impostors.toLocaleString('en-US')} impostor pairs.`,
      alternative: `ROC curve on a logarithmic axis. ${targets.map((f) => `${f.label}: ${number(f.value * 100)} %`).join('; ')}`,
      plot: (plot) => ({
        x: {
          type: 'log',
          label: 'false accept rate, %',
          domain: [Math.min(least, 10), 100],
          ticks: decades(least),
          tickFormat: number,
        },
        y: { label: 'true accept rate, %', domain: [0, 100], ticks: 5, grid: true },
        marks: [plot.ruleX([1, 10], { stroke: 'currentColor', strokeOpacity: 0.12 }), plot.line(log, line)],
      }),
    },
  ]
}

function recallPlot(k: number[], recall: number[]): Figure {
  const points = k.map((n, i) => ({ k: String(n), recall: 100 * (recall[i] as number) }))
  return {
    title: 'Recall@K',
    caption: 'Queries with an image of their class among the K nearest.',
    alternative: points.map((p) => `Recall@${p.k} ${number(p.recall)} %`).join(', '),
    plot: (plot) => ({
      x: { label: 'K', type: 'band', domain: points.map((p) => p.k), padding: 0.35 },
      y: { label: '% of queries', domain: [0, 100], ticks: 5, grid: true },
      marks: [
        plot.barY(points, { x: 'k', y: 'recall', fill: 'var(--first)', fillOpacity: 0.55 }),
        plot.text(points, {
          x: 'k',
          y: 'recall',
          text: (p: { recall: number }) => p.recall.toFixed(1),
          dy: -8,
          fill: 'currentColor',
        }),
        plot.ruleY([0], { stroke: 'currentColor', strokeOpacity: 0.5 }),
      ],
    }),
  }
}
