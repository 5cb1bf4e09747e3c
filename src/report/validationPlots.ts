import type { ValidationMetrics } from '../train/metricsLog.js'
import type { Figure } from './draw.js'
import { number } from './number.js'
import type { RunRecord } from './runRecord.js'
import { stepAxes } from './stepCurve.js'

/** Name of the figure that the best model was chosen by: the plan's, without one the protocol's headline; undefined without validations. */
export function decider({ config, validations }: Pick<RunRecord, 'config' | 'validations'>): string | undefined {
  return (config.validation as { figure?: string } | undefined)?.figure ?? validations[0]?.validation.headline
}

/** Every figure of the validations over the steps of a run, that which chose the best model apart; empty for a single validation. */
export function validationPlots(run: Pick<RunRecord, 'config' | 'validations'>): {
  deciding: Figure[]
  others: Figure[]
} {
  const { validations } = run
  const [first, name] = [validations[0]?.validation, decider(run)]
  if (first === undefined || name === undefined) return { deciding: [], others: [] }
  const { keep } = (run.config.validation ?? {}) as { keep?: 'best' | 'last' }
  const kept =
    keep === 'last'
      ? validations.findLast(({ step }) => step === run.config.steps)
      : validations.findLast(({ best }) => best)
  return {
    deciding: history(validations, name, `ring: the model that is kept${kept ? `, of step ${kept.step}` : ''}.`, kept),
    others: Object.entries(first.figures)
      .filter(([other, { better }]) => other !== name && better !== 'none')
      .flatMap(([other, { definition }]) => history(validations, other, definition)),
  }
}

/** Validations that a curve is drawn through at most, and told of in its text. */
const mostValidations = 120

/** One figure over the validations of a run, with its interval where it has one; nothing for a single validation. */
function history(
  validations: readonly ValidationMetrics[],
  name: string,
  caption: string,
  ringed?: ValidationMetrics,
): Figure[] {
  const all = validations.flatMap(({ step, validation }) => {
    const figure = validation.figures[name]
    return figure ? [{ step, figure }] : []
  })
  const [first] = all
  if (first === undefined || all.length < 2) return []
  const each = Math.ceil(all.length / mostValidations)
  // Counted from the end: the last one stays.
  const found = all.filter((_, i) => (all.length - 1 - i) % each === 0)
  const scale = first.figure.unit === 'fraction' ? 100 : 1
  const points = found.map(({ step, figure }) => ({ step, value: figure.value * scale }))
  const band = found.flatMap(({ step, figure: { interval } }) =>
    interval ? [{ step, low: interval.low * scale, high: interval.high * scale }] : [],
  )
  const rings = all
    .filter(({ step }) => step === ringed?.step)
    .map((v) => ({ step: v.step, value: v.figure.value * scale }))
  const level = first.figure.interval?.level
  return [
    {
      title: `Validation: ${first.figure.label}`,
      caption: [
        `On the validation data during training; ${caption}`,
        band.length > 0 && level !== undefined ? ` Band: its ${100 * level} % interval.` : '',
        each > 1 ? ` One of ${each} validations is drawn.` : '',
      ].join(''),
      alternative: `${first.figure.label} over ${all.length} validations${each > 1 ? `, one of ${each}` : ''}, ${points.map((p) => number(p.value)).join(', ')}`,
      plot: (plot) => ({
        ...stepAxes(scale === 100 ? '%' : undefined),
        marks: [
          plot.ruleY([0], { stroke: 'currentColor', strokeOpacity: 0 }),
          ...(band.length > 1
            ? [plot.areaY(band, { x: 'step', y1: 'low', y2: 'high', fill: 'var(--first)', fillOpacity: 0.18 })]
            : []),
          plot.lineY(points, { x: 'step', y: 'value', stroke: 'var(--first)', strokeWidth: 2 }),
          plot.dot(points, { x: 'step', y: 'value', fill: 'var(--first)', r: 3 }),
          plot.dot(rings, { x: 'step', y: 'value', stroke: 'currentColor', strokeWidth: 1.5, r: 6 }),
        ],
      }),
    },
  ]
}
