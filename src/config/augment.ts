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
}

/** Augmentation with nothing left to defaults. */
export type Augment = Required<AugmentOptions>

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
