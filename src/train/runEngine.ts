import type { Custom } from '../losses/custom.js'
import type { MiningEngine } from '../mining/batchSource.js'
import { TrainerEmbedder } from '../model/embedder.js'
import type { Views } from '../model/views.js'
import type { BindingBlock } from '../native/binding.js'
import type { Engine } from '../native/engine.js'

/** The engine as a run asks it: its trainer and pack by handle, every computation with the run's own number of threads. */
export class RunEngine {
  readonly native: Engine
  readonly trainer: number
  readonly pack: number

  /** @param native - with the run's threads */
  constructor(native: Engine, trainer: number, pack: number) {
    this.native = native
    this.trainer = trainer
    this.pack = pack
  }

  /** A model of the engine, by handle, that embeds datasets with the run's threads. */
  embedder(model: number, views: Views): TrainerEmbedder {
    return new TrainerEmbedder(this.native, model, views)
  }

  /** A block of steps, one a learning rate. */
  steps(first: number, images: Int32Array, labels: Int32Array, rates: Float64Array): Promise<BindingBlock> {
    return this.native.trainerSteps(this.trainer, first, images, rates, labels)
  }

  /** A step whose loss is the user's own: forward here, the loss there, and back. */
  async ownStep(
    own: Custom,
    step: number,
    images: Int32Array,
    labels: Int32Array,
    rate: number,
  ): Promise<BindingBlock> {
    const { native, trainer } = this
    const data = await native.trainerForward(trainer, step, images, labels)
    const back = (loss: number, l2: number, gradient: Float64Array) =>
      native.trainerBackward(trainer, loss, l2, gradient, rate)
    // Not for the user's function: the engine says what is not finite.
    if (!data.every(Number.isFinite)) return back(Number.NaN, 0, new Float64Array(data.length))
    const { loss, terms, gradient } = await own.compute({ data, size: data.length / images.length }, labels)
    return back(loss, terms.l2 ?? 0, gradient)
  }

  /** What miners see of it. */
  mining(): MiningEngine {
    const { native, trainer } = this
    return {
      embed: (images) => native.trainerEmbed(trainer, images),
      mine: (...what) => native.trainerMine(trainer, ...what),
      similarities: (rows, others) => native.products(rows.data, others.data, rows.size),
    }
  }
}
