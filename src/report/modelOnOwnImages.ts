import type { Dataset } from '../data/dataset.js'
import type { Embeddings } from '../embeddings.js'
import type { Model } from '../model/model.js'
import type { Views } from '../model/views.js'
import type { Embedder } from '../protocols/protocol.js'

/** A model that is judged on images which were decoded for another one: it sees the same images as it was trained on. */
export class ModelOnOwnImages implements Embedder {
  readonly model: Model
  readonly #decoded: (dataset: Dataset) => Promise<Dataset>

  /** @param decoded - the same images in the same order, decoded for `model` */
  constructor(model: Model, decoded: (dataset: Dataset) => Promise<Dataset>) {
    this.model = model
    this.#decoded = decoded
  }

  get views(): Views {
    return this.model.views
  }

  async embedDataset(dataset: Dataset): Promise<Embeddings> {
    return this.model.embedDataset(await this.#decoded(dataset))
  }
}
