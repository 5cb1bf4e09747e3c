import type { BatchOptions, PairBatch, PlainPairs } from '../config/batch.js'
import type { LossOptions } from '../losses/create.js'

/** One way to train, of those that a comparison sets side by side. */
export interface CompareMethod {
  /** Names its row and its folder: letters, digits, dots, underscores and dashes. */
  readonly name: string
  readonly loss: LossOptions
  /** Default: the config's own. */
  readonly batch?: BatchOptions
  /** What the config's learning rate is multiplied by, > 0. Default 1. */
  readonly rateFactor?: number
}

/** Passes over a batch that mining adds are kept at one a step: 5N candidates, two images of each, serve 5 steps. */
const minedSteps = 5

/** Of the config's learning rate, which should suit N-pair-mc: the triplet losses were better at a third of it. */
const tripletRate = 0.3

/**
 * The methods of the paper at N pairs, and what its sections compare: softmax, contrastive, triplet (the paper's smooth form,
 * and batch-hard), N-pair-ovo and N-pair-mc, N-pair-mc at N/2, four and eight images a class instead of two (Eq. 8), and
 * mined classes for the triplet and the N-pair-mc loss ("-nm").
 *
 * Whether a loss wants another learning rate was measured by `examples/compare/rates.mjs`: see docs/paper.md.
 *
 * @param batch - `batch.pairs` >= 8; what else it says (accumulate, chunk, …) holds for every method
 */
export function standardMethods(batch: PlainPairs): CompareMethod[] {
  const { type: _, pairs, ...rest } = batch
  const mined: PairBatch = {
    ...batch,
    mining: { type: 'hardNegativeClasses', candidates: minedSteps * pairs, every: minedSteps },
  }
  const balanced = (imagesPerClass: number): BatchOptions => ({
    ...{ type: 'classBalanced', classes: Math.floor((2 * pairs) / imagesPerClass), imagesPerClass },
    ...rest,
  })
  const penalty = { l2: 5e-3, l2Convention: 'mean' } as const
  const paperTriplet: LossOptions = { type: 'triplet', form: 'smooth', triplets: 'paper', l2: 5e-3 }
  const mc: LossOptions = { type: 'nPairMc', ...penalty }
  const several: LossOptions = { ...mc, queries: 'all', sameClass: 'sum' }
  const [four, eight] = [balanced(4), balanced(8)]
  return [
    { name: 'softmax', loss: { type: 'softmax' } },
    { name: 'contrastive', loss: { type: 'contrastive', normalize: true }, batch: four },
    { name: 'triplet', loss: paperTriplet, rateFactor: tripletRate },
    {
      name: 'triplet-hard',
      loss: { type: 'triplet', triplets: 'hard', normalize: true },
      batch: four,
      rateFactor: tripletRate,
    },
    { name: 'triplet-nm', loss: paperTriplet, batch: mined, rateFactor: tripletRate },
    { name: `${pairs}-pair-ovo`, loss: { type: 'nPairOvo', ...penalty } },
    { name: `${Math.floor(pairs / 2)}-pair-mc`, loss: mc, batch: { ...batch, pairs: Math.floor(pairs / 2) } },
    { name: referenceName(batch), loss: mc },
    { name: `${referenceName(batch)}-nm`, loss: mc, batch: mined },
    { name: `${Math.floor(pairs / 2)}x4-mc`, loss: several, batch: four },
    { name: `${Math.floor(pairs / 4)}x8-mc`, loss: several, batch: eight },
  ]
}

/** The method that the others are set beside, where it is there. */
export function referenceName({ pairs }: PlainPairs): string {
  return `${pairs}-pair-mc`
}
