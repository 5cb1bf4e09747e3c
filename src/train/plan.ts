import { createHash } from 'node:crypto'
import type { Augment } from '../config/augment.js'
import { type Batch, batchRows, isMined, wrongInBatch } from '../config/batch.js'
import { deepFreeze } from '../config/deepFreeze.js'
import type { Ema } from '../config/ema.js'
import type { Guard } from '../config/guard.js'
import type { Optimizer } from '../config/optimizer.js'
import { type Preprocess, resolvePreprocess } from '../config/preprocess.js'
import { mostThreads } from '../config/threads.js'
import type { ResolvedTrainOptions } from '../config/trainOptions.js'
import type { Validation } from '../config/validation.js'
import type { Whiten } from '../config/whiten.js'
import type { Dataset, DatasetPlan } from '../data/dataset.js'
import { isFeatures } from '../data/featureIngest.js'
import { invalidOption, NPairError } from '../errors.js'
import type { LossPlan } from '../losses/create.js'
import { forEngine } from '../losses/forEngine.js'
import { isShifts, requireShifts } from '../model/views.js'
import { engine } from '../native/engine.js'
import { type AnyNet, resolveNet } from '../nets/create.js'
import type { ResolvedNet } from '../nets/net.js'
import { whitenedNet } from '../nets/whitened.js'
import { version } from '../version.js'
import { requireFeatureOptions } from './featureFit.js'
import { requireFit } from './fit.js'

/** Everything that decides what a run computes: the content of `config.json`, and enough to run it again. */
export interface TrainPlan {
  readonly format: 1
  /** The npair that resolved it. */
  readonly npair: string
  readonly data: DatasetPlan
  readonly net: ResolvedNet<AnyNet>
  readonly loss: LossPlan
  readonly batch: Batch & { readonly sampler?: 'custom' }
  readonly optimizer: Optimizer
  readonly preprocess: Preprocess
  readonly augment: Augment
  readonly ema?: Ema
  readonly guard?: Guard
  readonly steps: number
  readonly seed: number
  readonly device: 'cpu' | 'cuda'
  readonly precision: 'float32' | 'bfloat16' | 'float64'
  readonly threads: number
  readonly checkpointEvery: number
  readonly keepCheckpoints: number
  readonly validation?: Validation & { readonly data: DatasetPlan }
  readonly mirror: boolean
  readonly shifts: readonly number[]
  readonly whiten?: Whiten
  /** The half that the finished model is judged on. */
  readonly test?: DatasetPlan
}

/** The newest format of `config.json` that this npair reads. */
export const planFormat = 1

/** Completes checked options with what the data and the machine decide. */
export async function resolvePlan(
  options: ResolvedTrainOptions,
  { data, validationData, test }: { data: Dataset; validationData?: Dataset | undefined; test?: Dataset | undefined },
  customSampler: boolean,
): Promise<TrainPlan> {
  const { channels, height, width } = data.pack
  const { cudaDevices, amx, threads } = await (await engine()).environment()
  if (options.device === 'cuda' && cudaDevices === 0)
    throw new NPairError(
      'INVALID_OPTION',
      "Expected 'cpu' or 'auto' for device but received 'cuda': no CUDA device is visible here",
      {
        option: 'device',
      },
    )
  if (options.validation && !validationData)
    throw new NPairError('INVALID_OPTION', 'Expected a dataset for validationData, because validation is asked for', {
      option: 'validationData',
    })
  if (validationData && !options.validation)
    throw new NPairError('INVALID_OPTION', 'Expected validation with validationData: when, and by which protocol', {
      option: 'validation',
    })
  const features = isFeatures(data.pack.ingest)
  if (features) requireFeatureOptions(options)
  const loss = withClasses(options.loss, data.classes.length)
  requireFit(loss, options.batch, data.classes.length)
  const { batch, optimizer, augment, ema, guard, steps, seed, checkpointEvery, keepCheckpoints } = options
  const { mirror, shifts, whiten } = options
  const device = options.device === 'auto' ? (cudaDevices > 0 ? 'cuda' : 'cpu') : options.device
  const net = resolveNet(options.net, { channels, height, width })
  requireShifts(shifts, net.input)
  // In a checkpoint its parameters would be called as the loss's own are: loss.weight, …
  if (net.layers.some((layer) => 'name' in layer && layer.name === 'loss'))
    throw invalidOption('net.layers', 'no layer of this name, which is that of the loss,', 'loss')
  // What cannot be whitened is known before hours of training.
  if (whiten) whitenedNet(net)
  return deepFreeze({
    ...{ format: 1, npair: version(), data: data.plan },
    net,
    loss,
    batch: { ...batch, ...(customSampler && { sampler: 'custom' as const }) },
    ...{ optimizer, preprocess: resolvePreprocess(options.preprocess, channels, features), augment },
    ...{ ...(ema && { ema }), ...(guard && { guard }), steps, seed, device },
    precision: options.precision === 'auto' ? autoPrecision(device, amx) : options.precision,
    ...{ threads: options.threads ?? threads, checkpointEvery, keepCheckpoints },
    ...{ mirror, shifts, ...(whiten && { whiten }) },
    ...(options.validation && validationData && { validation: { ...options.validation, data: validationData.plan } }),
    ...(test && { test: test.plan }),
  } satisfies TrainPlan)
}

