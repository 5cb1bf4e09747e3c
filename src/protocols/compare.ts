import { invalidOption } from '../errors.js'
import type { BootstrapOptions } from '../metrics/bootstrap.js'
import { type PairedDifference, pairedBootstrap } from '../metrics/compare.js'
import { mean } from '../metrics/statistics.js'
import { embedAll, embedCohort } from './evaluate.js'
import type { Embedder, Protocol } from './protocol.js'

/** Two models on the same items of a protocol. */
export interface Comparison extends PairedDifference {
  /** What was counted on each item. */
  label: string
  /** Mean of the first model. */
  first: number
  /** Mean of the second model. */
  second: number
  /** Items. */
  items: number
}

/**
 * Which of two models is better by a protocol's headline, and whether the data can tell: paired bootstrap over classes,
 * both models on the very same items.
 *
 * @param protocol - `verification`, `pairs`, `retrieval`, `identification`, `lists`, `recognition`, `reId` or `oneShot`, or one's own with `outcomes`
 * @throws NPairError `INVALID_OPTION`; `NON_FINITE` as {@link evaluate}
 */
export async function compare(
  first: Embedder,
  second: Embedder,
  protocol: Protocol,
  options: BootstrapOptions = {},
): Promise<Comparison> {
  if (protocol.outcomes === undefined) throw invalidOption('protocol', 'a protocol with outcomes', protocol.plan.type)
  const one = await protocol.outcomes(await embedAll(first, protocol), await embedCohort(first, protocol))
  const two = await protocol.outcomes(await embedAll(second, protocol), await embedCohort(second, protocol))
  const found = pairedBootstrap(one.values, two.values, one.identities, options, one.others)
  return { label: one.label, first: mean(one.values), second: mean(two.values), items: one.values.length, ...found }
}
