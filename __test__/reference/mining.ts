/** Hard negative class mining as the reference describes it, everything computed anew at every step. */

export type Score = 'hingeSum' | 'max' | 'count' | 'similarity'

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, k) => sum + x * (b[k] as number), 0)
const length = (a: readonly number[]) => Math.sqrt(dot(a, a)) || 1

/** What candidate `c` scores against the classes `chosen`; f and p hold the two images of each class. */
export function scoreOf(
  score: Score,
  f: readonly (readonly number[])[],
  p: readonly (readonly number[])[],
  chosen: readonly number[],
  c: number,
): number {
  const [fc, pc] = [f[c] as number[], p[c] as number[]]
  const mean = (i: number) => (f[i] as number[]).map((x, k) => x + ((p[i] as number[])[k] as number))
  const terms = chosen.map((s) => {
    const [fs, ps] = [f[s] as number[], p[s] as number[]]
    const there = dot(fs, fc) - dot(fs, ps)
    const back = dot(fc, fs) - dot(fc, pc)
    const cosine = dot(mean(s), mean(c)) / (length(mean(s)) * length(mean(c)))
    return {
      ...{ hingeSum: Math.max(0, there) + Math.max(0, back), max: there },
      ...{ count: Number(there > 0) + Number(back > 0), similarity: cosine },
    }[score]
  })
  return score === 'max' || score === 'similarity' ? Math.max(...terms) : terms.reduce((a, b) => a + b, 0)
}
