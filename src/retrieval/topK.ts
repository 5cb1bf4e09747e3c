import { requireInteger, requireNames, requireWord } from '../config/require.js'
import { Embeddings } from '../embeddings.js'
import { invalidOption } from '../errors.js'
import type { Neighbours } from '../metrics/neighbours.js'
import { Gallery, type Metric, type Shortlist } from '../native/gallery.js'

/** Options of {@link topK}. */
export interface TopKOptions {
  /** Neighbours of each query, an integer >= 1; no more than the gallery has rows. Default 10. */
  k?: number
  /** How near two rows are. Default: the gallery's own `metric`, `cosine` but for `fusion: 'scores'`. */
  metric?: Metric
  /** In what most of the gallery is ruled out: it changes the time, never the result. Default `auto`. */
  shortlist?: Shortlist
  /** Whether query i is row i of the gallery, and is not to find itself. Default false. */
  exceptSelf?: boolean
}

/**
 * The k nearest rows of a gallery for each query, exactly: scores are summed in float64, equally near rows come in the order
 * of the gallery. Nothing of the size queries × gallery is held. Metrics of neighbours take what it gives.
 *
 * @param queries - `[q, d]`
 * @param gallery - `[n, d]`; neither is copied, and neither may be changed meanwhile
 * @throws NPairError `INVALID_OPTION`, also for a row that is not finite or whose length is not 0 or 1e-12 to 1e12
 */
export async function topK(queries: Embeddings, gallery: Embeddings, options: TopKOptions = {}): Promise<Neighbours> {
  requireNames('', options, ['k', 'metric', 'shortlist', 'exceptSelf'])
  requireEmbeddings('gallery', gallery)
  const { k = 10, metric = gallery.metric, shortlist = 'auto', exceptSelf = false } = options
  requireEmbeddings('queries', queries, gallery.size)
  requireInteger('k', k, 1)
  requireMetric(metric)
  requireShortlist(shortlist)
  if (exceptSelf !== false && (exceptSelf !== true || queries.count !== gallery.count))
    throw invalidOption('exceptSelf', 'false, or true with as many queries as rows in the gallery', exceptSelf)
  const opened = await Gallery.open(gallery, { metric, shortlist })
  try {
    const except = exceptSelf ? Int32Array.from({ length: queries.count }, (_, i) => i) : undefined
    return await opened.nearest(queries, k, undefined, except)
  } finally {
    await opened.close()
  }
}

/** Refuses what is no Embeddings, or of another size where one is given. */
export function requireEmbeddings(name: string, value: unknown, size?: number): asserts value is Embeddings {
  if (!(value instanceof Embeddings)) throw invalidOption(name, 'Embeddings', value)
  if (size !== undefined && value.size !== size) throw invalidOption(`${name}.size`, `${size}, as the rows`, value.size)
}

export function requireMetric(metric: unknown): asserts metric is Metric {
  requireWord('metric', metric, ['cosine', 'dot', 'euclidean'])
}

export function requireShortlist(shortlist: unknown): asserts shortlist is Shortlist {
  requireWord('shortlist', shortlist, ['auto', 'float32', 'int8'])
}
