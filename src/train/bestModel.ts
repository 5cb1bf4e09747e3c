import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { notWritable, removeFolder } from '../files/atomic.js'
import type { Bundle } from '../model/bundle.js'
import { evaluate } from '../protocols/evaluate.js'
import type { Protocol } from '../protocols/protocol.js'
import type { EvaluationResult, Figure } from '../protocols/result.js'
import { type Best, bestWeights, type CheckpointState, checkpointFolder } from './checkpoint.js'
import type { MetricsLog } from './metricsLog.js'
import type { TrainPlan } from './plan.js'
import type { RunEngine } from './runEngine.js'

/** What of a run decides how its models are judged. */
interface Judging {
  readonly run: string
  readonly plan: TrainPlan
  readonly signal?: AbortSignal | undefined
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
   * Judges the model of `step` and writes that down. Where it fails, nothing has changed.
   *
   * A model whose figure is missing (d′ where nothing spreads) is not the best: that the protocol gives the figure at all was
   * looked at before the first step.
   *
   * @throws NPairError `NON_FINITE` if an embedding is not finite; `ABORTED` within a second or so of the signal, where images are
   *   still to be embedded; `NOT_WRITABLE`
   */
  async judge(step: number, protocol: Protocol): Promise<EvaluationResult> {
    const { run, plan, signal } = this.#input
    const before = this.#log.bytes
    const { native, trainer } = this.#engine
    const model = await native.trainerModel(trainer)
    try {
      const embedder = this.#engine.embedder(model, plan)
      const result = await evaluate(signal ? embedder.stoppedBy(signal) : embedder, protocol)
      const figure = result.figures[plan.validation?.figure ?? result.headline]
      const best = figure !== undefined && isBetter(figure, this.found)
      const { protocol: type, headline, figures, counts } = result
      await this.#log.append([{ step, validation: { protocol: type, headline, figures, counts }, best }])
      if (best) {
        await this.#bundle.write(join(run, 'best'), (path) => native.modelSave(model, path), step)
        this.found = { step, value: figure.value }
      }
      return result
    } catch (error) {
      await this.#log.cut(before)
      throw error
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

function isBetter({ value, better }: Figure, than: Best | undefined): boolean {
  return than === undefined || (better === 'lower' ? value < than.value : value > than.value)
}
