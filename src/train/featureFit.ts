import { augmentDefaults } from '../config/augment.js'
import type { ResolvedTrainOptions } from '../config/trainOptions.js'
import { invalidOption } from '../errors.js'

/**
 * Refuses options that only images have a meaning for, where features are trained on.
 *
 * @throws NPairError `INVALID_OPTION` naming the option
 */
export function requireFeatureOptions({
  augment,
  preprocess,
  mirror,
}: Pick<ResolvedTrainOptions, 'augment' | 'preprocess' | 'mirror'>): void {
  for (const [name, none] of Object.entries({ ...augmentDefaults, classes: undefined })) {
    const value = augment[name as keyof typeof augment]
    if (value !== none) throw invalidOption(`augment.${name}`, 'no value for features, which are no images,', value)
  }
  if (preprocess.invert) throw invalidOption('preprocess.invert', 'false for features, which are no images,', true)
  if (mirror) throw invalidOption('mirror', 'false for features, which are no images,', true)
}
