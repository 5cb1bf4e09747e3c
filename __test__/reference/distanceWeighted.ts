import { philox } from '../../src/random.js'
import type { Triple } from './losses.js'

const unit = (row: readonly number[]) => row.map((x) => x / Math.hypot(...row))

/** With what probability each row is drawn as a negative of row `a` (Wu et al. 2017), by plain sums. */
export function distanceWeights(rows: readonly (readonly number[])[], labels: readonly number[], a: number): number[] {
  const size = rows[0]?.length ?? 0
  const own = unit(rows[a] as number[])
  const distance = (j: number) =>
    Math.sqrt(unit(rows[j] as number[]).reduce((sum, x, k) => sum + (x - (own[k] as number)) ** 2, 0))
  const isNegative = (j: number) => labels[j] !== labels[a]
  const logs = rows.map((_, j) => {
    const d = Math.max(0.5, distance(j))
    return isNegative(j) && d < 1.4
      ? (2 - size) * Math.log(d) - ((size - 3) / 2) * Math.log(1 - d ** 2 / 4)
      : Number.NEGATIVE_INFINITY
  })
  const top = Math.max(...logs)
  const weights = logs.map((x, j) => (top === Number.NEGATIVE_INFINITY ? Number(isNegative(j)) : Math.exp(x - top)))
  const total = weights.reduce((sum, w) => sum + w, 0)
  return weights.map((w) => w / total)
}

/** Which triplets are drawn at a step: of each anchor and positive one, the k-th number of the anchor's stream decides. */
export function distanceWeightedTriplets(
  rows: readonly (readonly number[])[],
  labels: readonly number[],
  [seed, step]: readonly [number, number] = [0, 0],
): Triple[] {
  return rows.flatMap((_, a): Triple[] => {
    const positives = [...rows.keys()].filter((j) => j !== a && labels[j] === labels[a])
    if (labels.every((label) => label === labels[a])) return []
    const weights = distanceWeights(rows, labels, a)
    return positives.map((p, k): Triple => {
      const words = philox([Math.floor(k / 4), 1, a, step], [seed, 6 << 24])
      let left = (words[k % 4] as number) / 2 ** 32
      const last = weights.findLastIndex((w) => w > 0)
      const n = weights.findIndex((w, j) => {
        left -= w
        return left < 0 || j === last
      })
      return [a, p, n]
    })
  })
}
