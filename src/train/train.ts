import { join, resolve } from 'node:path'
import { type Batch, isMined } from '../config/batch.js'
import { requireNames } from '../config/require.js'
import { requireHooks } from '../config/requireHooks.js'
import { checkTrainOptions, type TrainOptions } from '../config/trainOptions.js'
import type { Dataset } from '../data/dataset.js'
import { requireSameIngest } from '../data/ingestDifference.js'
import { invalidOption, NPairError } from '../errors.js'
import { clearLeftovers, makeFolder } from '../files/atomic.js'
import { FolderLock } from '../files/folderLock.js'
import type { Custom } from '../losses/custom.js'
import { type Miner, samplerSource } from '../mining/batchSource.js'
import { type CustomMining, customMiner, isCustomMining } from '../mining/custom.js'
import { minedClasses } from '../mining/minedClasses.js'
import { Model } from '../model/model.js'
import { create as createProtocol } from '../protocols/create.js'
import { requireFigure } from '../protocols/decidingFigure.js'
import type { Protocol } from '../protocols/protocol.js'
import { createSampler } from '../sampling/create.js'
import type { Sampler } from '../sampling/sampler.js'
import type { Best } from './checkpoint.js'
import { ofTrainingPart, ofValidationPart, type RunData } from './lackingPart.js'
import { type LoopInput, type Progress, trainLoop } from './loop.js'
import { type MovedPaths, movedDataset } from './movedDataset.js'
import type { Notice } from './notice.js'
import { resolvePlan, type TrainPlan } from './plan.js'
import {
  checkOutput,
  createRunFolder,
  environmentChange,
  readEnvironment,
  readPlan,
  writeEnvironment,
} from './runFolder.js'
import { newestWhole, setAside } from './wholeCheckpoint.js'

/** What comes with a run but is no part of its plan. */
export interface RunHooks {
  /** Called after every block of steps (a few times a second). */
  readonly onProgress?: (progress: Progress) => void
  /** Called where the run goes on but something is not as it was, or as it should be. */
  readonly onNotice?: (notice: Notice) => void
  /**
   * Aborted: the present block of steps, or of images that are embedded for a judgement, is finished, a checkpoint saved, and the
   * promise rejected with code `ABORTED`. A judgement that was due or under way is made when the run goes on.
   */
  readonly signal?: AbortSignal
  /**
   * Replaces the sampler that `batch` describes, and gives batches of the same form; a run with one is resumed by giving it
   * again. One from `mining.custom` sees the network.
   */
  readonly sampler?: Sampler | CustomMining
}

/** What {@link resume} may be given. */
export interface ResumeHooks extends RunHooks, MovedPaths {
  /** The loss from `losses.custom`, where the run was started with one. */
  readonly loss?: Custom
}

const resumeNames = ['onProgress', 'onNotice', 'signal', 'sampler', 'dataPath', 'validationPath', 'loss']

/** Options of {@link train}. */
export interface TrainInput extends TrainOptions, RunHooks {
  /** What is trained on. */
  readonly data: Dataset
  /** What `validation` judges on, decoded as `data`; no class of it should be in `data`. */
  readonly validationData?: Dataset
  /** What the finished model will be judged on: only recorded in the plan, for reports. */
  readonly test?: Dataset
}

/** A finished run. */
export interface Run {
  /** Its folder. */
  readonly folder: string
  readonly plan: TrainPlan
  /** The best model where there was validation (and `validation.keep` is not `last`), else the last. Close it when done. */
  readonly model: Model
  /** The last step's numbers; undefined where a finished run was resumed. */
  readonly last?: Progress
  readonly best?: Best
}

/**
 * Trains an embedder and leaves a run folder behind: plan, metrics, checkpoints, bundle.
 *
 * @throws NPairError `INVALID_OPTION`, `LAYER_SHAPE`, `DATA_CLASSES`, `OUTPUT_EXISTS`, `RUN_LOCKED`, `NOT_WRITABLE` before
 *   anything is written; `NON_FINITE`, `DIVERGED`, `ABORTED`, `NOT_WRITABLE`, `ENGINE` on the way
 */
