import type { Dataset } from '../data/dataset.js'
import { NPairError } from '../errors.js'

/** What becomes of classes with too few images: left out, or an error. */
export type SmallClasses = 'drop' | 'refuse'

/** The classes that batches can be made of. */
export interface UsableClasses {
  /** Label → positions of the class's images in the data. */
  readonly classes: ReadonlyMap<number, Int32Array>
  /** Classes left out because they have too few images. */
  readonly dropped: number
}

/**
 * The classes with at least `images` images; `option` asks for `count` of them.
 *
 * @throws NPairError `DATA_CLASSES` if there are fewer, or if others are refused
 */
export function usableClasses(
  dataset: Dataset,
  wanted: { count: number; images: number; option: string; small?: SmallClasses | undefined },
): UsableClasses {
  const { count, images, option, small = 'drop' } = wanted
  const least = images === 2 ? 'two images' : `${images} images`
  const all = dataset.byClass()
  const classes = new Map([...all.entries()].filter(([, positions]) => positions.length >= images))
  const dropped = all.length - classes.size
  if (classes.size < count)
    throw new NPairError(
      'DATA_CLASSES',
      `${option} asks for ${count} classes with at least ${least} each, but the data has ${classes.size} ` +
        `(${dropped} of ${all.length} classes have fewer)`,
      { option },
    )
  if (small === 'refuse' && dropped > 0) {
    const label = all.findIndex((positions) => positions.length < images)
    throw new NPairError(
      'DATA_CLASSES',
      `Expected at least ${least} in every class (batch.smallClasses is 'refuse') but ${dropped} of ${all.length} classes ` +
        `have fewer, ${dataset.classes[label]} for one has ${all[label]?.length}`,
      { option: 'batch.smallClasses' },
    )
  }
  return { classes, dropped }
}
