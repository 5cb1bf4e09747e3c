import { join } from 'node:path'
import { requireObject } from '../config/require.js'
import { NPairError } from '../errors.js'
import { writeFileAtomic } from '../files/atomic.js'
import type { Interval } from '../metrics/interval.js'
import { readBundle } from './bundle.js'
import { isViews, sight, type Views } from './views.js'

/** A rate that was measured, in [0, 1], and where the true one lies, were other classes drawn. */
export interface MeasuredRate {
  readonly value: number
  /** Left out where no resample was asked for. */
  readonly interval?: Interval
}

/** From which score on a model calls two images the same, and how often that is wrong: measured, and kept in the bundle. */
export interface Calibration {
  /** A cosine, or with `fusion: 'scores'` a mean of cosines: "same" if and only if the score is at or above it. */
  readonly threshold: number
  /** The false accept rate that was asked for, in (0, 1]. */
  readonly target: number
  /** False accept rate at the threshold. */
  readonly far: MeasuredRate
  /** True accept rate at the threshold. */
  readonly tar: MeasuredRate
  readonly genuinePairs: number
  readonly impostorPairs: number
  /** Classes that the pairs are of. */
  readonly classes: number
  /** What the images were seen in: scores of other views have another scale. */
  readonly views: Views
  /** What it was measured on: SHA-256 of the pack. */
  readonly data: { readonly type: string; readonly path?: string; readonly pack: string }
}

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

function isRate(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= 1
}

/** What is wrong with a calibration that was read; undefined for a good one. */
export function whatIsWrongWithCalibration(value: unknown): string | undefined {
  try {
    requireObject('calibration', value)
    const { threshold, target, far, tar, genuinePairs, impostorPairs, views, data } = value
    if (!Number.isFinite(threshold)) return 'calibration.threshold is no number'
    if (!isRate(target) || target === 0) return 'calibration.target is no rate in (0, 1]'
    for (const [name, rate] of Object.entries({ far, tar })) {
      requireObject(`calibration.${name}`, rate)
      if (!isRate(rate.value)) return `calibration.${name} is no rate in [0, 1]`
    }
    if (![genuinePairs, impostorPairs].every((n) => Number.isSafeInteger(n) && (n as number) > 0))
      return 'calibration counts no pairs'
    requireObject('calibration.views', views)
    if (!isViews(views)) return 'calibration.views are not mirror, shifts, crops and fusion'
    requireObject('calibration.data', data)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
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
