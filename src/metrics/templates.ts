import { requireLength } from '../config/require.js'
import { Embeddings } from '../embeddings.js'

/**
 * One row an identity: the mean of its images' embeddings, each first made to length 1 so that none outweighs another. Embeddings whose
 * `metric` is `dot` are averaged as they are, so that the score stays the mean of all cosines.
 *
 * `template_c = 1/n_c Σ_{i : labels_i = c} x_i / |x_i|`
 *
 * @param embeddings - `[n, d]`
 * @param labels - `[n]` identity of each row
 * @returns `embeddings` `[identities, d]`, and `labels`, ascending
 * @throws NPairError `INVALID_OPTION` where there is not one label a row
 * @example templates(new Embeddings(Float32Array.of(2, 0, 0, 3, 1, 0), 2), [8, 8, 1]).labels // [1, 8]
 */
export function templates(
  embeddings: Embeddings,
  labels: ArrayLike<number>,
): { embeddings: Embeddings; labels: number[] } {
  requireLength('labels', labels, embeddings.count)
  const identities = [...new Set(Array.from(labels))].sort((a, b) => a - b)
  const at = new Map(identities.map((label, i) => [label, i]))
  const counts = new Float64Array(identities.length)
  const sums = new Float64Array(identities.length * embeddings.size)
  let row = 0
  for (const unit of embeddings.comparable()) {
    const i = at.get(labels[row++] as number) as number
    counts[i] = (counts[i] as number) + 1
    for (let k = 0; k < unit.length; k++)
      sums[i * unit.length + k] = (sums[i * unit.length + k] as number) + (unit[k] as number)
  }
  const means = Float32Array.from(sums, (sum, j) => sum / (counts[Math.floor(j / embeddings.size)] as number))
  return { embeddings: new Embeddings(means, embeddings.size, embeddings.metric), labels: identities }
}
