import type { Dataset } from '../data/dataset.js'
import { Embeddings } from '../embeddings.js'
import { NPairError } from '../errors.js'
import type { Engine } from '../native/engine.js'
import type { Embedder } from '../protocols/protocol.js'
import { bindingViews, type Views, viewMetric } from './views.js'

/** Images that go through the network at a time. */
export const embedBatch = 128

/** How long the engine is left alone with a part of a dataset, where a signal may stop it: soon enough for whoever waits. */
const partSeconds = 0.5

/** A model of the engine, by handle, that embeds datasets. */
export class TrainerEmbedder implements Embedder {
  readonly #native: Engine
  readonly #model: number
  readonly #signal: AbortSignal | undefined
  readonly views: Views

  /** @param signal - aborted: the present part of a dataset is finished, and its embedding rejected with code `ABORTED` */
  constructor(native: Engine, model: number, views: Views, signal?: AbortSignal) {
    this.#native = native
    this.#model = model
    this.views = views
    this.#signal = signal
  }

  /** The same model, to the same bits, but stopped by a signal. */
  stoppedBy(signal: AbortSignal): TrainerEmbedder {
    return new TrainerEmbedder(this.#native, this.#model, this.views, signal)
  }

  /** Row i is the embedding of `dataset.images[i]`. */
  async embedDataset(dataset: Dataset): Promise<Embeddings> {
    const pack = await this.#native.packOpen(dataset.pack.path)
    const embed = (images: Int32Array) =>
      this.#native.embedPack(this.#model, pack, images, bindingViews(this.views), embedBatch)
    try {
      const signal = this.#signal
      const data = await (signal ? inParts(dataset.images, embed, signal) : embed(dataset.images))
      return new Embeddings(data, data.length / Math.max(1, dataset.length), viewMetric(this.views))
    } finally {
      await this.#native.close(pack)
    }
  }
}

/**
 * Embeds whole batches at a time: an image goes through the network with the same others as in one call, and the parts change no
 * bit. How many batches follows the pace, so that a fast device is not kept waiting between them.
 */
async function inParts(
  images: Int32Array,
  embed: (images: Int32Array) => Promise<Float32Array>,
  signal: AbortSignal,
): Promise<Float32Array> {
  let rows = new Float32Array(0)
  let batches = 1
  for (let start = 0; start < images.length; ) {
    refuseStopped(signal, start, images.length)
    const part = images.slice(start, start + batches * embedBatch)
    const started = performance.now()
    const embedded = await embed(part)
    const seconds = (performance.now() - started) / 1000
    if (start === 0) rows = new Float32Array((embedded.length / part.length) * images.length)
    rows.set(embedded, (embedded.length / part.length) * start)
    start += part.length
    batches = Math.max(1, Math.min(2 * batches, Math.floor((batches * partSeconds) / seconds)))
  }
  refuseStopped(signal, images.length, images.length)
  return rows
}

function refuseStopped(signal: AbortSignal, done: number, count: number): void {
  if (signal.aborted) throw new NPairError('ABORTED', `Stopped after ${done} of ${count} images were embedded`)
}
