import { Embeddings } from '../../src/embeddings.js'
import type { Random } from '../../src/random.js'

/** Directions of which the cosines are exact in float32, so that ties are ties; one has no direction. */
export const directions = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
  [0, 0],
  [2, 0],
  [0, 4],
] as const

/** Whole numbers in [0, below). */
export const list = (random: Random, count: number, below: number): number[] =>
  Array.from({ length: count }, () => random.below(below))

/** `[count, 2]` of {@link directions}. */
export const exactRows = (random: Random, count: number, metric: 'cosine' | 'dot' = 'cosine'): Embeddings =>
  new Embeddings(
    Float32Array.from(list(random, count, directions.length).flatMap((d) => [...(directions[d] as readonly number[])])),
    2,
    metric,
  )