export async function train(input: TrainInput): Promise<Run> {
  const { data, validationData, test, onProgress, onNotice, signal, sampler: own, ...options } = input
  requireRunHooks({ onProgress, onNotice, signal, sampler: own })
  requireDataset('data', data)
  if (validationData !== undefined) requireDataset('validationData', validationData)
  if (test !== undefined) requireDataset('test', test)
  for (const [name, judged] of Object.entries({ validationData, test }))
    if (judged !== undefined) requireSameIngest(name, judged, data.pack.ingest)
  const checked = await checkTrainOptions(options)
  const folder = resolve(checked.output)
  await checkOutput(folder)
  const parts = { data, validationData, test }
  const plan = await resolvePlan(checked, parts, own !== undefined)
  if (own !== undefined && isMined(plan.batch))
    throw new NPairError('INVALID_OPTION', 'Expected no sampler: batch.mining says which classes a batch has', {
      option: 'sampler',
    })
  const batches = ofTrainingPart(parts, () => batchesOf(plan, data, own))
  const loss = checked.loss.type === 'custom' ? checked.loss : undefined
  // Before the first step and not at the first judgement, which may be hours later.
  const protocol = judge(plan, parts)
  if (protocol) await requireDecision(plan, protocol)
  await makeFolder(folder)
  return locked(folder, onNotice, async (lock) => {
    await createRunFolder(folder, plan)
    if (own === undefined) tellDropped(plan.batch, data, onNotice)
    return finish({ run: folder, lock, plan, data, protocol, batches, loss, onProgress, onNotice, signal })
  })
}

/**
 * Goes on with a run from its newest whole checkpoint, to the very same weights as a run that was never stopped (CPU, same
 * machine and number of threads).
 *
 * @param folder - the run folder
 * @throws NPairError `NOT_FOUND`; `RUN_LOCKED` if a process is at work on it; `CHECKPOINT_CORRUPT` naming the file;
 *   `PACK_CORRUPT`, `DATA_…` if the data is not as it was; on the way as {@link train}
 */
export async function resume(folder: string, hooks: ResumeHooks = {}): Promise<Run> {
  if (typeof folder !== 'string' || folder === '') throw invalidOption('folder', 'the path of a run folder', folder)
  requireNames('', hooks as unknown, resumeNames)
  requireRunHooks(hooks)
  for (const name of ['dataPath', 'validationPath'] as const)
    if (hooks[name] !== undefined && (typeof hooks[name] !== 'string' || hooks[name] === ''))
      throw invalidOption(name, 'a path', hooks[name])
  const run = resolve(folder)
  const plan = await readPlan(run)
  if (hooks.validationPath !== undefined && !plan.validation)
    throw new NPairError('INVALID_OPTION', 'Expected no validationPath: this run was started without validation', {
      option: 'validationPath',
    })
  if (plan.batch.sampler === 'custom' && !hooks.sampler)
    throw new NPairError(
      'INVALID_OPTION',
      'Expected a sampler for sampler: this run was started with one of your own',
      { option: 'sampler' },
    )
  requireLoss(plan, hooks.loss)
  if (plan.batch.sampler !== 'custom' && hooks.sampler)
    throw new NPairError('INVALID_OPTION', 'Expected no sampler: this run was started without one of your own', {
      option: 'sampler',
    })
  return locked(run, hooks.onNotice, (lock) => goOn(run, plan, lock, hooks))
}

async function goOn(
  run: string,
  plan: TrainPlan,
  lock: FolderLock,
  { sampler: own, loss, onProgress, onNotice, signal, ...paths }: ResumeHooks,
): Promise<Run> {
  await clearLeftovers(run)
  await clearLeftovers(join(run, 'checkpoints'))
  const whole = await newestWhole(run, plan)
  const from = whole?.from
  const data = await movedDataset(plan.data, plan, paths)
  const protocol =
    plan.validation && createProtocol(plan.validation.protocol, await movedDataset(plan.validation.data, plan, paths))
  if (protocol) await requireDecision(plan, protocol)
  const batches = batchesOf(plan, data, own)
  await makeFolder(join(run, 'checkpoints'))
  const lost = whole && (await setAside(run, whole))
  if (lost !== undefined) onNotice?.({ code: 'CHECKPOINT_DAMAGED', message: lost })
  const before = await readEnvironment(run)
  const change = environmentChange(before ?? {}, await writeEnvironment(run, plan))
  // A run that begins again has no past that it could differ from, and one that is finished computes nothing.
  if (change !== undefined && from !== undefined && from.step < plan.steps)
    onNotice?.({
      code: 'ENVIRONMENT_CHANGED',
      message: `${run} goes on with ${change}: it may end with other bits than if it had never been stopped`,
    })
  return finish({ run, lock, plan, data, protocol, batches, loss, onProgress, onNotice, signal, ...(from && { from }) })
}

