import type { Random } from '../random.js'

/** `count` different integers of [0, total), every subset equally likely (Floyd's method); all where there are no more. */
export function drawBelow(total: number, count: number, random: Random): number[] {
  if (count >= total) return Array.from({ length: total }, (_, i) => i)
  const drawn = new Set<number>()
  for (let last = total - count; last < total; last++) {
    const candidate = random.below(last + 1)
    drawn.add(drawn.has(candidate) ? last : candidate)
  }
  return [...drawn]
}
