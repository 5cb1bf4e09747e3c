import test from 'ava'
import { splitClasses, splitSuperClasses, splitWithin } from '../../src/data/split.js'
import { NPairError } from '../../src/errors.js'

const names = (n: number) => Array.from({ length: n }, (_, i) => `c${i}`)
const sorted = (set: ReadonlySet<number>) => [...set].sort((a, b) => a - b)

test('a fraction is rounded to the nearest number of classes, at least one on each side', (t) => {
  for (const [n, fraction, count] of [
    [10, 0.5, 5],
    [10, 0.24, 2],
    [10, 0.26, 3],
    [5, 0.5, 3],
    [2, 0.01, 1],
    [2, 0.99, 1],
    [3, 0.01, 1],
    [3, 0.99, 2],
    [1000, 0.001, 1],
  ] as const)
    t.is(splitClasses(names(n), { test: fraction }).test.size, count, `${fraction} of ${n}`)
})

test('the seed decides the draw; every class is drawn as often', (t) => {
  const draw = (seed: number) => String(sorted(splitClasses(names(8), { test: 0.25, seed }).test))
  t.is(draw(3), draw(3))
  t.is(String(sorted(splitClasses(names(8), { test: 0.25 }).test)), draw(0))
  const counts = new Array<number>(8).fill(0)
  for (let seed = 0; seed < 2000; seed++)
    for (const c of splitClasses(names(8), { test: 0.25, seed }).test) (counts[c] as number)++
  t.true(
    counts.every((n) => Math.abs(n - 500) < 90),
    String(counts),
  )
})

test('a list names the test half', (t) => {
  const { test: chosen, resolved } = splitClasses(names(4), { test: ['c3', 'c1', 'c3'] })
  t.deepEqual(sorted(chosen), [1, 3])
  t.deepEqual(resolved, { test: ['c3', 'c1', 'c3'], seed: 0 })
})

test('within classes, each class gives its rounded share, at least one on each side, its own draw', (t) => {
  const byClass = [2, 3, 10, 11].map((n, c) => Int32Array.from({ length: n }, (_, i) => 100 * c + i))
  const { test: chosen, resolved } = splitWithin(byClass, names(4), { test: 0.3, seed: 5 })
  const of = (c: number) => sorted(chosen).filter((i) => Math.floor(i / 100) === c)
  t.deepEqual(
    [0, 1, 2, 3].map((c) => of(c).length),
    [1, 1, 3, 3],
  )
  t.deepEqual(resolved, { test: 0.3, seed: 5 })
  t.deepEqual(splitWithin(byClass, names(4), { test: 0.3, seed: 5 }).test, chosen)
  t.notDeepEqual(splitWithin(byClass, names(4), { test: 0.3, seed: 6 }).test, chosen)
  t.is(splitWithin([Int32Array.of(7, 8)], names(1), { test: 0.9 }).test.size, 1)
  const large = [0, 1].map((c) => Int32Array.from({ length: 40 }, (_, i) => 100 * c + i))
  const both = sorted(splitWithin(large, names(2), { test: 0.5 }).test)
  const places = (c: number) => both.filter((i) => Math.floor(i / 100) === c).map((i) => i % 100)
  t.notDeepEqual(places(0), places(1))
})

const bad: [options: unknown, message: string][] = [
  [undefined, 'Expected an object for options but received undefined of type undefined'],
  [0.5, 'Expected an object for options but received 0.5 of type number'],
  [{}, 'Expected a fraction in (0, 1) or a list of classes for test but received undefined of type undefined'],
  [{ test: 0 }, 'Expected a fraction in (0, 1) for test but received 0 of type number'],
  [{ test: 1 }, 'Expected a fraction in (0, 1) for test but received 1 of type number'],
  [{ test: Number.NaN }, 'Expected a fraction in (0, 1) for test but received NaN of type number'],
  [{ test: '0.5' }, "Expected a fraction in (0, 1) or a list of classes for test but received '0.5' of type string"],
  [{ test: [] }, 'Expected a fraction in (0, 1) or a list of classes for test but received [] of type array'],
  [
    { test: ['c1', 'x'] },
    "Expected names among the 7 classes (c0, c1, c2, c3, c4, …) for test but received 'x' of type string",
  ],
  [{ test: [1] }, 'Expected names among the 7 classes (c0, c1, c2, c3, c4, …) for test but received 1 of type number'],
  [{ test: 0.5, seed: -1 }, 'Expected an integer >= 0 for seed but received -1 of type number'],
  [{ test: 0.5, seed: 'a' }, "Expected an integer >= 0 for seed but received 'a' of type string"],
  [{ tests: 0.5 }, 'Unknown option tests: did you mean test?'],
  [{ test: 0.5, fraction: 1 }, 'Unknown option fraction: known here: test, seed'],
]
for (const [options, message] of bad)
  test(`refused: ${message}`, (t) => {
    const error = t.throws(() => splitClasses(names(7), options as never), { instanceOf: NPairError, message })
    t.is(error?.code, 'INVALID_OPTION')
  })

test('the same within classes, where a list is none', (t) => {
  const byClass = [Int32Array.of(0, 1), Int32Array.of(2, 3)]
  for (const [options, message] of [
    [{ test: ['c0'] }, 'Expected a fraction in (0, 1) for test but received ["c0"] of type array'],
    [{ test: 2 }, 'Expected a fraction in (0, 1) for test but received 2 of type number'],
    [{ test: 0.5, seed: 0.5 }, 'Expected an integer >= 0 for seed but received 0.5 of type number'],
    [{ test: 0.5, sed: 1 }, 'Unknown option sed: did you mean seed?'],
    [null, 'Expected an object for options but received null of type null'],
  ] as const)
    t.throws(() => splitWithin(byClass, names(2), options as never), { code: 'INVALID_OPTION', message })
})

test('data that cannot be split says why', (t) => {
  t.throws(() => splitClasses(names(1), { test: 0.5 }), {
    code: 'DATA_CLASSES',
    message: '1 classes cannot be split in two halves',
  })
  t.throws(() => splitSuperClasses(['a'], { test: ['a'] }), {
    code: 'DATA_CLASSES',
    message: '1 super-classes cannot be split in two halves',
  })
  t.throws(() => splitClasses(names(2), { test: ['c0', 'c1'] }), {
    code: 'DATA_CLASSES',
    message: 'All 2 classes are in the test half: none is left to train on',
  })
  t.throws(() => splitWithin([Int32Array.of(0, 1), Int32Array.of(2)], names(2), { test: 0.5 }), {
    code: 'DATA_CLASSES',
    message: 'Class c1 has 1 image: it cannot be on both sides of a split within classes',
  })
})
