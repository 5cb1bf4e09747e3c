import { cmc } from '../metrics/cmc.js'
import { figure } from './figure.js'
import { type IntervalOptions, meanIntervals } from './intervals.js'
import type { Figure } from './result.js'

/**
 * Rank-k and the whole curve.
 *
 * @param found - `[probes]` rank of each, all with a mate
 * @param identities - `[probes]` class of each, by which the intervals are drawn
 * @param classes - how many there are
 * @param text - what follows k in a figure's label and detail
 */
export function rankFigures(
  plan: Required<IntervalOptions> & { readonly ranks: readonly number[] },
  found: Int32Array,
  identities: readonly number[],
  classes: number,
  text: { label: string; detail: string },
): { figures: Record<string, Figure>; curve: { rank: number[]; rate: number[] } } {
  const rates = Array.from(cmc(found, Math.max(...plan.ranks)))
  const hits = plan.ranks.map((k) => Float64Array.from(found, (rank) => (rank <= k ? 1 : 0)))
  const spread = meanIntervals(hits, identities, classes, plan)
  const figures = plan.ranks.map((k, i): [string, Figure] => [
    `rank${k}`,
    figure('cmc', rates[k - 1] as number, {
      label: `Rank-${k}${text.label}`,
      detail: `Here k = ${k}${text.detail}`,
      interval: spread[i],
    }),
  ])
  return { figures: Object.fromEntries(figures), curve: { rank: rates.map((_, k) => k + 1), rate: rates } }
}
