import type { Batch } from '../config/batch.js'
import type { Dataset } from '../data/dataset.js'
import { classBalanced } from './classBalanced.js'
import { pairs } from './pairs.js'
import type { Sampler } from './sampler.js'
import { tuplets } from './tuplets.js'

/** The sampler that makes batches as the plan describes them, where their classes are not mined. */
export function createSampler(dataset: Dataset, batch: Batch, seed: number): Sampler {
  const { smallClasses = 'drop' } = batch
  if ('pairs' in batch) return pairs(dataset, { pairs: batch.pairs, seed, smallClasses })
  if (batch.type === 'tuplets')
    return tuplets(dataset, { tuplets: batch.tuplets, negatives: batch.negatives, seed, smallClasses })
  return classBalanced(dataset, { classes: batch.classes, imagesPerClass: batch.imagesPerClass, seed, smallClasses })
}
