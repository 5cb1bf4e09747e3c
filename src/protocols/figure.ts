import { definitions, type MetricName } from '../metrics/definitions.js'
import type { Interval } from '../metrics/interval.js'
import type { Figure } from './result.js'

/**
 * A figure of a defined metric: unit, direction and definition come from `metrics.definitions`.
 *
 * @param label - a name that says more than the metric's own, for example its K
 * @param detail - what the definition leaves open here; put after it
 */
export function figure(
  metric: MetricName,
  value: number,
  more: { label?: string; detail?: string; standardError?: number; interval?: Interval | undefined } = {},
): Figure {
  const { version, label, unit, better, text } = definitions[metric]
  return {
    value,
    ...(more.standardError === undefined ? {} : { standardError: more.standardError }),
    ...(more.interval === undefined ? {} : { interval: more.interval }),
    ...{ unit, better, label: more.label ?? label },
    definition: more.detail === undefined ? text : `${text} ${more.detail}`,
    ...{ metric, metricVersion: version },
  }
}
