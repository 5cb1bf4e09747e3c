import test from 'ava'
import fc from 'fast-check'
import { scores } from '../../src/mining/hardNegativeClasses.js'
import { engine } from '../../src/native/engine.js'
import { type Score, scoreOf } from '../reference/mining.js'

type Rows = readonly (readonly number[])[]

async function select(score: Score, f: Rows, p: Rows, first: number, count: number, seed = 0): Promise<number[]> {
  const size = f[0]?.length ?? 1
  const selection = JSON.stringify({ score, imagesPerClass: 2, count, seed, firstBatch: 3 })
  const rows = Float32Array.from([...f, ...p].flat())
  return Array.from(await (await engine()).selectClasses(rows, size, selection, Int32Array.of(first)))
}

/** Of numbers whose inner products float32 holds exactly, so that only cosines are rounded. */
const classes = (values: fc.Arbitrary<number>) =>
  fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 2, max: 14 })).chain(([d, c]) => {
    const rows = fc.array(fc.array(values, { minLength: d, maxLength: d }), { minLength: c, maxLength: c })
    return fc.record({
      ...{ f: rows, p: rows, score: fc.constantFrom(...scores), seed: fc.nat(1e9) },
      ...{ first: fc.nat(c - 1), count: fc.integer({ min: 1, max: c }) },
    })
  })

test('the toy case of the reference', async (t) => {
  const f = [
    [1, 0],
    [0, 1],
    [0.8, 0.6],
    [-1, 0],
    [0.6, 0.8],
  ]
  t.deepEqual(await select('max', f, f, 0, 3), [0, 2, 4])
  // The sum of hinges is 0 for every class: each is as good as the others, and the seed decides.
  const seconds = await Promise.all(Array.from({ length: 40 }, (_, seed) => select('hingeSum', f, f, 0, 2, seed)))
  t.deepEqual([...new Set(seconds.map(([, second]) => second))].sort(), [1, 2, 3, 4])
})

test('every choice is a best one by brute force, and no class comes twice', async (t) => {
  const isGreedy = async (drawn: { f: Rows; p: Rows; score: Score; first: number; count: number; seed: number }) => {
    const { f, p, score, first, count, seed } = drawn
    const chosen = await select(score, f, p, first, count, seed)
    if (chosen[0] !== first || chosen.length !== count || new Set(chosen).size !== count) return false
    const tolerance = score === 'similarity' ? 1e-5 : 0
    return chosen.slice(1).every((next, i) => {
      const before = chosen.slice(0, i + 1)
      const free = f.map((_, c) => c).filter((c) => !before.includes(c))
      const best = Math.max(...free.map((c) => scoreOf(score, f, p, before, c)))
      return scoreOf(score, f, p, before, next) >= best - tolerance
    })
  }
  const manyTies = classes(fc.integer({ min: -3, max: 3 }))
  const fewTies = classes(fc.integer({ min: -1024, max: 1024 }).map((x) => x / 1024))
  await fc.assert(fc.asyncProperty(manyTies, isGreedy), { numRuns: 300, seed: 1 })
  await fc.assert(fc.asyncProperty(fewTies, isGreedy), { numRuns: 300, seed: 2 })
  t.pass()
})

test('ties are broken evenly, by seed and number of the batch', async (t) => {
  const f = Array.from({ length: 5 }, () => [1, 1])
  const counts = new Map<number, number>()
  for (let seed = 0; seed < 400; seed++) {
    const [, second] = await select('max', f, f, 2, 2, seed)
    counts.set(second as number, (counts.get(second as number) ?? 0) + 1)
  }
  t.deepEqual([...counts.keys()].sort(), [0, 1, 3, 4])
  for (const count of counts.values()) t.true(count > 60 && count < 140, String(count))
  t.deepEqual(await select('max', f, f, 2, 4, 9), await select('max', f, f, 2, 4, 9))
})
