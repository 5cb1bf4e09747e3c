import { requireLength } from '../config/require.js'

/**
 * Verification rate with K negatives (VRF of Sohn 2016's first table): success only if the positive is closer to the
 * query than all K negatives, each of another class. A tie is no success.
 *
 * @param positive - `[t]` score of each trial's query with its positive
 * @param negatives - `[t × K]` scores with its negatives, row-major
 * @returns `[t]` 1 success, 0 not; their mean is the rate
 * @throws NPairError `INVALID_OPTION` where trials differ in their number of negatives
 * @example verificationSuccesses([0.9, 0.5], [0.1, 0.8, 0.4, 0.5]) // [1, 0]
 */
export function verificationSuccesses(positive: ArrayLike<number>, negatives: ArrayLike<number>): Uint8Array {
  const count = Math.floor(negatives.length / positive.length)
  requireLength('negatives', negatives, positive.length * count)
  return Uint8Array.from(positive, (score, trial) => {
    for (let n = trial * count; n < (trial + 1) * count; n++) if ((negatives[n] as number) >= score) return 0
    return 1
  })
}
