import type { Dataset } from '../data/dataset.js'
import { datasetPixels } from '../data/pixels.js'
import type { Embeddings } from '../embeddings.js'
import { dot } from '../metrics/dot.js'
import { Random } from '../random.js'
import { picture } from './picture.js'

/** An image to look at. */
export interface GalleryImage {
  /** Path within the source. */
  name: string
  /** Class. */
  label: string
  /** `data:` URI. */
  picture: string
}

/** A query and what came nearest. */
export interface GalleryRow {
  query: GalleryImage
  neighbours: (GalleryImage & {
    /** Cosine similarity to the query. */
    score: number
    /** Whether it is of the query's class. */
    correct: boolean
  })[]
}

/** Pictures of what an embedder finds alike. */
export interface Gallery {
  /** Queries drawn at random, one a class where there are classes enough. */
  drawn: GalleryRow[]
  /** Queries whose nearest image is of another class, the most confident first. */
  mistakes: GalleryRow[]
  /** Random queries that mistakes were looked for among. */
  searched: number
}

/** Options of {@link gallery}. */
export interface GalleryOptions {
  /** Queries drawn at random. Default 12. */
  queries?: number
  /** Mistakes shown at most. Default 6. */
  mistakes?: number
  /** Random queries that mistakes are looked for among: time grows with it times the images. Default 500. */
  searched?: number
  /** Nearest images shown of each. Default 5. */
  neighbours?: number
  /** Default 0. */
  seed?: number
}

interface Near {
  query: number
  nearest: { position: number; score: number }[]
}

/**
 * Queries with their nearest neighbours as pictures: some drawn at random, and the most confident mistakes.
 *
 * @param embeddings - `[dataset.length, d]`, row i the embedding of `dataset.images[i]`
 */
export async function gallery(
  dataset: Dataset,
  embeddings: Embeddings,
  options: GalleryOptions = {},
): Promise<Gallery> {
  const { queries = 12, mistakes = 6, searched = 500, neighbours = 5, seed = 0 } = options
  const random = new Random(seed, 'report')
  const mated = random.shuffle(dataset.byClass().filter((images) => images.length >= 2))
  // One image of each class, then a second of each, …: the first `queries` of them are of different classes if possible.
  const order = mated.flatMap((images) => Array.from(random.shuffle(images), (position, turn) => ({ position, turn })))
  const candidates = order.sort((a, b) => a.turn - b.turn).map(({ position }) => position)
  const pool = candidates.slice(0, Math.max(queries, searched))

  const rows = Array.from(embeddings.normalized())
  const near = pool.map((query): Near => ({ query, nearest: nearest(rows, query, neighbours) }))
  const right = ({ query }: Near, position: number) => dataset.labels[query] === dataset.labels[position]
  const wrong = near.filter((n) => n.nearest[0] !== undefined && !right(n, n.nearest[0].position))
  wrong.sort((a, b) => (b.nearest[0]?.score ?? 0) - (a.nearest[0]?.score ?? 0))

  const shown = { drawn: near.slice(0, queries), mistakes: wrong.slice(0, mistakes) }
  const positions = [...shown.drawn, ...shown.mistakes].flatMap((n) => [n.query, ...n.nearest.map((x) => x.position)])
  const unique = [...new Set(positions)]
  const pixels = await datasetPixels(dataset, unique)
  const pictures = new Map<number, string>()
  for (const [i, position] of unique.entries())
    pictures.set(position, await picture(pixels[i] as Uint8Array, dataset.pack))

  const image = (position: number): GalleryImage => ({
    name: dataset.imageName(position),
    label: dataset.classes[dataset.labels[position] as number] as string,
    picture: pictures.get(position) as string,
  })
  const row = (n: Near): GalleryRow => ({
    query: image(n.query),
    neighbours: n.nearest.map(({ position, score }) => ({ ...image(position), score, correct: right(n, position) })),
  })
  return { drawn: shown.drawn.map(row), mistakes: shown.mistakes.map(row), searched: pool.length }
}

/** The `count` rows most like a query, itself taken out by its index, equal ones by lower index. */
function nearest(rows: Float32Array[], query: number, count: number): Near['nearest'] {
  const own = rows[query] as Float32Array
  const best: Near['nearest'] = []
  rows.forEach((row, position) => {
    const score = position === query ? Number.NEGATIVE_INFINITY : dot(own, row)
    if (position === query || (best.length === count && score <= (best.at(-1)?.score ?? 0))) return
    let at = best.length
    while (at > 0 && (best[at - 1]?.score as number) < score) at--
    best.splice(at, 0, { position, score })
    best.length = Math.min(best.length, count)
  })
  return best
}
