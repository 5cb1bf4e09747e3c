import { setImmediate } from 'node:timers/promises'
import type { Embeddings } from '../embeddings.js'
import { dot } from '../metrics/dot.js'

/** Pairs after which others have their turn. */
const breath = 2 ** 16

/**
 * Genuine pairs of each class at or above each threshold; no score is held.
 *
 * @param byClass - rows of each class
 * @returns `[thresholds][classes]`
 */
export async function acceptedPairs(
  embeddings: Embeddings,
  byClass: readonly Int32Array[],
  thresholds: readonly number[],
): Promise<Float64Array[]> {
  const unit = embeddings.comparable()
  const accepted = thresholds.map(() => new Float64Array(byClass.length))
  let done = 0
  for (const [c, images] of byClass.entries())
    for (let i = 0; i < images.length; i++) {
      const row = unit.row(images[i] as number)
      for (let j = i + 1; j < images.length; j++) {
        const score = dot(row, unit.row(images[j] as number))
        thresholds.forEach((threshold, t) => {
          const own = accepted[t] as Float64Array
          if (score >= threshold) own[c] = (own[c] as number) + 1
        })
        if (++done % breath === 0) await setImmediate()
      }
    }
  return accepted
}
