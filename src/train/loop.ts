import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { batchRows } from '../config/batch.js'
import type { Whiten } from '../config/whiten.js'
import type { Dataset } from '../data/dataset.js'
import { invalidOption, NPairError } from '../errors.js'
import { notWritable, removeFolder } from '../files/atomic.js'
import type { Custom } from '../losses/custom.js'
import type { BatchSource, Miner, MiningEngine } from '../mining/batchSource.js'
import { Bundle } from '../model/bundle.js'
import { embedBatch, TrainerEmbedder } from '../model/embedder.js'
import { bindingViews } from '../model/views.js'
import type { BindingBlock } from '../native/binding.js'
import { type Engine, engine } from '../native/engine.js'
import type { ResolvedNet } from '../nets/net.js'
import { whitenedNet } from '../nets/whitened.js'
import { evaluate } from '../protocols/evaluate.js'
import type { Protocol } from '../protocols/protocol.js'
import type { EvaluationResult } from '../protocols/result.js'
import { checkBatch } from './checkBatch.js'
import {
  type Best,
  bestWeights,
  type CheckpointState,
  checkpointFolder,
  readCheckpoint,
  writeCheckpoint,
} from './checkpoint.js'
import { type Diverged, Setbacks } from './divergence.js'
import { largestSuperClass } from './largestSuperClass.js'
import { type Divergence, MetricsLog, type RollbackMetrics, type StepMetrics } from './metricsLog.js'
import { defaultThreads, enginePlan, planHash, type TrainPlan } from './plan.js'
import type { RunLock } from './runLock.js'
import { learningRate } from './schedule.js'

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
  readonly lock: RunLock
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
  readonly signal?: AbortSignal | undefined
}

/** How long a block of steps should take: long enough not to matter, short enough to stop soon. */
const blockSeconds = 0.4
const longestBlock = 200

/** Trains to the end of the plan and writes the bundle; stopped by the signal, it saves a checkpoint and throws `ABORTED`. */
export async function trainLoop(input: LoopInput): Promise<{ best?: Best; last: Progress | undefined }> {
  const { run, plan, data } = input
  const native = await engine()
  await defaultThreads()
  await native.setThreads(plan.threads)
  const log = await MetricsLog.open(run, input.from?.metricsBytes ?? 0)
  const handles: number[] = []
  try {
    const pack = await native.packOpen(data.pack.path)
    handles.push(pack)
    const trainer = await native.trainerCreate(enginePlan(plan, data.classes.length), pack)
    handles.push(trainer)
    if (input.from) await native.trainerLoad(trainer, checkpointFolder(run, input.from.step))
    const loop = new Loop(input, native, trainer, pack, log)
    await loop.restoreBest(input.from)
    await loop.run()
    await loop.writeBundle()
    return { ...(loop.best && { best: loop.best }), last: loop.last }
  } finally {
    await log.close()
    for (const handle of handles.reverse()) await native.close(handle)
  }
}

class Loop {
  best: Best | undefined
  last: Progress | undefined
  readonly #input: LoopInput
  readonly #native: Engine
  readonly #trainer: number
  readonly #pack: number
  readonly #log: MetricsLog
  readonly #bundle: Bundle
  readonly #labels: Int32Array
  readonly #batches: BatchSource
  /** Steps done. */
  #step: number
  #saved: number
  #secondsPerStep: number | undefined
  readonly #setbacks: Setbacks
  /** Not told yet. */
  #wentBack: RollbackMetrics['rollback'] | undefined

  constructor(input: LoopInput, native: Engine, trainer: number, pack: number, log: MetricsLog) {
    this.#input = input
    this.#native = native
    this.#trainer = trainer
    this.#pack = pack
    this.#log = log
    this.#bundle = new Bundle(input.plan, input.data.pack.ingest)
    this.#labels = labelsById(input.data)
    this.#step = input.from?.step ?? 0
    this.#saved = this.#step
    this.best = input.from?.best
    this.#setbacks = new Setbacks(input.plan.guard, input.from)
    this.#batches = input.batches.start(this.#miningEngine())
  }

  /**
   * Makes `best/` what it was at the checkpoint: after that it may have become the best of steps that are now done again,
   * and a run that went other ways (on a GPU, no two are bit for bit the same) would end with the wrong model.
   */
  async restoreBest(from: CheckpointState | undefined): Promise<void> {
    const { run } = this.#input
    if (!from?.best) return removeFolder(join(run, 'best'))
    const weights = join(checkpointFolder(run, from.step), bestWeights)
    const copy = (path: string) => notWritable(path, () => copyFile(weights, path))
    await this.#bundle.write(join(run, 'best'), copy, from.best.step)
  }

