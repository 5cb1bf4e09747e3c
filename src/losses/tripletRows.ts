import { type Arrangement, byClass, byTuplet, wrongLabels } from './arrangement.js'
import type { Labels } from './loss.js'
import { pairRows } from './pairRows.js'

/** How losses over triplets want their rows. */
export function arrangeTriplets(triplets: string): (labels: Labels, count: number) => Arrangement {
  return (labels, count) => {
    if (triplets === 'given') return byTuplet(labels, count, 1)
    if (triplets !== 'paper') return byClass(labels, count, true)
    const arrangement = pairRows(labels, count, false)
    if (count < 4) throw wrongLabels('Expected two pairs or more for labels but received one')
    return arrangement
  }
}
