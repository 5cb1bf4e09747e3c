import type { Dataset } from '../../src/data/dataset.js'
import { Embeddings } from '../../src/embeddings.js'
import type { Embedder } from '../../src/protocols/protocol.js'
import { Random } from '../../src/random.js'

/** What a protocol reads of a dataset, made from class sizes alone: no images, no pack. */
export function labelledData(sizes: number[], superClassOf: number[] = []): Dataset {
  const labels = Int32Array.from(sizes.flatMap((n, c) => new Array<number>(n).fill(c)))
  const data = {
    plan: { type: 'labels', sizes },
    labels,
    images: labels.map((_, i) => i),
    classes: sizes.map((_, c) => `class ${c}`),
    superClasses: superClassOf.length === 0 ? [] : Array.from({ length: Math.max(...superClassOf) + 1 }, (_, s) => `alphabet ${s}`),
    superClassOf: Int32Array.from(superClassOf),
    length: labels.length,
    imageName: (i: number) => `image ${i}`,
    byClass: () => sizes.map((_, c) => labels.map((_l, i) => i).filter((i) => labels[i] === c)),
  }
  return data as Partial<Dataset> as Dataset
}

/** Embeds each image near its class's own direction; `noise` 0 = perfectly, large = as if by chance. */
export function noisyEmbedder(noise: number, seed = 1): Embedder {
  return {
    async embedDataset(dataset) {
      const size = 16
      const data = new Float32Array(dataset.length * size)
      dataset.labels.forEach((label, i) => {
        const centre = new Random(seed, 'report', 1, label)
        const own = new Random(seed, 'report', 2, i)
        for (let k = 0; k < size; k++) data[i * size + k] = centre.normal() + noise * own.normal()
      })
      return new Embeddings(data, size)
    },
  }
}
