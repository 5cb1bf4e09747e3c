import { join } from 'node:path'
import { type Batch, isMined } from '../config/batch.js'
import type { Dataset } from '../data/dataset.js'
import { NPairError } from '../errors.js'
import { mean, standardError } from '../metrics/statistics.js'
import type { Figure } from '../protocols/result.js'
import { sharedDefinition } from '../protocols/sharedDefinition.js'
import { createSampler } from '../sampling/create.js'
import { largestSuperClass } from '../train/largestSuperClass.js'
import { readMetrics, type StepMetrics, type ValidationMetrics } from '../train/metricsLog.js'
import type { Cell, Comparison } from './compareConfig.js'
import type { CompareMethod } from './methods.js'
import { imagesOfStep } from './pace.js'

/** A mean over seeds and its standard error (sample deviation / √seeds); NaN for one seed. */
export interface Spread {
  readonly mean: number
  readonly standardError: number
}

/** What the runs of one method found; `mean` and `standardError` are those of the headline. */
export interface MethodSummary extends Spread {
  readonly name: string
  /** N of N pairs: classes that ask in a batch (`classes` of class-balanced batches, `tuplets` of tuplets). */
  readonly batchClasses: number
  /** Of one run. */
  readonly steps: number
  /** In all batches of one run. */
  readonly images: number
  readonly learningRate: number
  readonly loss: string
  readonly batch: string
  /** The figures that were judged at the last step, by name, in the figure's own unit. */
  readonly figures: Readonly<Record<string, Spread>>
  /** The headline, one value a seed, in the order of the seeds. */
  readonly values: readonly number[]
  /** Headline of this method − that of the reference, paired by seed; missing for the reference. */
  readonly difference?: Spread & {
    /** Seeds of which this method is the better one. */
    readonly better: number
  }
  /** The headline over the images seen so far: mean over seeds, lowest and highest. */
  readonly curve: readonly {
    readonly images: number
    readonly mean: number
    readonly low: number
    readonly high: number
  }[]
  /** Mean share of a batch that comes from one super-class, the largest; missing where the data has none. */
  readonly largestSuperClass?: Spread
}

/** What a comparison found: plain JSON. */
export interface ComparisonSummary {
  readonly seeds: readonly number[]
  readonly reference: string
  readonly protocol: string
  /** Name in `figures` of what methods are compared by: `validation.figure`, else the protocol's headline. */
  readonly headline: string
  /** Each figure without its value. */
  readonly figures: Readonly<Record<string, Pick<Figure, 'label' | 'unit' | 'better' | 'definition'>>>
  /** What was judged. */
  readonly counts: Readonly<Record<string, number>>
  readonly methods: readonly MethodSummary[]
  readonly notes: readonly string[]
}

/** The lines of a finished run. */
interface Lines {
  readonly cell: Cell
  readonly steps: readonly StepMetrics[]
  readonly validations: readonly ValidationMetrics[]
  readonly last: ValidationMetrics
}

/**
 * Puts the finished runs of a comparison together, from their metrics.jsonl.
 *
 * @param data - what was trained on
 * @throws NPairError `NOT_FOUND` where a run is not finished
 */
