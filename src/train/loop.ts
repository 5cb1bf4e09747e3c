import type { Dataset } from '../data/dataset.js'
import { NPairError } from '../errors.js'
import { Bundle } from '../model/bundle.js'
import { TrainerEmbedder } from '../model/embedder.js'
import { type Engine, engine } from '../native/engine.js'
import { create as createProtocol } from '../protocols/create.js'
import { evaluate } from '../protocols/evaluate.js'
import type { EvaluationResult } from '../protocols/result.js'
import type { Sampler } from '../sampling/sampler.js'
import { type Best, type CheckpointState, checkpointFolder, writeCheckpoint } from './checkpoint.js'
import { MetricsLog, type StepMetrics } from './metricsLog.js'
import { enginePlan, planHash, type TrainPlan } from './plan.js'
import { learningRate } from './schedule.js'

/** What `onProgress` is told after every block of steps. */
export interface Progress extends StepMetrics {
  readonly steps: number
  /** Seconds to the end at the present pace, validations aside. */
  readonly remaining: number
  /** The judgement made at this step, if there was one. */
  readonly validation?: EvaluationResult
}

/** What the loop needs beyond the plan. */
export interface LoopInput {
  readonly run: string
  readonly plan: TrainPlan
  readonly data: Dataset
  readonly validationData?: Dataset | undefined
  readonly sampler: Sampler
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
  await native.setThreads(plan.threads)
  const pack = await native.packOpen(data.pack.path)
  const handles = [pack]
  const log = await MetricsLog.open(run, input.from?.metricsBytes ?? 0)
  try {
    const trainer = await native.trainerCreate(enginePlan(plan), pack)
    handles.push(trainer)
    if (input.from) await native.trainerLoad(trainer, checkpointFolder(run, input.from.step))
    const loop = new Loop(input, native, trainer, log)
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
  readonly #log: MetricsLog
  /** Steps done. */
  #step: number
  #saved: number
  #secondsPerStep: number | undefined

  constructor(input: LoopInput, native: Engine, trainer: number, log: MetricsLog) {
    this.#input = input
    this.#native = native
    this.#trainer = trainer
    this.#log = log
    this.#step = input.from?.step ?? 0
    this.#saved = this.#step
    this.best = input.from?.best
  }

  async run(): Promise<void> {
    const { plan, signal } = this.#input
    while (this.#step < plan.steps) {
      if (signal?.aborted) await this.#stop()
      const progress = await this.#block(this.#blockLength())
      const validation = this.#due(plan.validation?.every ?? 0) ? await this.#validate() : undefined
      this.last = { ...progress, ...(validation && { validation }) }
      if (this.#due(plan.checkpointEvery)) await this.#save()
      this.#input.onProgress?.(this.last)
    }
    if (this.#saved < this.#step) await this.#save()
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
      ...[checkpointEvery, validation?.every ?? 0]
        .filter((n) => n > 0)
        .map((n) => (Math.floor(this.#step / n) + 1) * n),
    ]
    const paced = this.#secondsPerStep === undefined ? 1 : Math.max(1, Math.round(blockSeconds / this.#secondsPerStep))
    return Math.min(paced, longestBlock, ...until.map((step) => step - this.#step))
  }

  async #block(count: number): Promise<Omit<Progress, 'validation'>> {
    const { plan, sampler } = this.#input
    const first = this.#step
    const rows = 2 * plan.batch.pairs
    const images = new Int32Array(count * rows)
    const rates = new Float64Array(count)
    const started = performance.now()
    for (let i = 0; i < count; i++) {
      images.set(checkBatch(await sampler.batch(first + i), rows, first + i), i * rows)
      rates[i] = learningRate(plan.optimizer.schedule, plan.optimizer.learningRate, first + i, plan.steps)
    }
    const block = await this.#native.trainerSteps(this.#trainer, first, images, rates)
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
      imagesPerSecond: Math.round((count * rows) / seconds),
      time,
    })
    await this.#log.append(Array.from({ length: good }, (_, i) => line(i)))
    if (good < count) throw this.#notFinite(line(good), block.culprit)
    this.#step += count
    return { ...line(count - 1), steps: plan.steps, remaining: (plan.steps - this.#step) * this.#secondsPerStep }
  }

  #notFinite({ step, loss, gradientNorm, learningRate }: StepMetrics, culprit: string): NPairError {
    const { run } = this.#input
    const kept =
      this.#saved > 0
        ? `the checkpoint of step ${this.#saved} is whole (npair resume ${run})`
        : 'there is no checkpoint yet'
    return new NPairError(
      'NON_FINITE',
      `Step ${step}: ${culprit} is not finite (loss ${loss}, gradient norm ${gradientNorm}, learning rate ${learningRate}); ` +
        `${kept}. A lower learning rate, warm-up or clipNorm may help.`,
    )
  }

  async #validate(): Promise<EvaluationResult | undefined> {
    const { run, plan, validationData } = this.#input
    if (!plan.validation || !validationData) return undefined
    const model = await this.#native.trainerModel(this.#trainer)
    try {
      const protocol = createProtocol(plan.validation.protocol, validationData)
      const result = await evaluate(new TrainerEmbedder(this.#native, model, plan.mirror), protocol)
      const name = plan.validation.figure ?? result.headline
      const figure = result.figures[name]
      if (!figure)
        throw new NPairError(
          'INVALID_OPTION',
          `Expected one of ${Object.keys(result.figures).join(', ')} for validation.figure but received '${name}' of type string`,
          {
            option: 'validation.figure',
          },
        )
      const { value, better } = figure
      const best = this.best === undefined || (better === 'lower' ? value < this.best.value : value > this.best.value)
      if (best) {
        this.best = { step: this.#step, value }
        await new Bundle(plan, this.#input.data.pack.ingest).write(
          `${run}/best`,
          (path) => this.#native.modelSave(model, path),
          this.#step,
        )
      }
      const { protocol: type, headline, figures, counts } = result
      await this.#log.append([{ step: this.#step, validation: { protocol: type, headline, figures, counts }, best }])
      return result
    } finally {
      await this.#native.close(model)
    }
  }

  async #save(): Promise<void> {
    const { run, plan } = this.#input
    const state = {
      step: this.#step,
      plan: planHash(plan),
      metricsBytes: this.#log.bytes,
      ...(this.best && { best: this.best }),
    }
    await writeCheckpoint(run, state, plan.keepCheckpoints, (folder) => this.#native.trainerSave(this.#trainer, folder))
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
    const { run, plan, data } = this.#input
    const bundle = new Bundle(plan, data.pack.ingest)
    if (this.best) return bundle.copy(`${run}/best`, `${run}/model`)
    const model = await this.#native.trainerModel(this.#trainer)
    try {
      await bundle.write(`${run}/model`, (path) => this.#native.modelSave(model, path), this.#step)
    } finally {
      await this.#native.close(model)
    }
  }
}

/** A sampler of the user's own may give anything. */
function checkBatch(batch: Int32Array, rows: number, step: number): Int32Array {
  if (!(batch instanceof Int32Array) || batch.length !== rows)
    throw new NPairError(
      'INVALID_OPTION',
      `Expected an Int32Array of ${rows} image ids from sampler.batch(${step}) but received ${batch?.constructor?.name ?? typeof batch} of length ${batch?.length}`,
      {
        option: 'sampler',
      },
    )
  return batch
}
