import test from 'ava'
import { conform, conformanceTable } from '../../src/conformance/conformance.js'

test('every published vector holds, in float64 and float32', async (t) => {
  const results = await conform()
  const ids = new Set(results.map(({ vector }) => /^V\d+/.exec(vector.id)?.[0]))
  t.deepEqual([...ids], ['V1', 'V2', 'V3', 'V4', 'V5', 'V6', 'V7', 'V8', 'V9', 'V10', 'V11'])
  for (const { vector, precision, got, holds } of results)
    t.true(holds, `${vector.id} ${precision}: expected ${vector.expected}, got ${got}`)
})

test('the table shows what misses', async (t) => {
  const [one] = await conform()
  if (!one) return t.fail()
  const table = conformanceTable([one, { ...one, got: 0.5, holds: false }]).split('\n')
  t.regex(table[1] ?? '', /^ok +V1 +nPairMc +float64 +0\.2538560221 +0\.2538560221/)
  t.regex(table[2] ?? '', /^MISS +V1 +nPairMc +float64 +0\.2538560221 +0\.5000000000/)
})