  async run(): Promise<void> {
    await this.#batches.restore(this.#step, this.#input.from?.mined)
    try {
      await this.#steps()
    } finally {
      await this.#batches.close()
    }
    if (this.#saved < this.#step) await this.#save()
  }

  async #steps(): Promise<void> {
    const { plan, signal, from } = this.#input
    // Something to go back to.
    if (plan.guard?.onDivergence === 'rollback' && !from) await this.#save()
    while (this.#step < plan.steps) {
      if (signal?.aborted) await this.#stop()
      const progress = await this.#block(this.#blockLength())
      if (!progress) continue
      // A folder that has gone is told now and not after the hours to the next checkpoint: the log's file swallows everything.
      await this.#input.lock.check()
      const validation = this.#due(plan.validation?.every ?? 0) ? await this.#validate() : undefined
      const rollback = this.#wentBack
      this.last = { ...progress, ...(validation && { validation }), ...(rollback && { rollback }) }
      this.#wentBack = undefined
      if (this.#due(plan.checkpointEvery)) await this.#save()
      this.#input.onProgress?.(this.last)
    }
  }

  /** At a multiple of `every` and, where it is asked for at all, at the end. */
  #due(every: number): boolean {
    return every > 0 && (this.#step % every === 0 || this.#step === this.#input.plan.steps)
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
    const { plan, data } = this.#input
    const first = this.#step
    const { accumulate = 1 } = plan.batch
    const rows = batchRows(plan.batch)
    const images = new Int32Array(count * accumulate * rows)
    const rates = new Float64Array(count)
    const started = performance.now()
    for (let i = 0; i < count * accumulate; i++) {
      const batch = first * accumulate + i
      images.set(checkBatch(await this.#batches.batch(batch), this.#labels, plan, batch), i * rows)
    }
    const mining = this.#batches.mines ? (performance.now() - started) / 1000 : undefined
    for (let i = 0; i < count; i++)
      rates[i] =
        this.#setbacks.rateFactor *
        learningRate(plan.optimizer.schedule, plan.optimizer.learningRate, first + i, plan.steps)
    const labels = images.map((id) => this.#labels[id] as number)
    const block = this.#input.loss
      ? await this.#ownStep(this.#input.loss, images, labels, rates[0] as number)
      : await this.#withThreads(() => this.#native.trainerSteps(this.#trainer, first, images, rates, labels))
    const seconds = (performance.now() - started) / 1000
    this.#secondsPerStep = seconds / count
    const good = block.firstBad < 0 ? count : block.firstBad
    const time = Date.now()
    const line = (i: number): StepMetrics => ({
      step: first + i + 1,
      loss: block.losses[i] as number,
      l2: block.l2[i] as number,
      norm: block.norms[i] as number,
      gradientNorm: block.gradientNorms[i] as number,
      learningRate: rates[i] as number,
      ...(plan.guard && { cosine: block.cosines[i] as number }),
      ...(mining !== undefined && {
        miningShare: mining / seconds,
        ...largestSuperClass(data, labels.subarray(i * accumulate * rows, (i + 1) * accumulate * rows)),
      }),
      imagesPerSecond: Math.round(images.length / seconds),
      time,
    })
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

  /** A step whose loss is the user's own: forward here, the loss there, and back. */
  async #ownStep(own: Custom, images: Int32Array, labels: Int32Array, rate: number): Promise<BindingBlock> {
    const data = await this.#withThreads(() => this.#native.trainerForward(this.#trainer, this.#step, images, labels))
    const back = (loss: number, l2: number, gradient: Float64Array) =>
      this.#withThreads(() => this.#native.trainerBackward(this.#trainer, loss, l2, gradient, rate))
    // Not for the user's function: the engine says what is not finite.
    if (!data.every(Number.isFinite)) return back(Number.NaN, 0, new Float64Array(data.length))
    const { loss, terms, gradient } = await own.compute({ data, size: data.length / images.length }, labels)
    return back(loss, terms.l2 ?? 0, gradient)
  }

  /**
   * Asked for in one breath, so that no other run of this process comes in between with threads of its own: their number is
   * the process's, and the bits depend on it.
   */
  async #withThreads<T>(work: () => Promise<T>): Promise<T> {
    const [, done] = await Promise.all([this.#native.setThreads(this.#input.plan.threads), work()])
    return done
  }

  #miningEngine(): MiningEngine {
    const [native, trainer] = [this.#native, this.#trainer]
    return {
      embed: (images) => this.#withThreads(() => native.trainerEmbed(trainer, images)),
      mine: (...what) => this.#withThreads(() => native.trainerMine(trainer, ...what)),
      similarities: (rows, others) => this.#withThreads(() => native.products(rows.data, others.data, rows.size)),
    }
  }

  /** Goes on from the last checkpoint with a lower learning rate, where the guard says so; else ends the run. */
  async #goBack(diverged: Diverged): Promise<void> {
    if (!this.#setbacks.mayGoBack) throw this.#setbacks.error(diverged, this.#kept())
    const { run, plan } = this.#input
    const to = await readCheckpoint(run, this.#saved, planHash(plan))
    await this.#native.trainerLoad(this.#trainer, checkpointFolder(run, to.step))
    await this.#batches.restore(to.step, to.mined)
    this.#step = to.step
    this.best = to.best
    await this.restoreBest(to)
    await this.#log.cut(to.metricsBytes)
    const lines = this.#setbacks.goBack(diverged, to.step)
    this.#wentBack = lines.at(-1)?.rollback
    await this.#log.append(lines)
  }

  #kept(): string {
    return this.#saved > 0
      ? `the checkpoint of step ${this.#saved} is whole (npair resume ${this.#input.run})`
      : 'there is no checkpoint yet'
  }

  async #validate(): Promise<EvaluationResult | undefined> {
    const { run, plan, protocol } = this.#input
    if (!plan.validation || !protocol) return undefined
    const model = await this.#native.trainerModel(this.#trainer)
    try {
      const result = await evaluate(new TrainerEmbedder(this.#native, model, plan), protocol)
      const name = plan.validation.figure ?? result.headline
      const figure = result.figures[name]
      if (!figure || figure.better === 'none') {
        const known = Object.entries(result.figures).flatMap(([key, { better }]) => (better === 'none' ? [] : [key]))
        throw invalidOption('validation.figure', `one of ${known.join(', ')}`, name)
      }
      const { value, better } = figure
      const best = this.best === undefined || (better === 'lower' ? value < this.best.value : value > this.best.value)
      if (best) {
        this.best = { step: this.#step, value }
        await this.#bundle.write(join(run, 'best'), (path) => this.#native.modelSave(model, path), this.#step)
      }
      const { protocol: type, headline, figures, counts } = result
      await this.#log.append([{ step: this.#step, validation: { protocol: type, headline, figures, counts }, best }])
      return result
    } finally {
      await this.#native.close(model)
    }
  }

  async #save(): Promise<void> {
    const { run, lock, plan } = this.#input
    await lock.check()
    const mined = this.#batches.state(this.#step)
    const state = {
      step: this.#step,
      plan: planHash(plan),
      metricsBytes: this.#log.bytes,
      ...(this.best && { best: this.best }),
      ...this.#setbacks.save(),
      ...(mined && { mined }),
    }
    await this.#log.sync()
    await writeCheckpoint(run, state, plan.keepCheckpoints, async (folder) => {
      await this.#native.trainerSave(this.#trainer, folder)
      if (this.best)
        await notWritable(folder, () => copyFile(join(run, 'best/weights.safetensors'), join(folder, bestWeights)))
    })
    this.#saved = this.#step
  }

  async #stop(): Promise<never> {
    if (this.#saved < this.#step || this.#step === 0) await this.#save()
    throw new NPairError(
      'ABORTED',
      `Stopped after step ${this.#step} of ${this.#input.plan.steps}; go on with: npair resume ${this.#input.run}`,
    )
  }

  /** The best model where there was validation, else the last one. */
  async writeBundle(): Promise<void> {
    const { run, lock } = this.#input
    await lock.check()
    const { net, preprocess, precision, device, whiten } = this.#input.plan
    if (this.best && !whiten) return this.#bundle.copy(`${run}/best`, `${run}/model`)
    const handles: number[] = []
    const kept = async (made: Promise<number>) => {
      handles.push(await made)
      return handles.at(-1) as number
    }
    const describe = (net: ResolvedNet) => JSON.stringify({ net, preprocess, precision, device })
    try {
      const trained = await kept(
        this.best
          ? this.#native.modelCreate(describe(net), join(run, 'best/weights.safetensors'))
          : this.#native.trainerModel(this.#trainer),
      )
      const whole = whiten ? whitenedNet(net) : net
      const model = whiten ? await kept(this.#whiten(describe(whole), trained, whiten)) : trained
      const save = (path: string) => this.#native.modelSave(model, path)
      await this.#bundle.write(`${run}/model`, save, this.best?.step ?? this.#step, whole)
    } finally {
      for (const handle of handles.reverse()) await this.#native.close(handle)
    }
  }

  /** A model with one layer more, fitted to the training images. */
  #whiten(description: string, model: number, { shrinkage }: Whiten): Promise<number> {
    const { plan, data } = this.#input
    const labels = Int32Array.from(data.labels)
    return this.#withThreads(() =>
      this.#native.modelWhiten(
        description,
        model,
        shrinkage,
        this.#pack,
        data.images,
        labels,
        bindingViews(plan),
        embedBatch,
      ),
    )
  }
}

/** `[4 · count]` label of each image id, turned ones included; -1 where the dataset does not have the image. */
function labelsById({ pack, images, labels }: Dataset): Int32Array {
  const byId = new Int32Array(4 * pack.count).fill(-1)
  images.forEach((id, i) => {
    byId[id] = labels[i] as number
  })
  return byId
}
