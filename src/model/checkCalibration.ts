import { requireObject } from '../config/require.js'
import { isViews } from './views.js'

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
