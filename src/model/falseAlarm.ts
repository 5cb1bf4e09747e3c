import { wilsonOfMean } from '../metrics/interval.js'
import type { Calibration } from './calibration.js'

/**
 * The chance that someone whom an index lacks is called known, in [0, 1], were the false accept rate as high as its 95 %
 * interval allows: that upper end times the rows. It is never below Wilson's for independent pairs, so that no rate counts as 0
 * for having been measured as 0.
 *
 * @param rows - of the index
 */
export function falseAlarm({ far, impostorPairs }: Pick<Calibration, 'far' | 'impostorPairs'>, rows: number): number {
  const most = Math.max(far.interval?.high ?? 0, wilsonOfMean(far.value, impostorPairs).high)
  return Math.min(1, most * rows)
}
