import { requireInteger, requireNames } from '../config/require.js'
import { Embeddings } from '../embeddings.js'
import { invalidOption } from '../errors.js'
import { Gallery } from '../native/gallery.js'
import { requireEmbeddings } from './topK.js'

/** Options of {@link kMeans}. */
export interface KMeansOptions {
  /** Number of clusters, from 1 to the number of rows. */
  clusters: number
  /** How often it is begun anew; the best is kept. Default 3. */
  restarts?: number
  /** Most iterations of a beginning. Default 300. */
  iterations?: number
  /** Integer >= 0. Default 0. */
  seed?: number
  /** `[clusters, d]` centres to begin with instead of drawing them; then it is begun once. */
  centers?: Embeddings
}

/** A clustering. */
export interface Clustering {
  /** `[n]` cluster of each row: the nearest centre, of equally near ones the lower. */
  readonly labels: Int32Array
  /** `[clusters, d]` */
  readonly centers: Embeddings
  /** Sum of squared distances of the rows to their centres. */
  readonly inertia: number
  /** Iterations of the beginning that was kept. */
  readonly iterations: number
}

/**
 * k-means: seeded k-means++ beginnings (Arthur and Vassilvitskii 2007), then Lloyd's iterations until no row changes its cluster. A cluster
 * that has lost its rows takes the row that is farthest from its centre. Distances are Euclidean: give
 * `embeddings.normalized()` to cluster by cosine.
 *
 * @param embeddings - `[n, d]`, not to be changed meanwhile
 * @throws NPairError `INVALID_OPTION`
 */
export async function kMeans(embeddings: Embeddings, options: KMeansOptions): Promise<Clustering> {
  requireEmbeddings('embeddings', embeddings)
  requireNames('', options, ['clusters', 'restarts', 'iterations', 'seed', 'centers'])
  const { clusters, restarts = 3, iterations = 300, seed = 0, centers } = options
  requireInteger('clusters', clusters, 1)
  requireInteger('restarts', restarts, 1)
  requireInteger('iterations', iterations, 1)
  requireInteger('seed', seed, 0)
  if (clusters > embeddings.count) throw invalidOption('clusters', `at most ${embeddings.count}, the rows`, clusters)
  if (centers !== undefined) {
    requireEmbeddings('centers', centers, embeddings.size)
    if (centers.count !== clusters) throw invalidOption('centers', `${clusters} rows, as clusters says`, centers.count)
  }
  const gallery = await Gallery.open(embeddings, { metric: 'euclidean', shortlist: 'float32' }, 'embeddings')
  try {
    let best: Clustering | undefined
    for (let restart = 0; restart < (centers ? 1 : restarts); restart++) {
      const begin = centers?.data ?? (await seeds(gallery, embeddings, clusters, seed, restart))
      const found = await lloyd(gallery, begin, iterations)
      if (best === undefined || found.inertia < best.inertia) best = found
    }
    return best as Clustering
  } finally {
    await gallery.close()
  }
}

async function seeds(gallery: Gallery, rows: Embeddings, clusters: number, seed: number, restart: number) {
  const begin = new Embeddings(new Float32Array(clusters * rows.size), rows.size)
  const chosen = await gallery.kMeansSeeds(clusters, seed, restart)
  chosen.forEach((row, cluster) => {
    begin.row(cluster).set(rows.row(row))
  })
  return begin.data
}

async function lloyd(gallery: Gallery, begin: Float32Array, most: number): Promise<Clustering> {
  let centers = begin
  for (let iteration = 1; ; iteration++) {
    const step = await gallery.kMeansStep(centers)
    // Labels that stay give means that stay: the centres say both at once.
    if (iteration > most || step.centers.every((x, i) => x === centers[i]))
      return {
        labels: step.labels,
        centers: new Embeddings(centers, gallery.size),
        inertia: step.inertia,
        iterations: iteration - 1,
      }
    centers = step.centers
  }
}
