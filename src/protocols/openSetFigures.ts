import type { Searches } from '../metrics/identification.js'
import { openSet } from '../metrics/openSet.js'
import { type FarRule, type Roc, tarAtFar } from '../metrics/roc.js'
import { rocCurve } from '../metrics/rocCurve.js'
import { figure } from './figure.js'
import { type IntervalOptions, intervals } from './intervals.js'
import type { Figure } from './result.js'

/** DIR at each false alarm rate that the probes without a mate can resolve. */
export interface OpenSetFigures {
  /** By name, `dir@far=…`. */
  readonly figures: Readonly<Record<string, Figure>>
  /** Rates that are too low for so few probes. */
  readonly unresolved: readonly number[]
  /** Of all probes; what curves are drawn from. */
  readonly roc: Roc
}

/**
 * @param searches - of all probes
 * @param identities - `[probes]` class of each, by which the intervals are drawn
 * @param classes - how many there are
 * @param label - what follows the rate in a figure's label
 */
export function openSetFigures(
  plan: Required<IntervalOptions> & { readonly far: readonly number[]; readonly farRule: FarRule },
  searches: Searches,
  identities: readonly number[],
  classes: number,
  label = '',
): OpenSetFigures {
  const roc = openSet(searches)
  const targets = plan.far.map((target) => ({ target, at: tarAtFar(roc, target, plan.farRule) }))
  const resolved = targets.flatMap(({ target, at }) => (at === undefined ? [] : [{ target, at }]))
  const spread = intervals(classes, resolved.length, plan, (weights) => {
    const own = identities.map((c) => weights[c] as number)
    const drawn = openSet(searches, 1, own)
    return resolved.map(({ target }) => tarAtFar(drawn, target, plan.farRule)?.tar ?? Number.NaN)
  })
  const figures = resolved.map(({ target, at }, i): [string, Figure] => [
    `dir@far=${target}`,
    figure('openSet', at.tar, {
      label: `DIR at false alarm rate ${target}${label}`,
      detail: `Here r = 1, t = ${at.threshold.toPrecision(4)}; false alarm rate reached: ${Number(at.far.toPrecision(4))}.`,
      interval: spread[i],
    }),
  ])
  const unresolved = targets.flatMap(({ target, at }) => (at === undefined ? [target] : []))
  return { figures: Object.fromEntries(figures), unresolved, roc }
}

/** DIR over the false alarm rate. */
export function dirCurve(opened: Roc): Record<string, number[]> {
  const { far, tar } = rocCurve(opened, 800)
  return { far, dir: tar }
}
