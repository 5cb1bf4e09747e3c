import type { Roc } from './roc.js'

/**
 * The ROC curve small enough to store and draw: inner points of straight horizontal and vertical runs are dropped
 * (exact), then at most about `points` are kept, evenly spread over linear and over logarithmic false accept rates,
 * each with its predecessor, so that no step of the staircase is cut.
 *
 * `kept = {i : not TAR_{i−1} = TAR_i = TAR_{i+1}, and not FAR_{i−1} = FAR_i = FAR_{i+1}}`
 *
 * @param points - at least 8
 * @returns rates in [0, 1], rising from (0, 0) to (1, 1)
 * @example rocCurve(roc([4, 3, 2, 1], [1, 1, 0, 0]), 100) // { far: [0, 0, 1], tar: [0, 1, 1] }
 */
export function rocCurve({ far, tar, impostor }: Roc, points: number): { far: number[]; tar: number[] } {
  const corners: number[] = []
  for (let i = 0; i < far.length; i++) {
    const inside = i > 0 && i + 1 < far.length
    const flat = inside && tar[i - 1] === tar[i] && tar[i] === tar[i + 1]
    const steep = inside && far[i - 1] === far[i] && far[i] === far[i + 1]
    if (!flat && !steep) corners.push(i)
  }
  let kept = corners
  if (corners.length > points) {
    const cells = Math.floor(points / 8)
    const cell = (i: number) => {
      const x = far[i] as number
      const linear = Math.floor(x * cells)
      const log = x === 0 ? -1 : Math.floor((1 + Math.log(x) / Math.log(impostor + 1)) * cells)
      const height = Math.floor((tar[i] as number) * cells)
      return `${linear} ${log} ${height}`
    }
    const marks = corners.map(cell)
    kept = corners.filter(
      (_, c) => c === 0 || c === corners.length - 1 || marks[c] !== marks[c - 1] || marks[c] !== marks[c + 1],
    )
  }
  return { far: kept.map((i) => far[i] as number), tar: kept.map((i) => tar[i] as number) }
}
