import type { Dataset } from '../data/dataset.js'
import type { Embeddings } from '../embeddings.js'
import { Gallery } from '../native/gallery.js'
import { rowsAt } from '../protocols/rows.js'
import { Random } from '../random.js'

/** A query and its nearest images, nearest first; positions are those of `dataset.images`. */
export interface NearImages {
  query: number
  nearest: {
    position: number
    /** To the query, by the metric of the embeddings. */
    score: number
  }[]
}

/** Options of {@link nearImages}. */
export interface NearOptions {
  /** Queries at most; exact search among 100,000 images of 128 numbers takes seconds for as many as that. Default 20,000. */
  queries?: number
  /** Nearest images of each. Default 5. */
  neighbours?: number
  /** Default 0. */
  seed?: number
}

/**
 * Exact nearest images of queries drawn at random among those that have a mate, an image of each class first, then a second
 * of each: the first of them are of different classes.
 *
 * @param embeddings - `[dataset.length, d]`, row i the embedding of `dataset.images[i]`
 */
export async function nearImages(
  dataset: Dataset,
  embeddings: Embeddings,
  options: NearOptions = {},
): Promise<NearImages[]> {
  const { queries = 20_000, neighbours = 5, seed = 0 } = options
  const random = new Random(seed, 'report')
  const mated = random.shuffle(dataset.byClass().filter((images) => images.length >= 2))
  const turns = mated.flatMap((images) => Array.from(random.shuffle(images), (position, turn) => ({ position, turn })))
  const pool = turns.sort((a, b) => a.turn - b.turn).map(({ position }) => position)
  pool.length = Math.min(pool.length, queries)
  if (pool.length === 0) return []

  const asked = rowsAt(embeddings, pool)
  const gallery = await Gallery.open(embeddings, { metric: embeddings.metric, shortlist: 'auto' })
  try {
    const { ids, scores, k } = await gallery.nearest(asked, neighbours, undefined, Int32Array.from(pool))
    return pool.map((query, q) => ({
      query,
      nearest: Array.from(ids.subarray(q * k, (q + 1) * k), (position, i) => ({
        position,
        score: scores[q * k + i] as number,
      })).filter(({ position }) => position >= 0),
    }))
  } finally {
    await gallery.close()
  }
}
