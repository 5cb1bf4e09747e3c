import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { notWritable, removeFolder } from '../files/atomic.js'
import type { Bundle } from '../model/bundle.js'
import { TrainerEmbedder } from '../model/embedder.js'
import { decidingFigure } from '../protocols/decidingFigure.js'
import { evaluate } from '../protocols/evaluate.js'
import type { Protocol } from '../protocols/protocol.js'
import type { EvaluationResult } from '../protocols/result.js'
import { type Best, bestWeights, type CheckpointState, checkpointFolder } from './checkpoint.js'
import type { MetricsLog } from './metricsLog.js'
import type { TrainPlan } from './plan.js'
import type { RunEngine } from './runEngine.js'

/** What of a run decides how its models are judged. */
interface Judging {
  readonly run: string
  readonly plan: TrainPlan
  readonly protocol?: Protocol | undefined
}

/** Judges the model on the way and keeps the best one in `best/` of the run folder. */
export class BestModel {
  /** The best judgement so far. */
  found: Best | undefined
  readonly #input: Judging
  readonly #engine: RunEngine
  readonly #bundle: Bundle
  readonly #log: MetricsLog

  constructor(input: Judging, engine: RunEngine, bundle: Bundle, log: MetricsLog) {
    this.#input = input
    this.#engine = engine
    this.#bundle = bundle
    this.#log = log
  }

  /**
   * Makes `best/` what it was at the checkpoint: after that it may have become the best of steps that are now done again,
   * and a run that went other ways (on a GPU, no two are bit for bit the same) would end with the wrong model.
   */
  async restore(from: CheckpointState | undefined): Promise<void> {
    const { run } = this.#input
    this.found = from?.best
    if (!from?.best) return removeFolder(join(run, 'best'))
    const weights = join(checkpointFolder(run, from.step), bestWeights)
    const copy = (path: string) => notWritable(path, () => copyFile(weights, path))
    await this.#bundle.write(join(run, 'best'), copy, from.best.step)
  }

  /**
   * Judges the model of `step` where the plan says how, and writes that down.
   *
   * @throws NPairError `INVALID_OPTION` for a figure that the protocol does not give; `NOT_WRITABLE`
   */
  async judge(step: number): Promise<EvaluationResult | undefined> {
    const { run, plan, protocol } = this.#input
    if (!plan.validation || !protocol) return undefined
    const { native, trainer } = this.#engine
    const model = await native.trainerModel(trainer)
    try {
      const result = await evaluate(new TrainerEmbedder(native, model, plan), protocol)
      const { value, better } = decidingFigure(result, plan.validation.figure)
      const best =
        this.found === undefined || (better === 'lower' ? value < this.found.value : value > this.found.value)
      if (best) {
        this.found = { step, value }
        await this.#bundle.write(join(run, 'best'), (path) => native.modelSave(model, path), step)
      }
      const { protocol: type, headline, figures, counts } = result
      await this.#log.append([{ step, validation: { protocol: type, headline, figures, counts }, best }])
      return result
    } finally {
      await native.close(model)
    }
  }

  /** Copies its weights into a checkpoint that is being written, where there are any. */
  async save(folder: string): Promise<void> {
    if (!this.found) return
    const weights = join(this.#input.run, 'best/weights.safetensors')
    await notWritable(folder, () => copyFile(weights, join(folder, bestWeights)))
  }
}
