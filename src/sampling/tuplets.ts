import { requireInteger, requireNames } from '../config/require.js'
import type { Dataset } from '../data/dataset.js'
import { NPairError } from '../errors.js'
import { Random } from '../random.js'
import { pairs } from './pairs.js'
import type { Sampler } from './sampler.js'
import { resolveSampler, samplerNames } from './samplerOptions.js'
import type { SmallClasses } from './usableClasses.js'

/** Options of {@link tuplets}. */
export interface TupletsOptions {
  /** B >= 2: queries in a batch, of different classes. */
  readonly tuplets: number
  /** K >= 1: negatives of each query, of different classes; 1 makes triplets. */
  readonly negatives: number
  /** Default 0. */
  readonly seed?: number
  /** What becomes of classes with a single image, which can only be negatives. Default `drop`: they are. */
  readonly smallClasses?: SmallClasses
}

/** A tuplet sampler. */
export interface TupletSampler extends Sampler {
  /** Batches in an epoch, as of pairs. */
  readonly epochLength: number
  /** See {@link Sampler.batch}; `[B · (2 + K)]`: queries, their positives, then the first negative of each, the second, … */
  batch(step: number): Int32Array
}

/**
 * Batches in which each query has negatives of its own, as the (N+1)-tuplet loss takes them: queries and positives as of
 * `pairs`, and for each query a random image of each of K other random classes.
 *
 * @throws NPairError `DATA_CLASSES` if there are too few classes
 */
export function tuplets(dataset: Dataset, options: TupletsOptions): TupletSampler {
  requireNames('', options as unknown, ['tuplets', 'negatives', ...samplerNames])
  const { tuplets: b, negatives: k } = options
  requireInteger('tuplets', b, 2)
  requireInteger('negatives', k, 1)
  const { seed, smallClasses } = resolveSampler(options)
  const classes = dataset.byClass()
  if (classes.length <= k)
    throw new NPairError(
      'DATA_CLASSES',
      `batch.negatives asks for ${k} classes beside that of the query, but the data has ${classes.length} in all`,
      { option: 'batch.negatives' },
    )
  const paired = asTuplets(() => pairs(dataset, { pairs: b, seed, smallClasses }))
  const classOf = new Map(Array.from(dataset.images, (id, i) => [id, dataset.labels[i] as number]))
  return {
    epochLength: paired.epochLength,
    batch(step) {
      const images = new Int32Array(b * (k + 2))
      images.set(paired.batch(step))
      for (let row = 0; row < b; row++) {
        // A range of rows that the pair sampler does not draw from.
        const random = new Random(seed, 'sampling', 2 * step + 1, 0x80000000 + row)
        const own = classOf.get(images[row] as number) as number
        const others = random.permutation(classes.length - 1)
        for (let j = 0; j < k; j++) {
          const other = others[j] as number
          const positions = classes[other < own ? other : other + 1] as Int32Array
          images[(j + 2) * b + row] = dataset.images[positions[random.below(positions.length)] as number] as number
        }
      }
      return images
    },
  }
}

/** What the pair sampler has against the data, in the words of this one's options. */
function asTuplets<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof NPairError) || error.option !== 'batch.pairs') throw error
    const message = error.message.replace('batch.pairs', 'batch.tuplets')
    throw new NPairError(error.code, message, { option: 'batch.tuplets' })
  }
}
