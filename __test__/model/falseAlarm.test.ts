import test from 'ava'
import { falseAlarm } from '../../src/model/falseAlarm.js'

test('the upper end of the rate times the rows, at most 1', (t) => {
  const interval = { low: 0.0005, high: 0.004, level: 0.95, method: 'bootstrap' } as const
  const measured = { far: { value: 0.001, interval }, impostorPairs: 100_000 }
  t.is(falseAlarm(measured, 10), 0.04)
  t.is(falseAlarm(measured, 1000), 1)
  t.is(falseAlarm(measured, 0), 0)
})

test('a rate that was measured as 0 promises nothing that its pairs cannot show', (t) => {
  // Ties at the threshold: no impostor pair passed in any resample. Of 1000 pairs Wilson's upper end is z² / (1000 + z²).
  const interval = { low: 0, high: 0, level: 0.95, method: 'bootstrap' } as const
  const z2 = 1.959963984540054 ** 2
  for (const far of [{ value: 0, interval }, { value: 0 }])
    t.true(Math.abs(falseAlarm({ far, impostorPairs: 1000 }, 5) - (5 * z2) / (1000 + z2)) < 1e-9)
})
