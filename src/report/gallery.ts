import type { Dataset } from '../data/dataset.js'
import { invalidOption } from '../errors.js'
import type { NearImages } from './nearImages.js'
import { pictureOf } from './picture.js'
import { type PictureSource, packedPictures } from './pictureSource.js'

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
    /** To the query: cosine similarity, or what the gallery's `score` says. */
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
  /** What the scores are. Default: cosine similarity. */
  score?: string
}

/** Options of {@link gallery}. */
export interface GalleryOptions {
  /** Queries drawn at random. Default 12. */
  queries?: number
  /** Mistakes shown at most. Default 6. */
  mistakes?: number
  /** Default: the pixels as they are packed. */
  source?: PictureSource | undefined
  /** What the scores are. Default: cosine similarity. */
  score?: string
}

/**
 * Queries with their nearest neighbours as pictures: some drawn at random, and the most confident mistakes.
 *
 * @param near - what {@link nearImages} found: mistakes are looked for among all of it
 * @throws NPairError `INVALID_OPTION` for features without a source
 */
export async function gallery(
  dataset: Dataset,
  near: readonly NearImages[],
  options: GalleryOptions = {},
): Promise<Gallery> {
  const { queries = 12, mistakes = 6, source = packedPictures(dataset), score } = options
  if (source === undefined) throw invalidOption('source', 'where the pictures of features come from', source)
  const right = ({ query }: NearImages, position: number) => dataset.labels[query] === dataset.labels[position]
  const wrong = near.filter((n) => n.nearest[0] !== undefined && !right(n, n.nearest[0].position))
  wrong.sort((a, b) => (b.nearest[0]?.score ?? 0) - (a.nearest[0]?.score ?? 0))

  const shown = { drawn: near.slice(0, queries), mistakes: wrong.slice(0, mistakes) }
  const positions = [...shown.drawn, ...shown.mistakes].flatMap((n) => [n.query, ...n.nearest.map((x) => x.position)])
  const pictures = await pictureOf(source, positions)

  const image = (position: number): GalleryImage => ({
    name: dataset.imageName(position),
    label: dataset.classes[dataset.labels[position] as number] as string,
    picture: pictures(position),
  })
  const row = (n: NearImages): GalleryRow => ({
    query: image(n.query),
    neighbours: n.nearest.map(({ position, score }) => ({ ...image(position), score, correct: right(n, position) })),
  })
  return {
    ...{ drawn: shown.drawn.map(row), mistakes: shown.mistakes.map(row), searched: near.length },
    ...(score !== undefined && { score }),
  }
}
