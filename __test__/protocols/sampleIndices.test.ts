import test from 'ava'
import { sampleIndices } from '../../src/protocols/sampleIndices.js'
import { Random } from '../../src/random.js'

test('different, ascending, within range, each subset about equally often', (t) => {
  const seen = new Map<string, number>()
  for (let seed = 0; seed < 6000; seed++) {
    const key = sampleIndices(2, 4, new Random(seed, 'protocol')).join()
    seen.set(key, (seen.get(key) ?? 0) + 1)
  }
  t.deepEqual([...seen.keys()].sort(), ['0,1', '0,2', '0,3', '1,2', '1,3', '2,3'])
  for (const n of seen.values()) t.true(Math.abs(n - 1000) < 130, String(n)) // 4.5 standard deviations
})

test('all of them where no fewer exist; a few out of 2^50', (t) => {
  t.deepEqual([...sampleIndices(9, 3, new Random(1, 'protocol'))], [0, 1, 2])
  const few = sampleIndices(1000, 2 ** 50, new Random(1, 'protocol'))
  t.is(new Set(few).size, 1000)
  t.true(few.every((x, i) => Number.isInteger(x) && x >= 0 && x < 2 ** 50 && (i === 0 || x > (few[i - 1] as number))))
})
