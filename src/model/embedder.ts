import type { Dataset } from '../data/dataset.js'
import { Embeddings } from '../embeddings.js'
import type { Engine } from '../native/engine.js'
import type { Embedder } from '../protocols/protocol.js'
import { bindingViews, type Views, viewMetric } from './views.js'

/** Images that go through the network at a time. */
export const embedBatch = 128

/** A model of the engine, by handle, that embeds datasets. */
export class TrainerEmbedder implements Embedder {
  readonly #native: Engine
  readonly #model: number
  readonly views: Views

  constructor(native: Engine, model: number, views: Views) {
    this.#native = native
    this.#model = model
    this.views = views
  }

  /** Row i is the embedding of `dataset.images[i]`. */
  async embedDataset(dataset: Dataset): Promise<Embeddings> {
    const pack = await this.#native.packOpen(dataset.pack.path)
    try {
      const data = await this.#native.embedPack(this.#model, pack, dataset.images, bindingViews(this.views), embedBatch)
      return new Embeddings(data, data.length / Math.max(1, dataset.length), viewMetric(this.views))
    } finally {
      await this.#native.close(pack)
    }
  }
}
