import type { Batch } from '../config/batch.js'
import { NPairError } from '../errors.js'
import type { LossPlan } from '../losses/create.js'

/**
 * Refuses a loss whose rows the batches do not hold, before anything is trained.
 *
 * @param classes - in the data
 * @throws NPairError `INVALID_OPTION`
 */
export function requireFit(loss: LossPlan, batch: Batch, classes: number): void {
  const tuplets = 'tuplets' in batch ? batch : undefined
  const negatives = tuplets?.negatives
  const images = 'imagesPerClass' in batch ? batch.imagesPerClass : tuplets ? 0 : 2
  const refuse = (wanted: string) => {
    const text = `The loss ${loss.type} takes batches of ${wanted}, which batch does not describe`
    return new NPairError('INVALID_OPTION', text, { option: 'batch' })
  }
  switch (loss.type) {
    case 'custom':
    case 'softmax':
    case 'arcFace':
    case 'cosFace':
    case 'proxyAnchor':
      return
    case 'tuplet':
      if (negatives !== loss.negatives)
        throw refuse(`type 'tuplets' with negatives: ${loss.negatives} (loss.negatives)`)
      if (loss.ideal && loss.negatives !== classes - 1)
        throw new NPairError(
          'INVALID_OPTION',
          `Expected ${classes - 1} for loss.negatives, one of every other class, but received ${loss.negatives}`,
          { option: 'loss.negatives' },
        )
      return
    case 'triplet':
    case 'tripletMargin':
      if (loss.triplets === 'given') {
        if (negatives !== 1) throw refuse("type 'tuplets' with negatives: 1 (loss.triplets is 'given')")
        return
      }
      if (loss.triplets === 'paper' && images !== 2) throw refuse("pairs (loss.triplets is 'paper')")
      break
    case 'nPairMc':
    case 'nPairOvo': {
      const byClass = loss.type === 'nPairMc' && loss.queries === 'all'
      if (loss.sameClass === 'error' && images !== 2) throw refuse("pairs (loss.sameClass is 'error')")
      if (!byClass && images % 2 !== 0) throw refuse('an even number of images of each class')
    }
  }
  if (images === 0) throw refuse("pairs or type 'classBalanced'")
}
