import { requireInteger, requireNames } from '../config/require.js'
import type { Dataset } from '../data/dataset.js'
import { Random } from '../random.js'
import { deals } from './deal.js'
import type { Sampler } from './sampler.js'
import { resolveSampler, samplerNames } from './samplerOptions.js'
import { type SmallClasses, usableClasses } from './usableClasses.js'

/** Options of {@link pairs}. */
export interface PairsOptions {
  /** N >= 2: classes in a batch, two images of each. */
  readonly pairs: number
  /** Default 0. */
  readonly seed?: number
  /** What becomes of classes with a single image. Default `drop`. */
  readonly smallClasses?: SmallClasses
}

/** A pair sampler, and what it found in the data. */
export interface PairSampler extends Sampler {
  /** Batches in an epoch: the images of classes with at least two, divided by N and rounded up. */
  readonly epochLength: number
  /** Classes left out because they have a single image. */
  readonly singletons: number
  /** See {@link Sampler.batch}. */
  batch(step: number): Int32Array
}

/**
 * Batches as in the paper (Sohn 2016, §3.2): N different classes, two different images of each.
 *
 * Coverage, of the images of classes with at least two: an epoch has T = ⌈images/N⌉ batches, and every image of a class
 * with at most T images is an anchor in it, exactly once where N divides the number of images and no class has more than T.
 * A class is at most once in a batch, so one with more than T images shows T of them, the next T in the following epoch,
 * and so on round. Where that leaves rows of a batch empty, classes that are not in it give one more anchor, the next
 * in their own round. The positive is any other image of the class.
 *
 * @throws NPairError `DATA_CLASSES` if fewer than N classes have two images, or one has a single one and is refused
 */
export function pairs(dataset: Dataset, options: PairsOptions): PairSampler {
  requireNames('', options as unknown, ['pairs', ...samplerNames])
  const { pairs: n } = options
  requireInteger('pairs', n, 2)
  const { seed, smallClasses: small } = resolveSampler(options)
  const usable = usableClasses(dataset, { count: n, images: 2, option: 'batch.pairs', small })
  const classes = [...usable.classes.values()]
  const sizes = classes.map((positions) => positions.length)
  const dealt = deals(sizes, n, seed)
  return {
    epochLength: dealt.epochLength,
    singletons: usable.dropped,
    batch(step) {
      const { slots } = dealt.batch(step)
      const images = new Int32Array(2 * n)
      slots.forEach(({ c, anchor }, row) => {
        const positions = classes[c] as Int32Array
        const other = new Random(seed, 'sampling', 2 * step + 1, row).below(positions.length - 1)
        images[row] = dataset.images[positions[anchor] as number] as number
        images[n + row] = dataset.images[positions[other < anchor ? other : other + 1] as number] as number
      })
      return images
    },
  }
}
