import { Dataset } from '../../src/data/dataset.js'
import { Embeddings } from '../../src/embeddings.js'
import type { Embedder } from '../../src/protocols/protocol.js'
import { Random } from '../../src/random.js'

/** A dataset made from class sizes alone: labels and names, no pixels on any disk. */
export function labelledData(
  sizes: number[],
  superClassOf: number[] = [],
  named: { names?: string[]; classes?: string[]; pack?: string; skipped?: string[] } = {},
): Dataset {
  const labels = Int32Array.from(sizes.flatMap((n, c) => new Array<number>(n).fill(c)))
  const index = {
    info: {
      ...{
        path: 'none',
        sha256: named.pack ?? '0'.repeat(64),
        count: labels.length,
        height: 2,
        width: 2,
        channels: 1 as const,
      },
      ingest: {
        ...{ size: [2, 2] as [number, number], channels: 1 as const, interpolation: 'nearest' as const },
        ...{ fit: 'fill' as const, background: 0, broken: 'error' as const },
      },
    },
    labels,
    names: named.names ?? Array.from(labels, (_, i) => `image ${i}`),
    classes: named.classes ?? sizes.map((_, c) => `class ${c}`),
    superClasses: Array.from({ length: Math.max(-1, ...superClassOf) + 1 }, (_, s) => `alphabet ${s}`),
    superClassOf: Int32Array.from(superClassOf),
    skipped: (named.skipped ?? []).map((path) => ({ path, reason: 'cut off' })),
  }
  return Dataset.whole(index, { type: 'labels' })
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
