import type { Dataset } from '../data/dataset.js'
import { readPackImages } from '../data/pack.js'
import { Embeddings } from '../embeddings.js'
import type { Embedder } from './protocol.js'

/** The embedder to beat where features are trained on: the features themselves. */
export const featureBaseline: Embedder = {
  async embedDataset({ pack, images }: Dataset): Promise<Embeddings> {
    const data = new Float32Array(images.length * pack.channels)
    const rows = await readPackImages(pack.path, images)
    rows.forEach((bytes, i) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      for (let k = 0; k < pack.channels; k++) data[i * pack.channels + k] = view.getFloat32(4 * k, true)
    })
    return new Embeddings(data, pack.channels)
  },
}
