import test from 'ava'
import { dPrime } from '../../src/metrics/dPrime.js'
import { Random } from '../../src/random.js'
import { list } from './exactRows.js'

/** Σ over all couples of (a − b)² / 2n(n − 1): a variance that needs no mean. */
function variance(values: number[]): number {
  const couples = values.flatMap((a) => values.map((b) => (a - b) ** 2))
  return couples.reduce((sum, x) => sum + x, 0) / (2 * values.length * (values.length - 1))
}

const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length

test('thousands of small cases, of few pairs, without spread, and weighted: the pairs written out as often as they count', (t) => {
  let [undefinedOnes, infinite] = [0, 0]
  for (let seed = 0; seed < 4000; seed++) {
    const random = new Random(seed, 'report')
    const count = random.below(9)
    const scores = list(random, count, 1 + random.below(4))
    const same = list(random, count, 2)
    const weights = seed % 2 === 0 ? undefined : list(random, count, 4)
    const side = (kind: number) =>
      scores.flatMap((score, p) =>
        same[p] === kind ? new Array<number>(weights === undefined ? 1 : (weights[p] as number)).fill(score) : [],
      )
    const [genuine, impostor] = [side(1), side(0)]
    const found = dPrime(scores, same, weights)
    const trace = JSON.stringify({ scores, same, weights })
    if (genuine.length < 2 || impostor.length < 2) {
      undefinedOnes++
      t.is(found, Number.NaN, trace)
      continue
    }
    const [between, within] = [mean(genuine) - mean(impostor), (variance(genuine) + variance(impostor)) / 2]
    if (within === 0) {
      if (between !== 0) infinite++
      t.is(found, between / 0, trace)
    } else t.true(Math.abs(found - between / Math.sqrt(within)) < 1e-12 * Math.max(1, Math.abs(found)), trace)
  }
  t.true(undefinedOnes > 500 && infinite > 20)
})
