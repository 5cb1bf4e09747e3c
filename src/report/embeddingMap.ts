import type { Dataset } from '../data/dataset.js'
import type { Embeddings } from '../embeddings.js'
import { rowsAt } from '../protocols/rows.js'
import { Random } from '../random.js'
import { type ContactSheet, contactSheet } from './contactSheet.js'
import { type PictureSource, packedPictures } from './pictureSource.js'

/** Embeddings of some classes in the plane, in two ways. */
export interface EmbeddingMap {
  /** Names of the classes shown. */
  classes: string[]
  /** Classes that there are. */
  classCount: number
  /** The images shown, classes one after the other. */
  images: { name: string /** Index into `classes`. */; c: number }[]
  /** Their thumbnails in this order; none for features. */
  sheet?: ContactSheet
  /** Rows of `images`, each scaled so that the longer side of what is drawn is 1. */
  pca: { points: [number, number][] /** Share of the variance in the plane, in [0, 1]. */; explained: number }
  umap: { points: [number, number][] }
}

/** Options of {@link embeddingMap}. */
export interface MapOptions {
  /** Classes shown, drawn at random of those with two images or more. Default 20. */
  classes?: number
  /** Images of each at most, drawn at random. Default 20. */
  images?: number
  /** Default 0. */
  seed?: number
  /** Of the pictures. Default: the pixels as they are packed. */
  source?: PictureSource | undefined
}

/** Fewest images that UMAP's graph of neighbours says something about. */
const fewest = 8

/**
 * Places images of some classes in the plane by their embeddings scaled to length 1: by PCA, the plane of most variance, and
 * by UMAP (McInnes et al. 2018; 15 neighbours, least distance 0.5, so that points can be told apart), which keeps neighbours together and means nothing by its
 * large distances. The same embeddings and seed give the same maps.
 *
 * @param embeddings - `[dataset.length, d]`
 * @param pictures - whether the images are something to look at
 * @returns nothing where there are fewer than 8 images or 2 numbers in an embedding
 */
export async function embeddingMap(
  dataset: Dataset,
  embeddings: Embeddings,
  pictures: boolean,
  options: MapOptions = {},
): Promise<EmbeddingMap | undefined> {
  const { classes = 20, images = 20, seed = 0, source = packedPictures(dataset) } = options
  const random = new Random(seed, 'report', 1)
  const byClass = dataset.byClass()
  const several = byClass.flatMap((own, c) => (own.length >= 2 ? [c] : []))
  const drawn = random
    .shuffle(several)
    .slice(0, classes)
    .sort((a, b) => a - b)
  const shown = drawn.flatMap((label, c) =>
    Array.from(random.shuffle(Int32Array.from(byClass[label] as Int32Array)).subarray(0, images), (position) => ({
      position,
      c,
    })),
  )
  if (shown.length < fewest || embeddings.size < 2) return undefined
  const positions = shown.map(({ position }) => position)
  const rows = Array.from(rowsAt(embeddings, positions).normalized(), (row) => Array.from(row))
  return {
    classes: drawn.map((label) => dataset.classes[label] as string),
    classCount: byClass.length,
    images: shown.map(({ position, c }) => ({ name: dataset.imageName(position), c })),
    ...(pictures && source && { sheet: await contactSheet(source, positions) }),
    pca: await principalPlane(rows),
    umap: { points: await umapPlane(rows, new Random(seed, 'report', 2)) },
  }
}

/**
 * The plane through the mean that holds most of the variance; each axis turned so that its largest deviation is positive.
 *
 * @param rows - `[n][d]`
 */
export async function principalPlane(rows: number[][]): Promise<EmbeddingMap['pca']> {
  const { PCA } = await import('ml-pca')
  const pca = new PCA(rows)
  const plane = pca.predict(rows, { nComponents: 2 }).to2DArray()
  const signs = [0, 1].map((axis) =>
    Math.sign(plane.reduce((most, p) => (Math.abs(p[axis] ?? 0) > Math.abs(most) ? (p[axis] ?? 0) : most), 0)),
  )
  const [first = 0, second = 0] = pca.getExplainedVariance()
  return {
    points: fitted(plane.map((p) => [(p[0] ?? 0) * (signs[0] as number), (p[1] ?? 0) * (signs[1] as number)])),
    // All rows equal: there is no variance to explain.
    explained: Number.isFinite(first + second) ? first + second : 0,
  }
}

async function umapPlane(rows: number[][], random: Random): Promise<[number, number][]> {
  const { UMAP } = await import('umap-js')
  const umap = new UMAP({
    ...{ nComponents: 2, nNeighbors: Math.min(15, rows.length - 1), minDist: 0.5 },
    random: () => random.uniform(),
  })
  return fitted(umap.fit(rows).map((p) => [p[0] as number, p[1] as number]))
}

/** Moved and scaled alike in both directions into the unit square's middle, to four digits: what a plot can show. */
function fitted(points: [number, number][]): [number, number][] {
  const range = ([0, 1] as const).map((axis) => {
    const values = points.map((p) => p[axis])
    return { low: Math.min(...values), high: Math.max(...values) }
  }) as [{ low: number; high: number }, { low: number; high: number }]
  const side = Math.max(...range.map(({ low, high }) => high - low)) || 1
  const place = (value: number, { low, high }: { low: number; high: number }) =>
    Number((0.5 + (value - (low + high) / 2) / side).toFixed(4))
  return points.map(([x, y]) => [place(x, range[0]), place(y, range[1])])
}