/** By what the machine is and never by timing, so that the same plan gives the same bits on it. */
export function autoPrecision(device: 'cpu' | 'cuda', amx: boolean): 'float32' | 'bfloat16' {
  // Without AMX, bfloat16 takes a processor longer than float32.
  return device === 'cuda' || amx ? 'bfloat16' : 'float32'
}

/**
 * The part of a plan that is missing or of another kind than it should be; undefined for a whole one. What is in the parts is
 * vouched for by the hash in the checkpoints, and looked at by whoever uses it.
 */
export function wrongInPlan(plan: TrainPlan): string | undefined {
  const isRecord = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)
  const parts = ['data', 'net', 'loss', 'batch', 'optimizer', 'preprocess', 'augment'] as const
  const { net, data, steps, seed, threads, checkpointEvery, keepCheckpoints, device, precision } = plan
  const isCount = (value: number, least: number) => Number.isSafeInteger(value) && value >= least
  const wrongBatch = wrongInBatch(plan.batch)
  const wrong = {
    ...Object.fromEntries(parts.map((part) => [part, !isRecord(plan[part])])),
    'net.layers': !Array.isArray(net?.layers) || !isRecord(net?.input),
    'data.parts': !Array.isArray(data?.parts) || !isRecord(data?.ingest),
    ...(wrongBatch !== undefined && { [wrongBatch]: true }),
    ...{ steps: !isCount(steps, 1), seed: !isCount(seed, 0), mirror: typeof plan.mirror !== 'boolean' },
    shifts: !isShifts(plan.shifts),
    threads: !isCount(threads, 1) || threads > mostThreads,
    ...{ checkpointEvery: !isCount(checkpointEvery, 0), keepCheckpoints: !isCount(keepCheckpoints, 1) },
    ...{
      device: !['cpu', 'cuda'].includes(device),
      precision: !['float32', 'bfloat16', 'float64'].includes(precision),
    },
    validation: plan.validation !== undefined && !(isRecord(plan.validation) && isRecord(plan.validation.data)),
    test: plan.test !== undefined && !isRecord(plan.test),
  }
  return Object.entries(wrong).find(([, is]) => is)?.[0]
}

/** The plan of a loss; a classifier that was not told has a row for each class of the data. */
function withClasses(loss: LossPlan, found: number): LossPlan {
  if (!(loss.type === 'softmax' || loss.type === 'arcFace' || loss.type === 'cosFace' || loss.type === 'proxyAnchor'))
    return { ...loss }
  const { classes = found } = loss
  if (classes < found || classes < 2)
    throw new NPairError(
      'INVALID_OPTION',
      `Expected an integer >= ${Math.max(2, found)}, the classes of the data, for loss.classes but received ${classes}`,
      { option: 'loss.classes' },
    )
  return { ...loss, classes }
}

/**
 * What checkpoints name their plan by: the SHA-256 of its JSON, without what may differ between stop and go. A guard that goes
 * back goes to multiples of `checkpointEvery`.
 *
 * @param format - of the checkpoint: format 1 leaves `checkpointEvery` out for every guard
 */
export function planHash(plan: TrainPlan, format: 1 | 2 = 2): string {
  const { threads: _, npair: __, checkpointEvery, keepCheckpoints: ___, ...computed } = plan
  const returns = plan.guard?.onDivergence === 'rollback' && format > 1
  const decisive = returns ? { ...computed, checkpointEvery } : computed
  return createHash('sha256').update(JSON.stringify(decisive)).digest('hex')
}

/**
 * The part of the plan that the engine interprets.
 *
 * @param classes - of the data
 */
export function enginePlan(plan: TrainPlan, classes: number): string {
  const { net, loss, optimizer, preprocess, augment, ema, guard, seed, device, precision, batch } = plan
  const { accumulate = 1, chunk } = batch
  const size = { pairs: 'pairs' in batch ? batch.pairs : 0, rows: batchRows(batch), accumulate, chunk }
  const { refresh, decay } = isMined(batch) ? batch.mining : {}
  const means = refresh === 'running' && { classMeans: { classes, decay } }
  const parts = { net, loss: forEngine(loss), optimizer, preprocess, augment, ema, guard, ...means }
  return JSON.stringify({ ...parts, seed, device, precision, ...size })
}