/** Works on a run folder that is there while no other process may. */
async function locked<T>(
  run: string,
  onNotice: RunHooks['onNotice'],
  work: (lock: FolderLock) => Promise<T>,
): Promise<T> {
  const lock = await FolderLock.take(run, 'trained')
  try {
    if (!lock.locks)
      onNotice?.({
        code: 'NOT_LOCKED',
        message: `The file system of ${run} knows no locks: start no second process on it`,
      })
    return await work(lock)
  } finally {
    await lock.release()
  }
}

/** What makes the batches of a run; `own` is the user's. */
function batchesOf(plan: TrainPlan, data: Dataset, own: Sampler | CustomMining | undefined): Miner {
  const { batch, seed, steps } = plan
  if (own !== undefined && isCustomMining(own)) return customMiner(own, { data, batch, seed })
  if (own === undefined && isMined(batch)) return minedClasses({ data, batch, seed, steps })
  const sampler = own ?? createSampler(data, batch, seed)
  return { start: () => samplerSource(sampler) }
}

/** How models are judged on the way, where that is asked for. */
function judge({ validation }: TrainPlan, { validationData, ...parts }: RunData): Protocol | undefined {
  if (!validation || !validationData) return undefined
  return ofValidationPart({ ...parts, validationData }, () => createProtocol(validation.protocol, validationData))
}

/** Refuses a figure that the protocol does not give; its headline it always gives. */
async function requireDecision({ validation }: TrainPlan, protocol: Protocol): Promise<void> {
  if (validation?.figure !== undefined) await requireFigure(protocol, validation.figure)
}

/** Counts the classes that no batch will hold. */
function tellDropped(batch: Batch, data: Dataset, onNotice: RunHooks['onNotice']): void {
  const least = 'imagesPerClass' in batch ? batch.imagesPerClass : 2
  const sizes = data.byClass().map(({ length }) => length)
  const dropped = sizes.filter((size) => size < least).length
  const what = 'tuplets' in batch ? 'are negatives only' : 'are left out'
  if (dropped > 0)
    onNotice?.({
      code: 'CLASSES_DROPPED',
      message: `${dropped} of ${sizes.length} classes have fewer than ${least} images and ${what}`,
    })
}

async function finish(input: LoopInput): Promise<Run> {
  const { best, last } = await trainLoop(input)
  const model = await Model.load(`${input.run}/model`, { device: input.plan.device })
  return { folder: input.run, plan: input.plan, model, ...(last && { last }), ...(best && { best }) }
}

/** A function is in no file: a run with a loss of the user's own gets it again, and no other run gets one. */
function requireLoss(plan: TrainPlan, loss: unknown): void {
  const given = typeof loss === 'object' && loss !== null && (loss as Partial<Custom>).type === 'custom'
  if (loss !== undefined && !(given && typeof (loss as Partial<Custom>).compute === 'function'))
    throw invalidOption('loss', 'what losses.custom gives', loss)
  if (plan.loss.type === 'custom' && !given)
    throw new NPairError('INVALID_OPTION', 'Expected a loss for loss: this run was started with one of your own', {
      option: 'loss',
    })
  if (plan.loss.type !== 'custom' && given)
    throw new NPairError('INVALID_OPTION', `Expected no loss: this run was started with ${plan.loss.type}`, {
      option: 'loss',
    })
}

function requireDataset(name: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || !('pack' in value) || !('images' in value))
    throw new NPairError(
      'INVALID_OPTION',
      `Expected a dataset (from datasets.…) for ${name} but received ${value === null ? 'null' : typeof value}`,
      { option: name },
    )
}

function requireRunHooks({
  onProgress,
  onNotice,
  signal,
  sampler,
}: Readonly<Record<keyof RunHooks, unknown>> | RunHooks): void {
  requireHooks({ onProgress, onNotice, signal })
  const isSampler = typeof (sampler as Partial<Sampler> | null)?.batch === 'function'
  if (sampler !== undefined && !isSampler && !isCustomMining(sampler))
    throw invalidOption('sampler', 'an object with a function batch, or what mining.custom gives,', sampler)
}
