import type { Embeddings } from '../embeddings.js'

/** What a result calls the score of two images, for example `cosine similarity`. */
export function scoreName({ metric }: Pick<Embeddings, 'metric'>): string {
  return metric === 'dot' ? 'mean of the cosines of all combinations of views' : 'cosine similarity'
}

/** What a result calls an identity of several images that stands by one row, see `metrics.templates`. */
export function templateName({ metric }: Pick<Embeddings, 'metric'>): string {
  return metric === 'dot'
    ? 'the mean of its images, so that a score is the mean of the cosines of all their views'
    : 'the mean of its length-1 embeddings'
}
