/** Random changes of the images while training; every number is the limit of a uniform draw, one for each image. */
export interface AugmentOptions {
  /** Where the network's input is cut out of a larger image; at evaluation always the centre. Default `random`. */
  readonly crop?: 'random' | 'centre'
  /** Mirror every other image, left to right. Default false. */
  readonly flip?: boolean
  /** ± degrees, at most 180. Default 0. */
  readonly rotation?: number
  /** ± fraction, in [0, 1): zoom in [1 − scale, 1 + scale]. Default 0. */
  readonly scale?: number
  /** ± shear. Default 0. */
  readonly shear?: number
  /** ± fraction of half the side. Default 0. */
  readonly shift?: number
  /** What lies outside of the image, in [0, 1], after inversion. Default 0. */
  readonly fill?: number
  /** ± added to all pixels, in [0, 1] units. Default 0. */
  readonly brightness?: number
  /** ± fraction, in [0, 1]: differences from the image's mean are scaled by [1 − contrast, 1 + contrast]. Default 0. */
  readonly contrast?: number
  /** Deforms classes as a whole, before each image by itself. Default: not. */
  readonly classes?: ClassAugmentOptions
}

/**
 * Deformations that all images of a class have in common for a step: what is seen is a class that no data set holds, with the
 * differences between its images that real ones have. `rotatedClasses` without end, for few classes.
 */
export interface ClassAugmentOptions {
  /** Of the classes of a step, in [0, 1]; the others stay as they are. Default 1. */
  readonly share?: number
  /** ± degrees, at most 180. Default 0. */
  readonly rotation?: number
  /** ± fraction, in [0, 1), of height and of width, each for itself. Default 0. */
  readonly stretch?: number
  /** ± shear. Default 0. */
  readonly shear?: number
}

/** Augmentation with nothing left to defaults. */
export type Augment = Required<Omit<AugmentOptions, 'classes'>> & { readonly classes?: Required<ClassAugmentOptions> }

/** What stands for options left out of {@link ClassAugmentOptions}. */
const classAugmentDefaults = { share: 1, rotation: 0, stretch: 0, shear: 0 } as const

/** What stands for options left out: the images as they are. */
export const augmentDefaults = {
  crop: 'random',
  flip: false,
  rotation: 0,
  scale: 0,
  shear: 0,
  shift: 0,
  fill: 0,
  brightness: 0,
  contrast: 0,
} as const satisfies Augment

/** Fills in the defaults. */
export function resolveAugment({ classes, ...options }: AugmentOptions = {}): Augment {
  return { ...augmentDefaults, ...options, ...(classes && { classes: { ...classAugmentDefaults, ...classes } }) }
}
