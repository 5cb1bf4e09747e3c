import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { ResolvedTrainConfig } from '../config/trainConfig.js'
import type { Dataset, DatasetPlan } from '../data/dataset.js'
import { loadData } from '../data/load.js'
import { NPairError } from '../errors.js'
import { formatFigure, formatTable } from '../protocols/formatTable.js'
import type { EvaluationResult } from '../protocols/result.js'
import type { Progress } from '../train/loop.js'
import { type MovedPaths, movedDataset } from '../train/movedDataset.js'
import type { Notice } from '../train/notice.js'
import type { TrainPlan } from '../train/plan.js'
import { checkOutput } from '../train/runFolder.js'
import { type Run, type RunHooks, resume, train } from '../train/train.js'
import type { Judgement } from './judgeRun.js'

/** Hooks of a run that also loads its images. */
export interface ConfigHooks {
  readonly onProgress?: (progress: Progress) => void
  readonly onNotice?: (notice: Notice) => void
  readonly onImages?: (done: number, total: number) => void
  readonly signal?: AbortSignal
}

/** What a command prints in the end, and the figures in it. */
export interface Judged {
  readonly text: string
  readonly results: readonly EvaluationResult[]
}

/** Loads the data of a config, trains, judges the model on the test half and writes the report. */
export async function trainConfig(config: ResolvedTrainConfig, hooks: ConfigHooks = {}): Promise<Judged> {
  // Decoding may take minutes: an output that is taken should be known before.
  await checkOutput(config.train.output)
  const { onImages, onNotice, signal, onProgress } = hooks
  const { validation, ...options } = config.train
  const loading = { ...(onImages && { onProgress: onImages }), ...(signal && { signal }) }
  const { train: data, validation: kept, test } = await loadData(config.data, loading, validation !== undefined)
  const run = await train({
    ...{ ...options, data },
    ...(test && { test }),
    ...(validation && kept && { validation, validationData: kept }),
    ...(onProgress && { onProgress }),
    ...(onNotice && { onNotice }),
    ...(signal && { signal }),
  })
  return judged(run, test, signal)
}

/** Goes on with a run and does for it what `trainConfig` would have done in the end. */
export async function resumeConfig(folder: string, hooks: RunHooks & MovedPaths = {}): Promise<Judged> {
  const run = await resume(folder, hooks)
  const { test } = run.plan
  return judged(run, test && (await movedDataset(test, run.plan, hooks)), hooks.signal)
}

async function judged(run: Run, test: Dataset | undefined, signal: AbortSignal | undefined): Promise<Judged> {
  const places = `model:  ${join(run.folder, 'model')}\nreport: ${join(run.folder, 'report.html')}`
  try {
    if (!test) {
      const { writeReport } = await import('./report.js')
      await writeReport(run.folder)
      return { text: `There was no test half: the model was not judged.\n\n${places}`, results: [] }
    }
    const { judgeRun } = await import('./judgeRun.js')
    const { results, baseline } = await judgeRun(run.folder, run.model, test, {
      ...(signal && { signal }),
      notes: chosenOn(run.plan) ? [chosenNote] : [],
    })
    const tables = results.map(formatTable).join('\n\n')
    return { text: `${tables}\n\n${compared(results, baseline)}\n\n${places}`, results }
  } catch (error) {
    if (!(error instanceof NPairError) || error.code !== 'ABORTED') throw error
    throw new NPairError('ABORTED', `${error.message}; judge it with: npair resume ${run.folder}`, { cause: error })
  } finally {
    await run.model.close()
  }
}

/** What a reader must know of figures on images that chose the model. */
const chosenNote =
  'Not held out: of all checkpoints of the run the one that did best on these very images became the model ' +
  "(data.split.validation is 'test'), so the figures are better than those on new images would be."

/** Whether the images that a run is judged on in the end chose its model. */
function chosenOn({ validation, test }: TrainPlan): boolean {
  const parts = (plan: DatasetPlan | undefined) => plan && [plan.pack, plan.parts]
  return (
    validation !== undefined && validation.keep !== 'last' && isDeepStrictEqual(parts(validation.data), parts(test))
  )
}

/** `untrained pixels: Recall@1 41.20 % (model: 93.10 %), …` */
function compared(results: Judged['results'], { name, results: others }: Judgement['baseline']): string {
  const said = others.flatMap((other) => {
    const figure = other.figures[other.headline]
    const own = results.find(({ protocol }) => protocol === other.protocol)?.figures[other.headline]
    return figure && own ? [`${figure.label} ${formatFigure(figure)} (model: ${formatFigure(own)})`] : []
  })
  return `${name}: ${said.join(', ') || 'not judged'}`
}