export async function summarise(comparison: Comparison, data: Dataset): Promise<ComparisonSummary> {
  const { methods, seeds, reference, notes } = comparison
  const runs = await Promise.all(comparison.cells.map(linesOf))
  const { protocol, headline: usual, figures, counts } = (runs[0] as Lines).last.validation
  const { figure: headline = usual } = comparison.judging ?? {}
  const better = figures[headline]?.better === 'lower' ? -1 : 1
  const headlines = (name: string) => of(name).map(({ last }) => figureOf(last, headline))
  const of = (name: string) => runs.filter(({ cell }) => cell.method === name)
  const beside = headlines(reference)

  const summarised = async ({ name, loss }: CompareMethod): Promise<MethodSummary> => {
    const own = of(name)
    const { train } = (own[0] as Lines).cell.config
    const values = headlines(name)
    const differences = values.map((value, i) => value - (beside[i] as number))
    const shares = data.superClasses.length === 0 ? [] : await Promise.all(own.map((run) => shareOf(run, data)))
    return {
      ...{ name, batchClasses: classesOf(train.batch), ...spread(values) },
      ...{ steps: train.steps, images: train.steps * imagesOfStep(train.batch), values },
      ...{ learningRate: train.optimizer.learningRate, loss: said(loss), batch: said(train.batch) },
      figures: Object.fromEntries(
        Object.keys(figures).map((figure) => [figure, spread(own.map(({ last }) => figureOf(last, figure)))]),
      ),
      ...(name !== reference && {
        difference: { ...spread(differences), better: differences.filter((d) => d * better > 0).length },
      }),
      curve: (own[0] as Lines).validations.map(({ step }, i) => {
        const points = own.map(({ validations }) => figureOf(validations[i] as ValidationMetrics, headline))
        return {
          images: step * imagesOfStep(train.batch),
          ...{ mean: mean(points), low: Math.min(...points), high: Math.max(...points) },
        }
      }),
      ...(shares.length > 0 && { largestSuperClass: spread(shares) }),
    }
  }
  const summaries: MethodSummary[] = []
  for (const method of methods) summaries.push(await summarised(method))
  return {
    ...{ seeds, reference, protocol, headline, counts, notes, methods: summaries },
    figures: Object.fromEntries(
      Object.entries(figures).map(([name, { label, unit, better }]) => {
        // Here ± is over seeds.
        const each = runs.flatMap(({ last }) => last.validation.figures[name] ?? [])
        return [name, { label, unit, better, definition: sharedDefinition(each) }]
      }),
    ),
  }
}

async function linesOf(cell: Cell): Promise<Lines> {
  const { output, steps: count } = cell.config.train
  const lines = await readMetrics(output).catch((error: Error) => {
    throw new NPairError('NOT_FOUND', `${output} holds no finished run: ${error.message}`, { cause: error })
  })
  const validations = lines.filter((line): line is ValidationMetrics => 'validation' in line)
  const last = validations.at(-1)
  if (last?.step !== count)
    throw new NPairError('NOT_FOUND', `${join(output, 'metrics.jsonl')} does not hold the judgement of step ${count}`)
  return { cell, steps: lines.filter((line): line is StepMetrics => 'loss' in line), validations, last }
}

/** JSON has no NaN: a figure that was none is null in the file. */
function figureOf({ validation }: ValidationMetrics, name: string): number {
  return validation.figures[name]?.value ?? Number.NaN
}

function classesOf(batch: Batch): number {
  if ('pairs' in batch) return batch.pairs
  return batch.type === 'tuplets' ? batch.tuplets : batch.classes
}

function spread(values: readonly number[]): Spread {
  return { mean: mean(values), standardError: standardError(values) }
}

/** `nPairMc, l2 0.005`: a plan's type, then its options. */
function said(plan: object): string {
  const { type, ...options } = { type: undefined, ...plan }
  const words = Object.entries(options).flatMap(([name, value]) => {
    if (name === 'accumulate' && value === 1) return []
    return [typeof value === 'object' ? `${name} (${said(value as object)})` : `${name} ${value}`]
  })
  return [...(type === undefined ? [] : [type]), ...words].join(', ')
}

/** As mining recorded it, or as the sampler draws the batches of the run once more. */
async function shareOf({ cell, steps }: Lines, data: Dataset): Promise<number> {
  const { batch, seed } = cell.config.train
  if (isMined(batch)) return mean(steps.map((line) => line.largestSuperClass ?? Number.NaN))
  const sampler = createSampler(data, batch, seed)
  const label = new Map(Array.from(data.images, (id, i) => [id, data.labels[i] as number]))
  const { accumulate = 1 } = batch
  const shares: number[] = []
  for (const { step } of steps) {
    const labels: number[] = []
    for (let k = 0; k < accumulate; k++)
      for (const id of await sampler.batch((step - 1) * accumulate + k)) labels.push(label.get(id) as number)
    shares.push(largestSuperClass(data, Int32Array.from(labels)).largestSuperClass as number)
  }
  return mean(shares)
}
