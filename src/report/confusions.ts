import type { Dataset } from '../data/dataset.js'
import type { NearImages } from './nearImages.js'
import { pictureOf } from './picture.js'
import { packedPictures } from './pictureSource.js'

/** How often the nearest image of a class's images is of another class: only the classes where that is most often. */
export interface Confusions {
  /** Names of the classes shown. */
  classes: string[]
  /** `data:` URI of an image of each; empty for features without pictures. */
  pictures: string[]
  /** `[class][nearest]` queries of the class whose nearest image is of the other, the diagonal: of its own. */
  counts: number[][]
  /** Queries of each class shown; more than its row holds where classes that are not shown came nearest, too. */
  queries: number[]
  /** Queries in all, and those whose nearest image is of another class. */
  searched: number
  wrong: number
}

/**
 * The classes that are taken for each other most often, by the nearest image of each query. Pairs of classes come by their
 * queries taken either way, then by class number; their classes are shown until there are enough.
 *
 * @param near - what {@link nearImages} found
 * @param most - classes shown at most
 * @param source - of the pictures; default: the pixels as they are packed
 */
export async function confusions(
  dataset: Dataset,
  near: readonly NearImages[],
  most = 10,
  source = packedPictures(dataset),
): Promise<Confusions> {
  const queries = new Map<number, number>()
  const taken = new Map<string, number>()
  const pairs = new Map<string, { classes: [number, number]; count: number }>()
  let wrong = 0
  for (const { query, nearest } of near) {
    const first = nearest[0]
    if (first === undefined) continue
    const [own, other] = [dataset.labels[query] as number, dataset.labels[first.position] as number]
    queries.set(own, (queries.get(own) ?? 0) + 1)
    taken.set(`${own} ${other}`, (taken.get(`${own} ${other}`) ?? 0) + 1)
    if (own === other) continue
    wrong++
    const classes: [number, number] = [Math.min(own, other), Math.max(own, other)]
    const pair = pairs.get(classes.join(' ')) ?? { classes, count: 0 }
    pair.count++
    pairs.set(classes.join(' '), pair)
  }
  const ordered = [...pairs.values()].sort(
    (a, b) => b.count - a.count || a.classes[0] - b.classes[0] || a.classes[1] - b.classes[1],
  )
  const shown = new Set<number>()
  for (const { classes } of ordered) {
    const more = classes.filter((c) => !shown.has(c))
    if (shown.size + more.length > most) break
    for (const c of more) shown.add(c)
  }
  const classes = [...shown]
  const byClass = classes.length > 0 ? dataset.byClass() : []
  const examples = classes.map((c) => byClass[c]?.[0] as number)
  const pictures = source === undefined ? [] : examples.map(await pictureOf(source, examples))
  return {
    classes: classes.map((c) => dataset.classes[c] as string),
    pictures,
    counts: classes.map((own) => classes.map((other) => taken.get(`${own} ${other}`) ?? 0)),
    queries: classes.map((c) => queries.get(c) ?? 0),
    ...{ searched: near.length, wrong },
  }
}
