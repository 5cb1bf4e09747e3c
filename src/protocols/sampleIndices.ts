import type { Random } from '../random.js'

/**
 * `count` different integers of [0, total), ascending, every subset equally likely (Floyd's method): memory and time
 * grow with `count` only, so that a few pairs can be drawn out of billions.
 *
 * @param count - up to 2^30
 * @param total - up to 2^53; where `count >= total` all of them are given
 */
export function sampleIndices(count: number, total: number, random: Random): Float64Array {
  if (count >= total) return Float64Array.from({ length: total }, (_, i) => i)
  const chosen = new Chosen(count)
  for (let last = total - count; last < total; last++) {
    const candidate = random.below(last + 1)
    if (!chosen.add(candidate)) chosen.add(last)
  }
  return chosen.sorted()
}

/** A set of integers in [0, 2^53) that knows how many it will hold; JavaScript's own ends at 2^24. */
class Chosen {
  /** −1 where free; a third of it stays so. */
  readonly #slots: Float64Array

  constructor(most: number) {
    this.#slots = new Float64Array(2 ** Math.ceil(Math.log2(1.5 * most + 1))).fill(-1)
  }

  /** @returns false where it was there already */
  add(x: number): boolean {
    const mask = this.#slots.length - 1
    // Both halves of the number in all lower bits: neighbours go far apart.
    let hash = Math.imul(x | 0, 0x9e3779b1) ^ Math.imul((x / 2 ** 32) | 0, 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
    for (let slot = (hash ^ (hash >>> 13)) & mask; ; slot = (slot + 1) & mask) {
      if (this.#slots[slot] === x) return false
      if (this.#slots[slot] !== -1) continue
      this.#slots[slot] = x
      return true
    }
  }

  sorted(): Float64Array {
    return this.#slots.filter((x) => x >= 0).sort()
  }
}
