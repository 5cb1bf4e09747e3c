import { invalidOption } from '../errors.js'

/**
 * From the uint8 pixels of a pack to what the network sees: x/255, inverted where asked, then (x − mean)/std; of features only the
 * latter, in their own units.
 */
export interface PreprocessOptions {
  /** x becomes 1 − x, so that ink on paper is 1 on 0. Default false. */
  readonly invert?: boolean
  /** Subtracted, one number for all channels or one each; in [0, 1] units, after inversion. Default 0. */
  readonly mean?: number | readonly number[]
  /** Divided by, > 0, one number for all channels or one each. Default 1. */
  readonly std?: number | readonly number[]
}

/** The same with nothing left to defaults; mean and std hold one number a channel, or of features one for all or one a column. */
export interface Preprocess {
  readonly invert: boolean
  readonly mean: readonly number[]
  readonly std: readonly number[]
}

/**
 * Fills in the defaults for images of `channels` channels.
 *
 * @param features - whether these are the columns of features, of which one number stays one number
 * @throws NPairError `INVALID_OPTION` if mean or std have another number of channels
 */
export function resolvePreprocess(options: PreprocessOptions = {}, channels: number, features = false): Preprocess {
  const { invert = false, mean = 0, std = 1 } = options
  const perChannel = (name: string, value: number | readonly number[]): readonly number[] => {
    if (typeof value === 'number') return Array.from({ length: features ? 1 : channels }, () => value)
    if (value.length !== channels)
      throw invalidOption(`preprocess.${name}`, `one number, or ${channels} (one a channel),`, value)
    return [...value]
  }
  return { invert, mean: perChannel('mean', mean), std: perChannel('std', std) }
}
