import type { PairHistogram } from './histogram.js'
import type { Roc } from './roc.js'

/**
 * ROC of scores that were only counted into bins: the points at the lower edges of the bins that hold any. Each is a point of the
 * curve of the scores themselves; between two of them a straight line stands for the scores of a bin, as if they tied.
 *
 * `TAR(t) = same(bins from t on) / genuine, FAR(t) = different(bins from t on) / impostor`
 *
 * @param histogram - with at least one pair of each kind, else rates are NaN
 * @example histogramRoc({ edges: [0, 1, 2, 3], same: [0, 1, 1], different: [2, 0, 0] })
 * // { thresholds: [Infinity, 2, 1, 0], far: [0, 0, 0, 1], tar: [0, 0.5, 1, 1], genuine: 2, impostor: 2 }
 */
export function histogramRoc({ edges, same, different }: PairHistogram): Roc {
  const [thresholds, accepted, wrong] = [[Number.POSITIVE_INFINITY], [0], [0]]
  let [genuine, impostor] = [0, 0]
  for (let bin = same.length - 1; bin >= 0; bin--) {
    if (same[bin] === 0 && different[bin] === 0) continue
    genuine += same[bin] as number
    impostor += different[bin] as number
    thresholds.push(edges[bin] as number)
    accepted.push(genuine)
    wrong.push(impostor)
  }
  return {
    thresholds: Float64Array.from(thresholds),
    far: Float64Array.from(wrong, (n) => n / impostor),
    tar: Float64Array.from(accepted, (n) => n / genuine),
    ...{ genuine, impostor },
  }
}
