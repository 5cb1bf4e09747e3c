import { NPairError } from '../errors.js'
import { Random } from '../random.js'

/** Who is enrolled, and who is searched for. Positions in the dataset, ascending. */
export interface GallerySplit {
  gallery: number[]
  /** Probes of enrolled identities. */
  mated: number[]
  /** Probes of identities that the gallery does not hold. */
  unseen: number[]
}

/** How {@link closedSet} and {@link openSetSplit} choose. */
export interface GalleryChoice {
  galleryImages: 'one' | 'allButOne'
  seed: number
}

/**
 * Closed set: every identity is enrolled, those of a single image too (they are only in the way); the other images are
 * the probes.
 *
 * @param byClass - positions of the images of each class
 */
export function closedSet(byClass: readonly Int32Array[], choice: GalleryChoice): GallerySplit {
  const [gallery, mated]: [number[], number[]] = [[], []]
  byClass.forEach((images, c) => {
    const { enrolled, probes } = enrol(images, c, choice)
    for (const image of enrolled) gallery.push(image)
    for (const image of probes) mated.push(image)
  })
  return { gallery: gallery.sort(ascending), mated: mated.sort(ascending), unseen: [] }
}

/**
 * Open set: a seeded share of the identities with two images or more is kept out of the gallery, and every identity with
 * one; all their images are probes without a mate.
 *
 * @param unseen - share kept out, in [0, 1)
 * @throws NPairError `DATA_CLASSES` where nobody would be enrolled
 */
export function openSetSplit(byClass: readonly Int32Array[], unseen: number, choice: GalleryChoice): GallerySplit {
  const several = byClass.flatMap((images, c) => (images.length >= 2 ? [c] : []))
  const order = new Random(choice.seed, 'protocol', 0, 5).permutation(several.length)
  const out = new Set(Array.from(order.subarray(0, Math.round(unseen * several.length)), (i) => several[i] as number))
  if (out.size === several.length)
    throw new NPairError(
      'DATA_CLASSES',
      `Of ${several.length} classes with two images or more none would be enrolled: lower unseen`,
      { option: 'identification.unseen' },
    )
  const split: GallerySplit = { gallery: [], mated: [], unseen: [] }
  byClass.forEach((images, c) => {
    if (images.length < 2 || out.has(c)) {
      for (const image of images) split.unseen.push(image)
      return
    }
    const { enrolled, probes } = enrol(images, c, choice)
    for (const image of enrolled) split.gallery.push(image)
    for (const image of probes) split.mated.push(image)
  })
  return {
    gallery: split.gallery.sort(ascending),
    mated: split.mated.sort(ascending),
    unseen: split.unseen.sort(ascending),
  }
}

/** One image drawn by (seed, class) is enrolled and the others probe, or the other way round; a single image is enrolled. */
function enrol(images: Int32Array, c: number, { galleryImages, seed }: GalleryChoice) {
  const drawn = images[new Random(seed, 'protocol', c, 4).below(images.length)] as number
  const others = Array.from(images).filter((image) => image !== drawn)
  return galleryImages === 'one' || others.length === 0
    ? { enrolled: [drawn], probes: others }
    : { enrolled: others, probes: [drawn] }
}

function ascending(a: number, b: number): number {
  return a - b
}
