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

test("the numbers are those of Floyd's method with a set, as it is written down", (t) => {
  for (let seed = 0; seed < 300; seed++) {
    const sizes = new Random(seed, 'report')
    const total = seed % 3 === 0 ? 2 ** 53 - 1 - sizes.below(9) : 2 + sizes.below(400)
    const count = 1 + sizes.below(Math.min(total - 1, 300))
    const random = new Random(seed, 'protocol')
    const chosen = new Set<number>()
    for (let last = total - count; last < total; last++) {
      const candidate = random.below(last + 1)
      chosen.add(chosen.has(candidate) ? last : candidate)
    }
    t.deepEqual(
      sampleIndices(count, total, new Random(seed, 'protocol')),
      Float64Array.from(chosen).sort(),
      `${count} of ${total}`,
    )
  }
})

test('more than a Set can hold', (t) => {
  const [count, total] = [2 ** 24 + 1000, 2 ** 25]
  // Philox would take most of a minute for so many.
  let state = 1
  const quick = {
    below(n: number) {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      return (state >>> 0) % n
    },
  }
  const drawn = sampleIndices(count, total, quick as Random)
  t.is(drawn.length, count)
  t.true(drawn.every((x, i) => x < total && (i === 0 || x > (drawn[i - 1] as number))))
})
