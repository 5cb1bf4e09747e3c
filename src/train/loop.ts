import type { Dataset } from '../data/dataset.js'
import { NPairError } from '../errors.js'
import { removeFolder } from '../files/atomic.js'
import type { FolderLock } from '../files/folderLock.js'
import type { Custom } from '../losses/custom.js'
import type { BatchSource, Miner } from '../mining/batchSource.js'
import { Bundle } from '../model/bundle.js'
import { engine } from '../native/engine.js'
import type { Protocol } from '../protocols/protocol.js'
import type { EvaluationResult } from '../protocols/result.js'
import { BestModel } from './bestModel.js'
import { blockMetrics, labelsById, takeBlock } from './block.js'
import { type Best, type CheckpointState, checkpointFolder, listCheckpoints, writeCheckpoint } from './checkpoint.js'
import { type Diverged, Setbacks } from './divergence.js'
import { writeFinalModel } from './finalModel.js'
import { type Divergence, MetricsLog, type RollbackMetrics, type StepMetrics } from './metricsLog.js'
import type { Notice } from './notice.js'
import { enginePlan, planHash, type TrainPlan } from './plan.js'
import { RunEngine } from './runEngine.js'
import { learningRate } from './schedule.js'
import { newestWhole, setAside } from './wholeCheckpoint.js'

/** What `onProgress` is told after every block of steps. */
export interface Progress extends StepMetrics {
  readonly steps: number
  /** Seconds to the end at the present pace, validations aside. */
  readonly remaining: number
  /** The judgement made at this step, if there was one. */
  readonly validation?: EvaluationResult
  /** That the guard went back before this block of steps, if it did. */
  readonly rollback?: RollbackMetrics['rollback']
}

