import './ownCache.js'
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import type { Dataset } from '../../src/data/dataset.js'
import { datasets } from '../../src/data/datasets.js'
import { NPairError, type NPairErrorCode } from '../../src/errors.js'
import { sha256 } from '../../src/files/sha256.js'
import { nets } from '../../src/index.js'
import { checkpointFolder } from '../../src/train/checkpoint.js'
import { readMetrics } from '../../src/train/metricsLog.js'
import { type Run, resume, type TrainInput, train } from '../../src/train/train.js'

/** A folder that is gone after the test. */
export async function temporary(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'npair-train-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

let made: Promise<{ train: Dataset; test: Dataset }> | undefined

/** 12 classes of 6 drawings to train on, 6 others to judge on. */
export function characters(): Promise<{ train: Dataset; test: Dataset }> {
  made ??= datasets
    .characters({ alphabets: 3, characters: 6, drawings: 6, seed: 3 })
    .then((whole) => whole.splitBySuperClass({ test: ['alphabet03'] }))
  return made
}

/** A run of 12 steps that takes a fraction of a second and has something of everything that is random. */
export function tiny(data: Dataset, output: string, change: Partial<TrainInput> = {}): TrainInput {
  return {
    ...{ data, output, net: nets.conv4({ width: 4, embeddingSize: 8 }), batch: { pairs: 4 }, steps: 12, seed: 5 },
    // Not the processor's choice: tests of numbers hold on any.
    ...{
      device: 'cpu',
      precision: 'float32',
      threads: 1,
      augment: { rotation: 10, shift: 0.1 },
      preprocess: { invert: true },
    },
    optimizer: { type: 'adam', schedule: { type: 'cosine', warmup: 3 } },
    ...change,
  }
}

/** Trains and closes the model. */
export async function trainTiny(output: string, change: Partial<TrainInput> = {}): Promise<Run> {
  const { train: data } = await characters()
  const run = await train(tiny(data, output, change))
  await run.model.close()
  return run
}

/** Trains until at least `step` steps are done, is stopped there, and leaves the folder as `resume` finds it. */
export async function stopAt(
  t: ExecutionContext,
  step: number,
  output: string,
  change: Partial<TrainInput> = {},
): Promise<void> {
  const controller = new AbortController()
  // A checkpoint at every step makes blocks of one step, so that it stops where it should.
  const hooks: Partial<TrainInput> = {
    signal: controller.signal,
    onProgress: (progress) => {
      if (progress.step === step) controller.abort()
    },
  }
  await refused(t, () => trainTiny(output, { checkpointEvery: 1, ...change, ...hooks }), 'ABORTED')
}

/** What makes two runs the same: weights, optimiser, and metrics but for times. */
export async function outcome(run: string, step = 12): Promise<object> {
  const folder = checkpointFolder(run, step)
  const names = (await readdir(folder)).filter((name) => name.endsWith('.safetensors')).sort()
  return {
    files: await Promise.all(names.map(async (name) => [name, await sha256(join(folder, name))])),
    model: await sha256(join(run, 'model/weights.safetensors')),
    metrics: await timeless(run),
  }
}

/** The lines of metrics.jsonl without what depends on the clock. */
export async function timeless(run: string): Promise<object[]> {
  return (await readMetrics(run)).map((line) => {
    const {
      time: _,
      imagesPerSecond: __,
      miningShare: ___,
      ...rest
    } = {
      ...{ time: 0, imagesPerSecond: 0, miningShare: 0 },
      ...line,
    }
    return rest
  })
}

/** Every file below a folder with its content's hash: what must not change where something is refused. */
export async function contents(folder: string): Promise<object> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(await Promise.all(files.sort().map(async (file) => [file, await sha256(file)] as const)))
}

/** Resumes and closes the model. */
export async function goOn(folder: string, hooks: Parameters<typeof resume>[1] = {}) {
  const run = await resume(folder, hooks)
  await run.model.close()
  return run
}

/** Validation every three steps, so that a run is stopped before, at and after one. */
export async function judged(): Promise<Partial<TrainInput>> {
  const { test: validationData } = await characters()
  return { validationData, validation: { every: 3, protocol: { type: 'retrieval' } }, mirror: true }
}

/** Runs what must be refused with a code, and returns the error. */
export async function refused(
  t: ExecutionContext,
  work: () => Promise<unknown>,
  code: NPairErrorCode,
  message?: RegExp,
): Promise<NPairError> {
  const error = await t.throwsAsync(work, { instanceOf: NPairError, ...(message && { message }) })
  t.is(error?.code, code, error?.message)
  if (!error) throw new Error('nothing was thrown')
  return error
}

/** A copy of a folder to damage. */
export async function copyOf(t: ExecutionContext, folder: string): Promise<string> {
  const copy = join(await temporary(t), 'copy')
  await cp(folder, copy, { recursive: true })
  return copy
}

/** Tensors of a safetensors file: name → shape and float32 values. */
export async function readTensors(path: string): Promise<Map<string, { shape: number[]; values: Float32Array }>> {
  const bytes = await readFile(path)
  const length = Number(bytes.readBigUInt64LE(0))
  const header: Record<string, { shape: number[]; data_offsets: [number, number] }> = JSON.parse(
    bytes.subarray(8, 8 + length).toString(),
  )
  const tensors = Object.entries(header).filter(([name]) => name !== '__metadata__')
  return new Map(
    tensors.map(
      ([
        name,
        {
          shape,
          data_offsets: [from, to],
        },
      ]) => {
        const data = Uint8Array.from(bytes.subarray(8 + length + from, 8 + length + to))
        return [name, { shape, values: new Float32Array(data.buffer) }]
      },
    ),
  )
}
