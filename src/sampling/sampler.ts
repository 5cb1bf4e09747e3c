/**
 * Which images make a batch. Implement it to bring a sampler of one's own: `train({ …, sampler })`.
 *
 * A sampler is a pure function of the number of the batch (and of its own seed): a run that is resumed asks for batch k
 * again and must get the same images.
 */
export interface Sampler {
  /**
   * @param step - number of the batch, from 0: that of the step, or where a step takes k batches (`batch.accumulate`) k·step,
   *   k·step + 1, …
   * @returns image ids (as in `dataset.images`) in the form that the run's `batch` says. Pairs: `[2N]`, N anchors of N different
   *   classes, then row for row another image of the same class, their positives. Class-balanced: `[P · M]`, the first image
   *   of each class, then the second of each, and so on. Tuplets: `[B · (2 + K)]`, pairs, then the first negative of each
   *   query, the second, and so on.
   */
  batch(step: number): Int32Array | Promise<Int32Array>
}