/** What the loop needs beyond the plan. */
export interface LoopInput {
  readonly run: string
  /** Held for the whole of the run. */
  readonly lock: FolderLock
  readonly plan: TrainPlan
  readonly data: Dataset
  /** How models are judged on the way, where the plan says so. */
  readonly protocol?: Protocol | undefined
  readonly batches: Miner
  /** Where the loss is the user's own. */
  readonly loss?: Custom | undefined
  /** The checkpoint to go on from. */
  readonly from?: CheckpointState
  readonly onProgress?: ((progress: Progress) => void) | undefined
  readonly onNotice?: ((notice: Notice) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** How long a block of steps should take: long enough not to matter, short enough to stop soon. */
const blockSeconds = 0.4
const longestBlock = 200

/** A judgement of so many seconds, and of so many times those of a checkpoint, is not begun before its steps are saved. */
const longJudgement = { seconds: 10, checkpoints: 10 }

/** Trains to the end of the plan and writes the bundle; stopped by the signal, it saves a checkpoint and throws `ABORTED`. */
export async function trainLoop(input: LoopInput): Promise<{ best?: Best; last: Progress | undefined }> {
  const { run, plan, data } = input
  const native = await engine(plan.threads)
  const log = await MetricsLog.open(run, input.from?.metricsBytes ?? 0)
  const handles: number[] = []
  try {
    const pack = await native.packOpen(data.pack.path)
    handles.push(pack)
    const trainer = await native.trainerCreate(enginePlan(plan, data.classes.length), pack)
    handles.push(trainer)
    if (input.from) await native.trainerLoad(trainer, checkpointFolder(run, input.from.step))
    return await new Loop(input, new RunEngine(native, trainer, pack), log).run()
  } finally {
    try {
      await log.close()
    } finally {
      // Also where the log does not close, on a disk that has gone: the engine's memory is not to go with it.
      for (const handle of handles.reverse()) await native.close(handle)
    }
  }
}

class Loop {
  readonly #input: LoopInput
  readonly #engine: RunEngine
  readonly #log: MetricsLog
  readonly #bundle: Bundle
  readonly #best: BestModel
  readonly #labelOf: Int32Array
  readonly #batches: BatchSource
  readonly #setbacks: Setbacks
  /** Steps done. */
  #step: number
  #saved: number
  /** Whether that checkpoint says that its judgement is still to be made. */
  #unjudged: boolean
  /**
   * The checkpoint that the guard goes back to: of step 0, or a multiple of `checkpointEvery` whose judgement found nothing that is
   * not finite. A run that was stopped has one more, and is to end as one that was not.
   */
  #returnTo: number
  /** What the last judgement and the last checkpoint took, in seconds; 0 where there was none. */
  readonly #took = { judgement: 0, checkpoint: 0 }
  #secondsPerStep: number | undefined
  #last: Progress | undefined
  /** Not told yet. */
  #wentBack: RollbackMetrics['rollback'] | undefined

  constructor(input: LoopInput, engine: RunEngine, log: MetricsLog) {
    this.#input = input
    this.#engine = engine
    this.#log = log
    this.#bundle = new Bundle(input.plan, input.data.pack.ingest)
    this.#best = new BestModel(input, engine, this.#bundle, log)
    this.#labelOf = labelsById(input.data)
    this.#step = input.from?.step ?? 0
    this.#saved = this.#step
    this.#unjudged = input.from?.unjudged === true
    this.#returnTo = this.#returnableTo(this.#step, this.#unjudged)
    this.#setbacks = new Setbacks(input.plan.guard, input.from)
    this.#batches = input.batches.start(engine.mining())
  }

  async run(): Promise<{ best?: Best; last: Progress | undefined }> {
    const { from, lock } = this.#input
    await this.#best.restore(from)
    await this.#batches.restore(this.#step, from?.mined)
    try {
      await this.#steps()
    } finally {
      await this.#batches.close()
    }
    if (this.#behind) await this.#save()
    await lock.check()
    const best = this.#best.found
    await writeFinalModel(this.#input, this.#engine, this.#bundle, best, this.#step)
    return { ...(best && { best }), last: this.#last }
  }

  async #steps(): Promise<void> {
    const { plan, signal, from } = this.#input
    // Something to go back to.
    if (this.#goesBack && !from) await this.#save()
    // It was saved before its judgement, which failed or was cut short.
    if (from?.unjudged && (await this.#judge())) await this.#save()
    while (this.#step < plan.steps) {
      if (signal?.aborted) await this.#stop()
      const progress = await this.#block(this.#blockLength())
      if (!progress) continue
      // A folder that has gone is told now and not after the hours to the next checkpoint: the log's file swallows everything.
      await this.#input.lock.check()
      const due = this.#due(plan.validation?.every ?? 0)
      // Whoever stops a run may end it for good within seconds, and judging may take minutes.
      if (due && signal?.aborted) await this.#stop({ unjudged: true })
      const validation = due ? await this.#judge() : undefined
      if (due && !validation) continue
      const rollback = this.#wentBack
      this.#last = { ...progress, ...(validation && { validation }), ...(rollback && { rollback }) }
      this.#wentBack = undefined
      if (this.#due(plan.checkpointEvery)) await this.#save()
      this.#input.onProgress?.(this.#last)
    }
  }

  /** At a multiple of `every` and, where it is asked for at all, at the end. */
  #due(every: number): boolean {
    return every > 0 && (this.#step % every === 0 || this.#step === this.#input.plan.steps)
  }

  get #goesBack(): boolean {
    return this.#input.plan.guard?.onDivergence === 'rollback'
  }

  #returnableTo(step: number, unjudged: boolean): number {
    const { checkpointEvery } = this.#input.plan
    const good = unjudged ? step - 1 : step
    return checkpointEvery === 0 ? 0 : good - (good % checkpointEvery)
  }

  /** Whether the run has done more than its newest checkpoint says. */
  get #behind(): boolean {
    return this.#saved < this.#step || this.#unjudged
  }

  /** Steps until something has to be done between two of them. The results do not depend on it. */
  #blockLength(): number {
    const { steps, checkpointEvery, validation } = this.#input.plan
    const until = [
      steps,
      this.#batches.nextStart(this.#step),
      ...[checkpointEvery, validation?.every ?? 0]
        .filter((n) => n > 0)
        .map((n) => (Math.floor(this.#step / n) + 1) * n),
    ]
    if (this.#input.loss) return 1
    const paced = this.#secondsPerStep === undefined ? 1 : Math.max(1, Math.round(blockSeconds / this.#secondsPerStep))
    return Math.min(paced, longestBlock, ...until.map((step) => step - this.#step))
  }

  /** @returns undefined where the run went back instead */
  async #block(count: number): Promise<Omit<Progress, 'validation'> | undefined> {
    const { plan, loss } = this.#input
    const started = performance.now()
    const rates = Float64Array.from({ length: count }, (_, i) => this.#rate(this.#step + i))
    const take = () => takeBlock(this.#batches, plan, this.#labelOf, this.#step, rates)
    const taken = await this.#looking(this.#step, take)
    if (!taken) return undefined
    const mining = this.#batches.mines ? (performance.now() - started) / 1000 : undefined
    const { first, images, labels } = taken
    const block = loss
      ? await this.#engine.ownStep(loss, first, images, labels, rates[0] as number)
      : await this.#engine.steps(first, images, labels, rates)
    const seconds = (performance.now() - started) / 1000
    this.#secondsPerStep = seconds / count
    const good = block.firstBad < 0 ? count : block.firstBad
    const line = blockMetrics(taken, block, this.#input, seconds, mining)
    const reason = (i: number) => block.reasons[i] as Divergence | ''
    const lines: StepMetrics[] = []
    for (let i = 0; i < good && !this.#setbacks.tooMany; i++) lines.push(this.#setbacks.counted(line(i), reason(i)))
    await this.#log.append(lines)
    const last = lines.at(-1)
    if (last && this.#setbacks.tooMany)
      throw this.#setbacks.error({ line: last, reason: last.divergence ?? 'notFinite', culprit: '' }, this.#kept())
    if (good < count || !last) {
      await this.#goBack({ line: line(good), reason: reason(good) || 'notFinite', culprit: block.culprit })
      return undefined
    }
    this.#step += count
    return { ...last, steps: plan.steps, remaining: (plan.steps - this.#step) * this.#secondsPerStep }
  }

  /** Of the step after `step` steps. */
  #rate(step: number): number {
    const { optimizer, steps } = this.#input.plan
    return this.#setbacks.rateFactor * learningRate(optimizer.schedule, optimizer.learningRate, step, steps)
  }

  /**
   * Does what looks at the network between two steps; where it finds numbers that are not finite, that is for the guard as if a
   * step had.
   *
   * @param before - steps before the one that is at fault
   * @returns undefined where the run went back instead
   */
  async #looking<T>(before: number, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      if (!isNotFinite(error)) throw error
      const line = { step: before + 1, learningRate: this.#rate(before) }
      await this.#goBack({ line, reason: 'notFinite', culprit: '', cause: error })
      return undefined
    }
  }

  /**
   * Judges the model as it is. Where that fails or is stopped, the steps up to here are saved, and the judgement is made when the run
   * goes on. A process may also be killed meanwhile, which no code here would see: where judging is known to take long, they are saved
   * before.
   *
   * @returns undefined where the run went back instead
   */
  async #judge(): Promise<EvaluationResult | undefined> {
    const { protocol, signal } = this.#input
    if (!protocol) throw new NPairError('INVALID_OPTION', 'A plan with validation has a protocol')
    const { judgement, checkpoint } = this.#took
    const long = judgement >= Math.max(longJudgement.seconds, longJudgement.checkpoints * checkpoint)
    // It is one more than are kept: judging may find a network that gives no numbers, and then the one before is wanted.
    if (long && this.#saved < this.#step) await this.#save({ unjudged: true }, 1)
    const started = performance.now()
    const result = await this.#looking(this.#step - 1, () =>
      this.#best.judge(this.#step, protocol).catch(async (error: unknown) => {
        if (isNotFinite(error)) await this.#dropUnjudged()
        else if (signal?.aborted && error instanceof NPairError && error.code === 'ABORTED')
          await this.#stop({ unjudged: true })
        else if (this.#saved < this.#step) await this.#save({ unjudged: true })
        throw error
      }),
    )
    this.#took.judgement = (performance.now() - started) / 1000
    return result
  }

  /** A network that gives no numbers is not one to go on from. */
  async #dropUnjudged(): Promise<void> {
    if (!this.#unjudged || this.#saved < this.#step) return
    const { run } = this.#input
    await removeFolder(checkpointFolder(run, this.#saved))
    this.#saved = (await listCheckpoints(run)).at(-1) ?? 0
    this.#unjudged = false
  }

  /** Goes on from an earlier checkpoint with a lower learning rate, where the guard says so; else ends the run. */
  async #goBack(diverged: Diverged): Promise<void> {
    if (!this.#setbacks.mayGoBack) throw this.#setbacks.error(diverged, this.#kept())
    const { run, plan } = this.#input
    // An older npair did not keep the one to go back to: then the one before it, or the first that is there.
    const whole = await newestWhole(run, plan, this.#returnTo)
    if (!whole) throw this.#setbacks.error(diverged, 'there is no checkpoint to go back to')
    const to = whole.from
    const lost = await setAside(run, whole)
    if (lost !== undefined) this.#input.onNotice?.({ code: 'CHECKPOINT_DAMAGED', message: lost })
    // Those after it tell of steps that are taken back.
    for (const step of await listCheckpoints(run)) if (step > to.step) await removeFolder(checkpointFolder(run, step))
    this.#saved = to.step
    this.#unjudged = false
    await this.#engine.native.trainerLoad(this.#engine.trainer, checkpointFolder(run, to.step))
    await this.#batches.restore(to.step, to.mined)
    this.#step = to.step
    await this.#best.restore(to)
    await this.#log.cut(to.metricsBytes)
    const lines = this.#setbacks.goBack(diverged, to)
    this.#wentBack = lines.at(-1)?.rollback
    await this.#log.append(lines)
  }

  #kept(): string {
    return this.#saved > 0
      ? `the checkpoint of step ${this.#saved} is whole (npair resume ${this.#input.run})`
      : 'there is no checkpoint yet'
  }

  /** @param extra - checkpoints that stay for now beside those that the plan keeps */
  async #save(more: Pick<CheckpointState, 'unjudged'> = {}, extra = 0): Promise<void> {
    const { run, lock, plan } = this.#input
    const started = performance.now()
    await lock.check()
    const mined = this.#batches.state(this.#step)
    const unjudged = more.unjudged === true
    const returnTo = this.#returnableTo(this.#step, unjudged)
    const state = {
      step: this.#step,
      plan: planHash(plan),
      metricsBytes: this.#log.bytes,
      ...(this.#best.found && { best: this.#best.found }),
      ...this.#setbacks.save(),
      ...(mined && { mined }),
      ...more,
    }
    await this.#log.sync()
    const kept = { newest: plan.keepCheckpoints + extra, ...(this.#goesBack && { also: returnTo }) }
    await writeCheckpoint(run, state, kept, async (folder) => {
      await this.#engine.native.trainerSave(this.#engine.trainer, folder)
      await this.#best.save(folder)
    })
    this.#saved = this.#step
    this.#unjudged = unjudged
    this.#returnTo = returnTo
    this.#took.checkpoint = (performance.now() - started) / 1000
  }

  /** @param more - `unjudged` where the model is still to be judged as it is */
  async #stop(more: Pick<CheckpointState, 'unjudged'> = {}): Promise<never> {
    // As before a long judgement, one more than are kept.
    if (this.#behind || this.#step === 0) await this.#save(more, more.unjudged ? 1 : 0)
    throw new NPairError(
      'ABORTED',
      `Stopped after step ${this.#step} of ${this.#input.plan.steps}; go on with: npair resume ${this.#input.run}`,
    )
  }
}

function isNotFinite(error: unknown): error is NPairError {
  return error instanceof NPairError && error.code === 'NON_FINITE'
}
