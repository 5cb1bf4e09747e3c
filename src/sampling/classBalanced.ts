import { requireInteger, requireNames } from '../config/require.js'
import type { Dataset } from '../data/dataset.js'
import { Random } from '../random.js'
import { deals } from './deal.js'
import type { Sampler } from './sampler.js'
import { resolveSampler, samplerNames } from './samplerOptions.js'
import { type SmallClasses, usableClasses } from './usableClasses.js'

/** Options of {@link classBalanced}. */
export interface ClassBalancedOptions {
  /** P >= 2: different classes in a batch. */
  readonly classes: number
  /** M >= 2: different images of each. */
  readonly imagesPerClass: number
  /** Default 0. */
  readonly seed?: number
  /** What becomes of classes with fewer than M images. Default `drop`. */
  readonly smallClasses?: SmallClasses
}

/** A class-balanced sampler, and what it found in the data. */
export interface ClassBalancedSampler extends Sampler {
  /** Batches in an epoch, T: the groups of M images that the classes make, divided by P and rounded up. */
  readonly epochLength: number
  /** Classes left out because they have fewer than M images. */
  readonly tooSmall: number
  /** See {@link Sampler.batch}; `[P · M]`: the first image of each class, then the second of each, and so on. */
  batch(step: number): Int32Array
}

/**
 * Batches of M different images of each of P different classes.
 *
 * Coverage: in every epoch a class is dealt into ⌈n/M⌉ groups of M images in a random order; the last one is filled up from the
 * first. Of a class with at most T groups every image is in the epoch; of a larger one a random part, another every time.
 *
 * @throws NPairError `DATA_CLASSES` if fewer than P classes have M images, or others have fewer and are refused
 */
export function classBalanced(dataset: Dataset, options: ClassBalancedOptions): ClassBalancedSampler {
  requireNames('', options as unknown, ['classes', 'imagesPerClass', ...samplerNames])
  const { classes: p, imagesPerClass: m } = options
  requireInteger('classes', p, 2)
  requireInteger('imagesPerClass', m, 2)
  const { seed, smallClasses: small } = resolveSampler(options)
  const usable = usableClasses(dataset, { count: p, images: m, option: 'batch.classes', small })
  const classes = [...usable.classes.values()]
  const groups = classes.map((positions) => Math.ceil(positions.length / m))
  const dealt = deals(groups, p, seed)
  return {
    epochLength: dealt.epochLength,
    tooSmall: usable.dropped,
    batch(step) {
      const { epoch, slots } = dealt.batch(step)
      const images = new Int32Array(p * m)
      slots.forEach(({ c, anchor: group }, row) => {
        const positions = classes[c] as Int32Array
        const order = new Random(seed, 'sampling', 2 * epoch, c).permutation(positions.length)
        for (let k = 0; k < m; k++) {
          const position = positions[order[(group * m + k) % order.length] as number] as number
          images[k * p + row] = dataset.images[position] as number
        }
      })
      return images
    },
  }
}
