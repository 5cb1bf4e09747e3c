import type { StepMetrics, ValidationMetrics } from '../train/metricsLog.js'
import type { Figure, Plot } from './draw.js'
import { number } from './number.js'

/** A stretch of steps as one point. */
interface Stretch {
  /** Middle of the stretch. */
  step: number
  mean: number
  low: number
  high: number
}

/** Points that a curve is drawn with at most. */
const mostPoints = 160

/** Steps averaged to at most 160 stretches of equal length, so that a curve stays small however long the run was. */
export function stretches(steps: readonly StepMetrics[], value: (line: StepMetrics) => number): Stretch[] {
  const points = steps.map((line) => ({ step: line.step, value: value(line) })).filter((p) => Number.isFinite(p.value))
  const length = Math.max(1, Math.ceil(points.length / mostPoints))
  return Array.from({ length: Math.ceil(points.length / length) }, (_, i) => {
    const part = points.slice(i * length, (i + 1) * length)
    const values = part.map((p) => p.value)
    return {
      step: ((part[0]?.step ?? 0) + (part.at(-1)?.step ?? 0)) / 2,
      mean: values.reduce((a, b) => a + b, 0) / values.length,
      low: Math.min(...values),
      high: Math.max(...values),
    }
  })
}

/**
 * Loss, learning rate, norms and validation over the steps of a run, as far as they were recorded.
 *
 * @param decides - name of the figure that the best model was chosen by; without it the protocol's headline
 */
export function trainingPlots(
  steps: readonly StepMetrics[],
  validations: readonly ValidationMetrics[],
  decides?: string,
): Figure[] {
  const figures: Figure[] = []
  if (steps.length > 0) {
    figures.push(
      curve(
        'Loss',
        steps,
        (line) => line.loss,
        'All terms together: the N-pair loss and the L2 penalty on the embeddings.',
        {
          label: 'of which the L2 penalty',
          value: (line) => line.l2,
        },
      ),
      curve('Learning rate', steps, (line) => line.learningRate, 'As the schedule set it for each step.'),
      curve('Embedding norm', steps, (line) => line.norm, 'Mean Euclidean length of the embeddings of a batch.'),
      curve(
        'Gradient norm',
        steps,
        (line) => line.gradientNorm,
        'Euclidean length of the gradient of all weights, before clipping.',
      ),
    )
  }
  const decider = decides ?? validations[0]?.validation.headline
  return [...figures, ...(decider === undefined ? [] : history(validations, decider, 'the best model is kept.'))]
}

/**
 * Every other figure of the validations over the steps of a run.
 *
 * @param decides - the figure that `trainingPlots` has already; without it the protocol's headline
 */
export function historyPlots(validations: readonly ValidationMetrics[], decides?: string): Figure[] {
  const first = validations[0]?.validation
  if (first === undefined) return []
  return Object.entries(first.figures)
    .filter(([name, { better }]) => name !== (decides ?? first.headline) && better !== 'none')
    .flatMap(([name, { definition }]) => history(validations, name, definition))
}

/** One figure over the validations of a run, with its interval where it has one; nothing for a single validation. */
function history(validations: readonly ValidationMetrics[], name: string, caption: string): Figure[] {
  const found = validations.flatMap(({ step, validation }) => {
    const figure = validation.figures[name]
    return figure ? [{ step, figure }] : []
  })
  const [first] = found
  if (first === undefined || found.length < 2) return []
  const scale = first.figure.unit === 'fraction' ? 100 : 1
  const points = found.map(({ step, figure }) => ({ step, value: figure.value * scale }))
  const band = found.flatMap(({ step, figure: { interval } }) =>
    interval ? [{ step, low: interval.low * scale, high: interval.high * scale }] : [],
  )
  const level = first.figure.interval?.level
  return [
    {
      title: `Validation: ${first.figure.label}`,
      caption: `On the validation data during training; ${caption}${band.length > 0 && level !== undefined ? ` Band: its ${100 * level} % interval.` : ''}`,
      alternative: `${first.figure.label} over ${points.length} validations, ${points.map((p) => number(p.value)).join(', ')}`,
      plot: (plot) => ({
        ...axes(scale === 100 ? '%' : ''),
        marks: [
          plot.ruleY([0], { stroke: 'currentColor', strokeOpacity: 0 }),
          ...(band.length > 1
            ? [plot.areaY(band, { x: 'step', y1: 'low', y2: 'high', fill: 'var(--first)', fillOpacity: 0.18 })]
            : []),
          plot.lineY(points, { x: 'step', y: 'value', stroke: 'var(--first)', strokeWidth: 2 }),
          plot.dot(points, { x: 'step', y: 'value', fill: 'var(--first)', r: 3 }),
        ],
      }),
    },
  ]
}

function curve(
  title: string,
  steps: readonly StepMetrics[],
  value: (line: StepMetrics) => number,
  caption: string,
  part?: { label: string; value: (line: StepMetrics) => number },
): Figure {
  const points = stretches(steps, value)
  const parts = part ? stretches(steps, part.value) : []
  const averaged = steps.length > points.length
  const span = averaged
    ? ` Line: mean of ${Math.ceil(steps.length / points.length)} steps each; band: lowest to highest.`
    : ''
  const [first, last] = [points[0], points.at(-1)]
  const lowest = Math.min(...points.map((p) => p.low))
  return {
    title,
    caption: `${caption}${part ? ` Dashed: ${part.label}.` : ''}${span}`,
    alternative: `${title} over ${steps.length} steps: first ${number(first?.mean)}, lowest ${number(lowest)}, last ${number(last?.mean)}`,
    plot: (plot: Plot) => ({
      ...axes(''),
      marks: [
        plot.ruleY([0], { stroke: 'currentColor', strokeOpacity: 0.5 }),
        ...(averaged
          ? [plot.areaY(points, { x: 'step', y1: 'low', y2: 'high', fill: 'var(--first)', fillOpacity: 0.18 })]
          : []),
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
  }
}

function axes(unit: string) {
  return {
    x: { label: 'step', ticks: 5, tickFormat: (x: number) => x.toLocaleString('en-US') },
    y: { label: unit || null, ticks: 5, grid: true, nice: true, tickFormat: (y: number) => number(y) },
  }
}
