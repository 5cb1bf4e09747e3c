/**
 * Slow and obvious: the threshold of EvalROC.m and OpenSetROC.m of BLUFR (Liao et al. 2014), as they say it
 * (github.com/happynear/FaceVerification, BLUFR/, commit 977a9140da8a). `genuine` are all scores of mates, also of those
 * that come at a bad rank.
 */
export function blufrThreshold(genuine: number[], impostors: number[], target: number): number {
  const [highest, lowest] = [Math.max(...impostors), Math.min(...impostors)]
  const n = Math.round(target * impostors.length)
  const above = genuine.filter((score) => score > highest)
  if (n === impostors.length) return Math.min(lowest, ...genuine) - Math.sqrt(Number.EPSILON)
  if (n > 0) return [...impostors].sort((a, b) => b - a)[n - 1] as number
  return above.length === 0 ? highest + Math.sqrt(Number.EPSILON) : (highest + Math.min(...above)) / 2
}

/** Fraction of the scores that it accepts. */
export const acceptedBy = (threshold: number, scores: number[]): number =>
  scores.filter((score) => score >= threshold).length / scores.length
