/** Slow and obvious: every threshold that could matter, each tried on every pair. */
export function bestThreshold(scores: number[], same: number[]): { threshold: number; accuracy: number } {
  const values = [...new Set(scores)].sort((a, b) => a - b)
  const candidates = [
    Number.NEGATIVE_INFINITY,
    ...values.slice(1).map((v, i) => ((values[i] as number) + v) / 2),
    Number.POSITIVE_INFINITY,
  ]
  const rights = candidates.map((t) => scores.filter((s, i) => s >= t === (same[i] === 1)).length)
  const best = Math.max(...rights)
  // Each candidate stands for the thresholds between its two neighbouring scores; runs of best ones are plateaus.
  const plateaus: { from: number; to: number }[] = []
  rights.forEach((right, c) => {
    if (right !== best) return
    const previous = plateaus.at(-1)
    if (previous !== undefined && previous.to === c - 1) previous.to = c
    else plateaus.push({ from: c, to: c })
  })
  const first = values[0] as number
  const last = values.at(-1) as number
  const spans = plateaus.map(({ from, to }) => {
    const low = from === 0 ? first : (values[from - 1] as number)
    const high = to === values.length ? last : (values[to] as number)
    return { low, high, threshold: high > low ? (low + high) / 2 : (candidates[from] as number) }
  })
  const longest = Math.max(...spans.map((s) => s.high - s.low))
  const chosen = spans.findLast((s) => s.high - s.low === longest) as (typeof spans)[number]
  return { threshold: chosen.threshold, accuracy: best / scores.length }
}

/** P(genuine > impostor) + ½ P(equal) by looking at every couple. */
export function mannWhitney(scores: number[], same: number[]): number {
  let sum = 0
  let couples = 0
  scores.forEach((genuine, g) => {
    scores.forEach((impostor, i) => {
      if (same[g] !== 1 || same[i] !== 0) return
      couples++
      sum += genuine > impostor ? 1 : genuine === impostor ? 0.5 : 0
    })
  })
  return sum / couples
}

/** Rates at one threshold, by counting. */
export function ratesAt(scores: number[], same: number[], threshold: number): { far: number; tar: number } {
  const accepted = (kind: number) => {
    const own = scores.filter((_, i) => same[i] === kind)
    return own.filter((s) => s >= threshold).length / own.length
  }
  return { far: accepted(0), tar: accepted(1) }
}
