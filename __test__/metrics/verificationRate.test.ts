import test from 'ava'
import { verificationSuccesses } from '../../src/metrics/verificationRate.js'
import { Random } from '../../src/random.js'
import { list } from './exactRows.js'

test('thousands of trials: the positive comes alone at the head of the list, a tie does not', (t) => {
  let [ties, successes] = [0, 0]
  for (let seed = 0; seed < 4000; seed++) {
    const random = new Random(seed, 'report')
    const [trials, count] = [random.below(5), 1 + random.below(4)]
    const positive = list(random, trials, 4)
    const negatives = positive.map(() => list(random, count, 4))
    const expected = positive.map((own, i) => {
      const highest = [own, ...(negatives[i] as number[])].sort((a, b) => b - a)
      if (highest[0] === own && highest[1] === own) ties++
      return highest[0] === own && highest[1] !== own ? 1 : 0
    })
    const found = verificationSuccesses(positive, negatives.flat())
    t.deepEqual([...found], expected, JSON.stringify({ positive, negatives }))
    successes += expected.filter((x) => x === 1).length
  }
  t.true(ties > 500 && successes > 500)
})
