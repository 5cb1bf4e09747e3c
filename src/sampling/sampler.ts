/**
 * Which images make a batch. Implement it to bring a sampler of one's own: `train({ …, sampler })`.
 *
 * A sampler is a pure function of the step (and of its own seed): a run that is resumed asks for step k again and must
 * get the same batch.
 */
export interface Sampler {
  /**
   * @param step - from 0
   * @returns `[2N]` image ids (as in `dataset.images`): N anchors of N different classes, then row for row another image
   *   of the same class, their positives
   */
  batch(step: number): Int32Array | Promise<Int32Array>
}
