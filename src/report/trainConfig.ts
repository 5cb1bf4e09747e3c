import { join } from 'node:path'
import type { ResolvedTrainConfig } from '../config/trainConfig.js'
import type { Dataset } from '../data/dataset.js'
import { datasets } from '../data/datasets.js'
import { loadData } from '../data/load.js'
import { formatTable } from '../protocols/formatTable.js'
import type { EvaluationResult } from '../protocols/result.js'
import type { Progress } from '../train/loop.js'
import { checkOutput } from '../train/runFolder.js'
import { type Run, type RunHooks, resume, train } from '../train/train.js'

/** Hooks of a run that also loads its images. */
export interface ConfigHooks {
  readonly onProgress?: (progress: Progress) => void
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
  const { onImages, signal, onProgress } = hooks
  const halves = await loadData(config.data, { ...(onImages && { onProgress: onImages }), ...(signal && { signal }) })
  const { train: data, test } = halves
  const { validation, ...options } = config.train
  const run = await train({
    ...{ ...options, data },
    ...(test && { test }),
    ...(validation && test && { validation, validationData: test }),
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  })
  return judged(run, test)
}

/** Goes on with a run and does for it what `trainConfig` would have done in the end. */
export async function resumeConfig(folder: string, hooks: RunHooks & { dataPath?: string } = {}): Promise<Judged> {
  const run = await resume(folder, hooks)
  const { test } = run.plan
  return judged(
    run,
    test && (await datasets.fromPlan(test, hooks.dataPath === undefined ? {} : { path: hooks.dataPath })),
  )
}

async function judged(run: Run, test: Dataset | undefined): Promise<Judged> {
  try {
    if (!test) return { text: `model: ${join(run.folder, 'model')} (no test half: not judged)`, results: [] }
    const { judgeRun } = await import('./judgeRun.js')
    const results = await judgeRun(run.folder, run.model, test)
    const tables = results.map(formatTable).join('\n\n')
    return {
      text: `${tables}\n\nmodel:  ${join(run.folder, 'model')}\nreport: ${join(run.folder, 'report.html')}`,
      results,
    }
  } finally {
    await run.model.close()
  }
}
