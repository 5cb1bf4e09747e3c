import { join } from 'node:path'
import { NPairError } from '../errors.js'
import { writeFileAtomic } from '../files/atomic.js'
import { readBundle } from './bundle.js'
import type { Calibration } from './description.js'
import { sight, type Views } from './views.js'

export type { Calibration, MeasuredRate } from './description.js'

/**
 * Puts a calibration into a bundle's model.json, in the place of an earlier one, whole or not at all.
 *
 * @param weights - SHA-256 of the weights that were calibrated
 * @throws NPairError `BUNDLE_CORRUPT`, also where the bundle has got other weights since; `NOT_WRITABLE`
 */
export async function saveCalibration(path: string, calibration: Calibration, weights: string): Promise<void> {
  const { folder, description } = await readBundle(path)
  if (description.weights !== weights)
    throw new NPairError(
      'BUNDLE_CORRUPT',
      `${folder} has got other weights while it was calibrated: calibrate it again`,
    )
  await writeFileAtomic(join(folder, 'model.json'), `${JSON.stringify({ ...description, calibration }, null, 2)}\n`)
}

/**
 * The calibration that holds for a model.
 *
 * @param views - what the model sees an image in
 * @throws NPairError `NOT_CALIBRATED` where there is none, or one of other views
 */
export function requireCalibration(calibration: Calibration | undefined, views: Views): Calibration {
  if (calibration === undefined)
    throw new NPairError(
      'NOT_CALIBRATED',
      'This model has no threshold: measure one on images that it was not trained on (npair calibrate MODEL --data PATH --far 1e-3)',
    )
  if (sight(calibration.views) !== sight(views))
    throw new NPairError(
      'NOT_CALIBRATED',
      `The threshold of this model holds for ${sight(calibration.views)}, and it is loaded with ${sight(views)}: ` +
        'load it as it was calibrated, or calibrate it again',
    )
  return calibration
}
