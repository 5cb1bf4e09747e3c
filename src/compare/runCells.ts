import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { deepFreeze } from '../config/deepFreeze.js'
import { isObject } from '../config/require.js'
import type { Dataset, DatasetPlan } from '../data/dataset.js'
import { NPairError } from '../errors.js'
import { makeFolder, writeFileAtomic } from '../files/atomic.js'
import type { Progress } from '../train/loop.js'
import { readMetrics } from '../train/metricsLog.js'
import type { Notice } from '../train/notice.js'
import { readPlan } from '../train/runFolder.js'
import { resume, train } from '../train/train.js'
import type { Cell, CompareRun, Comparison, Judging } from './compareConfig.js'

/** Points of each curve of error against step. */
const judgements = 10

/** What a comparison tells while it runs, and what stops it. */
export interface CellHooks {
  /** Before a run begins, or goes on; `done` of `total` runs are finished. */
  readonly onRun?: (run: CompareRun, done: number, total: number) => void
  /** As of `train`, of the present run. */
  readonly onProgress?: (progress: Progress) => void
  /** As of `train`, of the present run. */
  readonly onNotice?: (notice: Notice) => void
  /** Aborted: the present run is saved, and the promise rejected with code `ABORTED`; the same comparison goes on from there. */
  readonly signal?: AbortSignal
}

/** compare.json of a comparison's folder: what every run in it was asked to be, by its folder. */
interface RunsRecord {
  readonly format: 1
  readonly runs: Readonly<Record<string, unknown>>
}

/**
 * Trains what of a comparison is not trained yet: a finished run is left alone, one that was stopped goes on, methods and
 * seeds may be added to a folder later. Every run judges its weights of the moment on the test half, ten times along the way;
 * the figures of a comparison are those of the last step, never of a step that the test half liked best.
 *
 * @throws NPairError `OUTPUT_EXISTS` where the folder holds a run of the same name and another config, or on other images; `ABORTED`, saying how to
 *   go on; as `train`, naming the run
 */
export async function runCells(
  { output, cells }: Comparison,
  { train: data, test }: { readonly train: Dataset; readonly test: Dataset },
  judging: Judging,
  { onRun, signal, ...hooks }: CellHooks = {},
): Promise<void> {
  await makeFolder(output)
  for (const cell of cells) await requireSameData(output, cell, [data.plan, test.plan])
  await record(output, cells, judging)
  for (const [i, cell] of cells.entries()) {
    const { train: options } = cell.config
    if (await isFinished(options.output, options.steps)) continue
    if (signal?.aborted) throw stopped(output, i, cells.length)
    onRun?.(cell, i, cells.length)
    const shared = { ...hooks, ...(signal && { signal }) }
    const validation = { ...judging, every: Math.ceil(options.steps / judgements) }
    try {
      const run = (await hasPlan(options.output))
        ? await resume(options.output, shared)
        : await train({ ...options, ...shared, data, test, validation, validationData: test })
      await run.model.close()
    } catch (cause) {
      if (!(cause instanceof NPairError)) throw cause
      if (cause.code === 'ABORTED') throw stopped(output, i, cells.length, cause)
      throw new NPairError(cause.code, `${cell.folder}: ${cause.message}`, {
        cause,
        ...(cause.option !== undefined && { option: cause.option }),
        ...(cause.detail !== undefined && { detail: cause.detail }),
      })
    }
  }
}

function stopped(output: string, done: number, total: number, cause?: NPairError): NPairError {
  return new NPairError(
    'ABORTED',
    `Stopped with ${done} of ${total} runs of ${output} done; the same command again goes on from here`,
    { cause },
  )
}

/** Whether the last step of a run was judged and its model written: the judgement comes first. */
async function isFinished(run: string, steps: number): Promise<boolean> {
  const written = await exists(join(run, 'model/model.json'))
  return written && (await readMetrics(run)).some((line) => 'validation' in line && line.step === steps)
}

/** Whether a folder holds a run, begun or finished. */
const hasPlan = (run: string) => exists(join(run, 'config.json'))

async function exists(path: string): Promise<boolean> {
  try {
    await readFile(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw new NPairError('NOT_FOUND', `Cannot read ${path}: ${(error as Error).message}`, { cause: error })
  }
}

/** Writes down what every run is asked to be, and refuses one that was asked to be something else before. */
async function record(output: string, cells: readonly Cell[], judging: Judging): Promise<void> {
  const path = join(output, 'compare.json')
  const before: RunsRecord = (await exists(path)) ? parse(path, await readFile(path, 'utf8')) : { format: 1, runs: {} }
  const asked = Object.fromEntries(
    cells.map(({ folder, config: { data, train: options } }) => {
      const { output: _, ...rest } = options
      return [folder, plain({ data, train: rest, ...judging })]
    }),
  )
  for (const [folder, config] of Object.entries(asked)) {
    const earlier = before.runs[folder]
    if (earlier !== undefined && JSON.stringify(earlier) !== JSON.stringify(config))
      throw new NPairError(
        'OUTPUT_EXISTS',
        `${output} holds the run ${folder} of another config (compare.json has it): name another output`,
        { option: 'output' },
      )
  }
  const content = deepFreeze({ format: 1, runs: { ...before.runs, ...asked } })
  await writeFileAtomic(path, `${JSON.stringify(content, null, 2)}\n`)
}

/**
 * Refuses to go on with a run, or to take its figures, where it saw other images: the folder that a config names may hold others by
 * now. A run's own plan has its data by hash.
 */
async function requireSameData(output: string, { folder, config }: Cell, now: readonly DatasetPlan[]): Promise<void> {
  if (!(await hasPlan(config.train.output))) return
  const { data, validation } = await readPlan(config.train.output)
  const seen = (plan: DatasetPlan | undefined) => plan && [plan.pack, plan.parts]
  if (isDeepStrictEqual([data, validation?.data].map(seen), now.map(seen))) return
  throw new NPairError(
    'OUTPUT_EXISTS',
    `${output} holds the run ${folder} on other images: its pack has the hash ${data.pack.slice(0, 12)}, that of now ` +
      `${now[0]?.pack.slice(0, 12)}. Name another output`,
    { option: 'output' },
  )
}

function parse(path: string, text: string): RunsRecord {
  try {
    const found: Partial<RunsRecord> | null = JSON.parse(text, withoutMargin)
    if (found?.format === 1 && typeof found.runs === 'object') return found as RunsRecord
  } catch {
    // Said below.
  }
  throw new NPairError('OUTPUT_EXISTS', `${path} is damaged, or of a newer npair: name another output`, {
    option: 'output',
  })
}

/** Records of before a smooth triplet was refused a margin have the one that it never looked at. */
function withoutMargin(_: string, value: unknown): unknown {
  if (!isObject(value) || value.type !== 'triplet' || value.form !== 'smooth') return value
  const { margin: __, ...loss } = value
  return loss
}

/** As it will be when it is read again. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}
