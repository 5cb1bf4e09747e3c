import type { Random } from '../random.js'

/**
 * `count` different integers of [0, total), ascending, every subset equally likely (Floyd's method): memory and time
 * grow with `count` only, so that a few pairs can be drawn out of billions.
 *
 * @param total - up to 2^53; where `count >= total` all of them are given
 */
export function sampleIndices(count: number, total: number, random: Random): Float64Array {
  if (count >= total) return Float64Array.from({ length: total }, (_, i) => i)
  const chosen = new Set<number>()
  for (let last = total - count; last < total; last++) {
    const candidate = random.below(last + 1)
    chosen.add(chosen.has(candidate) ? last : candidate)
  }
  return Float64Array.from(chosen).sort()
}
