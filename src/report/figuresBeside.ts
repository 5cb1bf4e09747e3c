import type { EvaluationResult } from '../protocols/result.js'
import type { Figure } from './draw.js'
import { type Html, html } from './html.js'
import { number } from './number.js'
import { figureValue } from './resultSection.js'
import { colourOf } from './runSigns.js'

/** Results of one protocol, one a run or model; nothing for those that were not judged by it. */
type Results = readonly (EvaluationResult | undefined)[]

/** A figure of every result, the best in bold. */
export function figureRow(name: string, results: Results): Html {
  const figures = results.map((result) => result?.figures[name])
  const known = figures.find((figure) => figure !== undefined)
  const values = figures.flatMap((figure) => (figure && Number.isFinite(figure.value) ? [figure.value] : []))
  const best =
    values.length < 2 || known === undefined || known.better === 'none'
      ? undefined
      : known.better === 'higher'
        ? Math.max(...values)
        : Math.min(...values)
  return html`<tr><th scope="row">${known?.label}</th>${figures.map((figure) =>
    figure === undefined
      ? html`<td>n/a</td>`
      : html`<td>${figure.value === best ? html`<strong>${figureValue(figure)}</strong>` : figureValue(figure)}</td>`,
  )}</tr>\n`
}

/** A figure of every result with its interval. */
export function intervalPlot(name: string, results: Results, names: readonly string[]): Figure {
  const figures = results.map((result) => result?.figures[name])
  const known = figures.find((figure) => figure !== undefined)
  const scale = known?.unit === 'fraction' ? 100 : 1
  const points = figures.flatMap((figure, i) =>
    figure === undefined
      ? []
      : [
          {
            ...{ run: String(i), i, value: figure.value * scale },
            ...{
              low: (figure.interval?.low ?? figure.value) * scale,
              high: (figure.interval?.high ?? figure.value) * scale,
            },
          },
        ],
  )
  const level = figures.find((figure) => figure?.interval)?.interval?.level
  const unit = scale === 100 ? ', %' : ''
  return {
    title: known?.label ?? name,
    caption: `${known?.better === 'lower' ? 'Lower is better. ' : ''}${known?.definition ?? ''}${level === undefined ? '' : ` Lines: ${100 * level} % intervals.`}`,
    alternative: points
      .map(
        (p) =>
          `${names[p.i]}: ${number(p.value)}${unit.replace(', ', ' ')}${level === undefined ? '' : ` [${number(p.low)}, ${number(p.high)}]`}`,
      )
      .join('; '),
    plot: (plot) => ({
      ...{ height: 70 + 34 * names.length, marginLeft: 128 },
      x: { label: `${known?.label}${unit}`, ticks: 5, grid: true, nice: true },
      y: {
        ...{ type: 'band', label: null, domain: points.map((p) => p.run), tickSize: 0 },
        tickFormat: (run: string) => shortened(names[Number(run)] ?? ''),
      },
      marks: [
        plot.ruleY(points, {
          y: 'run',
          x1: 'low',
          x2: 'high',
          stroke: (p: { i: number }) => colourOf(p.i),
          strokeWidth: 2.5,
        }),
        plot.dot(points, { y: 'run', x: 'value', fill: (p: { i: number }) => colourOf(p.i), r: 5 }),
      ],
      color: { type: 'identity' },
    }),
  }
}

/** A name that has room beside a plot. */
function shortened(name: string): string {
  return name.length <= 16 ? name : `${name.slice(0, 7)}…${name.slice(-8)}`
}
