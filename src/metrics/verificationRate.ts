import { requireFinite } from '../config/require.js'
import { invalidOption } from '../errors.js'

/**
 * Verification rate with K negatives (VRF of Sohn 2016's first table): success only if the positive is closer to the
 * query than all K negatives, each of another class. A tie is no success.
 *
 * `VRF = 1/T Σ_t 1[positive_t > max_n negative_tn]`
 *
 * @param positive - `[t]` score of each trial's query with its positive
 * @param negatives - `[t × K]` scores with its negatives, row-major; K at least 1
 * @returns `[t]` 1 success, 0 not; their mean is the rate
 * @throws NPairError `INVALID_OPTION` where trials differ in their number of negatives, or a score is not finite
 * @example verificationSuccesses([0.9, 0.5], [0.1, 0.8, 0.4, 0.5]) // [1, 0]
 */
export function verificationSuccesses(positive: ArrayLike<number>, negatives: ArrayLike<number>): Uint8Array {
  const count = positive.length === 0 ? 0 : negatives.length / positive.length
  if (!Number.isInteger(count) || (positive.length === 0 ? negatives.length > 0 : count < 1)) {
    const [trials, scores] = [positive.length, negatives.length]
    throw invalidOption('negatives', `as many scores for each of ${trials} trials, one at least`, `${scores} scores`)
  }
  requireFinite('positive', positive)
  requireFinite('negatives', negatives)
  return Uint8Array.from(positive, (score, trial) => {
    for (let n = trial * count; n < (trial + 1) * count; n++) if ((negatives[n] as number) >= score) return 0
    return 1
  })
}
