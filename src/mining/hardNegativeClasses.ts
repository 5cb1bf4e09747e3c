import { requireInteger, requireNames, requireNumber, requireWord } from '../config/require.js'
import { invalidOption } from '../errors.js'

/** Options of {@link hardNegativeClasses}. */
export interface HardNegativeClassesOptions {
  /** C >= 2: classes drawn at random, among which is chosen; all where the data has fewer. */
  readonly candidates: number
  /** Images of each candidate that are embedded; 1 only with score `similarity`. Default 2. */
  readonly imagesPerClass?: 1 | 2
  /**
   * How much a candidate c violates the triplet constraint with respect to the chosen classes s, f being an image of a class
   * and f⁺ its other one. `hingeSum`: Σ max(0, fₛᵀf_c − fₛᵀfₛ⁺) + max(0, f_cᵀfₛ − f_cᵀf_c⁺). `max`: the largest
   * fₛᵀf_c − fₛᵀfₛ⁺. `count`: how many terms of `hingeSum` are not 0. `similarity`: the largest cos(fₛ, f_c), f being the mean
   * where there are two images. Default `hingeSum`.
   */
  readonly score?: 'hingeSum' | 'max' | 'count' | 'similarity'
  /**
   * What stands for a candidate. `embed`: its images, embedded by the network as it is when the batch is mined. `running`: a
   * running mean of its embeddings in the batches that it was in, for f and f⁺; images are embedded only of candidates
   * without one. Default `embed`.
   */
  readonly refresh?: 'embed' | 'running'
  /** Steps that one draw of candidates is used for, >= 1: their batches are chosen together, each from a class of its own. Default 1. */
  readonly every?: number
  /** With `running`: the share of a mean that a new batch leaves, in [0, 1). Default 0.5. */
  readonly decay?: number
}

/** The plan of {@link hardNegativeClasses}: all options resolved; `decay` with `running` only. */
export interface HardNegativeClasses
  extends Required<Omit<HardNegativeClassesOptions, 'decay'>>,
    Pick<HardNegativeClassesOptions, 'decay'> {
  readonly type: 'hardNegativeClasses'
}

/** Names and defaults of the scores and refreshes. */
export const scores = ['hingeSum', 'max', 'count', 'similarity'] as const
export const refreshes = ['embed', 'running'] as const

/**
 * Hard negative class mining, the paper's three steps (Sohn 2016, §3.2.3): C classes at random, one or two images of each
 * embedded by the current network in evaluation mode; one class of them at random, then one after the other the class that
 * violates the triplet constraint most with respect to those chosen, ties broken by the run's seed; different images of each
 * chosen class make the batch. For `batch.mining` of pairs and of class-balanced batches. Where there are fewer candidates
 * than the batch takes, random classes fill it.
 *
 * @throws NPairError `INVALID_OPTION`
 */
export function hardNegativeClasses(options: HardNegativeClassesOptions): HardNegativeClasses {
  requireNames('', options, ['type', 'candidates', 'imagesPerClass', 'score', 'refresh', 'every', 'decay'])
  const { candidates, imagesPerClass = 2, score = 'hingeSum', refresh = 'embed', every = 1, decay } = options
  requireInteger('candidates', candidates, 2)
  if (imagesPerClass !== 1 && imagesPerClass !== 2) throw invalidOption('imagesPerClass', '1 or 2', imagesPerClass)
  requireWord('score', score, scores)
  requireWord('refresh', refresh, refreshes)
  requireInteger('every', every, 1)
  if (imagesPerClass === 1 && score !== 'similarity')
    throw invalidOption('imagesPerClass', `2 with score '${score}', which compares two images of a class`, 1)
  const plan = { type: 'hardNegativeClasses' as const, candidates, imagesPerClass, score, refresh, every }
  if (refresh === 'running') {
    requireNumber('decay', decay ?? 0.5, 'in [0, 1)', (x) => x >= 0 && x < 1)
    return Object.freeze({ ...plan, decay: decay ?? 0.5 })
  }
  if (decay !== undefined) throw invalidOption('decay', "nothing with refresh 'embed', which keeps no means,", decay)
  return Object.freeze(plan)
}
