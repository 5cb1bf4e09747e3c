import type { EvaluationResult } from '../protocols/result.js'
import type { Figure } from './draw.js'
import { number } from './number.js'

/** Ranks that a CMC is drawn to at most: beyond them curves are flat. */
const mostRanks = 50

/** The plots of error and hit rates that a result's curves allow: DET, CMC, open set. */
export function rateCurves(result: EvaluationResult): Figure[] {
  const { roc, cmc, openSet } = result.curves
  return [
    ...(roc?.far && roc.tar ? detPlot(roc.far, roc.tar, result.figures.eer?.value) : []),
    ...(cmc?.rank && cmc.rate ? [cmcPlot(cmc.rank, cmc.rate)] : []),
    ...(openSet?.far && openSet.dir ? openSetPlot(openSet.far, openSet.dir) : []),
  ]
}

const line = { x: 'x', y: 'y', stroke: 'var(--first)', strokeWidth: 2 }

/** Both error rates on logarithmic axes; a rate of 0 has no place there. */
function detPlot(far: number[], tar: number[], eer: number | undefined): Figure[] {
  const points = far
    .map((x, i) => ({ x: 100 * x, y: 100 * (1 - (tar[i] as number)) }))
    // 1 − TAR of a TAR of 1 is an exact 0; of any other it is at least one pair.
    .filter(({ x, y }) => x > 0 && y > 1e-9)
  if (points.length < 2) return []
  const lowest = (key: 'x' | 'y') => Math.min(10, ...points.map((p) => p[key]))
  return [
    {
      title: 'DET',
      caption: `Wrongly rejected pairs of one class against wrongly accepted pairs of two, all thresholds, both axes logarithmic. Dashed: where both rates are equal${eer === undefined ? '' : `, ${number(100 * eer)} %`}.`,
      alternative: `Detection error trade-off curve on logarithmic axes, ${points.length} points. Equal error rate ${eer === undefined ? 'n/a' : `${number(100 * eer)} %`}; lowest false accept rate above zero ${number(lowest('x'))} %, lowest false reject rate above zero ${number(lowest('y'))} %`,
      plot: (plot) => {
        const domain = (key: 'x' | 'y'): [number, number] => [lowest(key), 100]
        const from = Math.max(lowest('x'), lowest('y'))
        return {
          x: {
            type: 'log',
            label: 'false accept rate, %',
            domain: domain('x'),
            ticks: decades(lowest('x')),
            tickFormat: number,
          },
          y: {
            type: 'log',
            label: 'false reject rate, %',
            domain: domain('y'),
            ticks: decades(lowest('y')),
            grid: true,
            tickFormat: number,
          },
          marks: [
            plot.line(
              [from, 100].map((rate) => ({ x: rate, y: rate })),
              {
                ...{ x: 'x', y: 'y', stroke: 'currentColor', strokeOpacity: 0.5, strokeDasharray: '4 4' },
              },
            ),
            plot.line(points, line),
          ],
        }
      },
    },
  ]
}

function cmcPlot(rank: number[], rate: number[]): Figure {
  const points = rank.slice(0, mostRanks).map((x, i) => ({ x, y: 100 * (rate[i] as number) }))
  const last = points.at(-1)
  return {
    title: 'CMC',
    caption: 'Probes whose class is among the k best of the gallery (cumulative match characteristic).',
    alternative: `CMC curve: rank 1 ${number(points[0]?.y)} %, rank ${last?.x} ${number(last?.y)} %`,
    plot: (plot) => ({
      x: {
        label: 'rank k',
        domain: [1, Math.max(2, last?.x ?? 2)],
        ticks: Math.min(6, points.length),
        tickFormat: 'd',
      },
      y: { label: '% of probes', domain: lowAxis(points), ticks: 5, grid: true },
      marks: [
        plot.line(points, { ...line, curve: 'step-after' }),
        ...(points.length <= 20 ? [plot.dot(points, { x: 'x', y: 'y', fill: 'var(--first)', r: 2.5 })] : []),
      ],
    }),
  }
}

function openSetPlot(far: number[], dir: number[]): Figure[] {
  const points = far.map((x, i) => ({ x: 100 * x, y: 100 * (dir[i] as number) })).filter(({ x }) => x > 0)
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last || first === last) return []
  return [
    {
      title: 'Open set',
      caption:
        'Known probes that are found and named rightly, against strangers that are taken for someone known, all thresholds; the horizontal axis is logarithmic.',
      alternative: `Open-set curve: detection and identification rate ${number(first.y)} % where ${number(first.x)} % of strangers are accepted, ${number(last.y)} % where all are`,
      plot: (plot) => ({
        x: {
          ...{ type: 'log', label: 'strangers accepted, %', domain: [Math.min(10, first.x), 100] },
          ...{ ticks: decades(first.x), tickFormat: number },
        },
        y: { label: '% found and named', domain: lowAxis(points), ticks: 5, grid: true },
        marks: [
          plot.ruleX(
            [1, 10].filter((x) => x > first.x),
            { stroke: 'currentColor', strokeOpacity: 0.12 },
          ),
          plot.line(points, line),
        ],
      }),
    },
  ]
}

/** 100 and the powers of ten below it that are not below `low`: the ticks of a logarithmic axis of percent. */
export function decades(low: number): number[] {
  const ticks = [100]
  for (let tick = 10; tick >= low * 0.999; tick /= 10) ticks.unshift(tick)
  return ticks
}

/** From the ten below the lowest point to 100: such curves begin high, and an axis from 0 would flatten them. */
function lowAxis(points: readonly { y: number }[]): [number, number] {
  return [Math.max(0, Math.min(90, 10 * Math.floor(Math.min(...points.map((p) => p.y)) / 10))), 100]
}
