import { requireInteger } from '../config/require.js'
import { bootstrap } from '../metrics/bootstrap.js'
import type { Interval } from '../metrics/interval.js'

/** How a protocol's intervals are made. */
export interface IntervalOptions {
  /** Bootstrap resamples of classes for the 95 % interval of each figure; 0 for none. Default 200. */
  bootstrap?: number
  /** Seed of all that is drawn. Default 0. */
  seed?: number
}

/** The options with their defaults, checked; `name` is the protocol's. */
export function resolveIntervals(name: string, options: IntervalOptions): Required<IntervalOptions> {
  const { bootstrap = 200, seed = 0 } = options
  requireInteger(`${name}.bootstrap`, bootstrap, 0)
  requireInteger(`${name}.seed`, seed, 0)
  return { bootstrap, seed }
}

/** What a result says of its intervals; begins with a space, empty without any. */
export function intervalSentence({ bootstrap }: Required<IntervalOptions>, of = 'classes'): string {
  return bootstrap === 0
    ? ''
    : ` In brackets: 95 % intervals, percentiles of ${bootstrap} bootstrap resamples of ${of}.`
}

/** A result's definition without that sentence; what a model sees of an image may stand after it. */
export function withoutIntervalSentence(definition: string): string {
  return definition.replace(/ In brackets: 95 % intervals, [^.]*\./, '')
}

/**
 * 95 % bootstrap intervals of any figures over classes.
 *
 * @param classes - number of classes, at least 1
 * @param count - number of figures
 * @param statistic - figures where class c occurs `weights[c]` times
 */
export function intervals(
  classes: number,
  count: number,
  { bootstrap: samples, seed }: Required<IntervalOptions>,
  statistic: (weights: Int32Array) => readonly number[],
): (Interval | undefined)[] {
  return samples === 0 ? new Array<undefined>(count).fill(undefined) : bootstrap(classes, statistic, { samples, seed })
}

/**
 * 95 % bootstrap intervals of means over items of classes: items of one class are drawn together.
 *
 * @param columns - `[figures][items]` values; NaN is left out of its mean
 * @param labels - `[items]` class in [0, classes)
 */
export function meanIntervals(
  columns: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
  classes: number,
  options: Required<IntervalOptions>,
): (Interval | undefined)[] {
  const perClass = columns.map((values) => {
    const sums = new Float64Array(classes)
    const counts = new Float64Array(classes)
    for (let i = 0; i < values.length; i++) {
      if (Number.isNaN(values[i])) continue
      const label = labels[i] as number
      sums[label] = (sums[label] as number) + (values[i] as number)
      counts[label] = (counts[label] as number) + 1
    }
    return { sums, counts }
  })
  return intervals(classes, columns.length, options, (weights) =>
    perClass.map(({ sums, counts }) => {
      let [sum, count] = [0, 0]
      for (let c = 0; c < classes; c++) {
        sum += (weights[c] as number) * (sums[c] as number)
        count += (weights[c] as number) * (counts[c] as number)
      }
      return sum / count
    }),
  )
}
