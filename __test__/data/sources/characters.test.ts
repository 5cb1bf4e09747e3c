import test from 'ava'
import { alphabetShapes, drawCharacter, resolveCharacters } from '../../../src/data/sources/characters.js'
import { NPairError } from '../../../src/errors.js'

const side = 20
const defaults = resolveCharacters({})

/** Ink of a drawing in [0, 1]. */
const draw = (options: typeof defaults, a: number, c: number, d: number, shapes = alphabetShapes(options, a)) =>
  Float32Array.from(drawCharacter(options, a, c, d, shapes[c] ?? [], [side, side]), (level) => 1 - level / 255)

function difference(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] as number)), 0) / a.length
}
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length

/** The mean of 20 drawings: what a character looks like. */
function typical(
  options: typeof defaults,
  a: number,
  c: number,
  shapes: ReturnType<typeof alphabetShapes>,
): Float32Array {
  const all = Array.from({ length: options.drawings }, (_, d) => draw(options, a, c, d, shapes))
  return (all[0] as Float32Array).map((_, i) => mean(all.map((ink) => ink[i] as number)))
}

test('the defaults give at least 200 classes of 20 drawings in several alphabets', (t) => {
  const { alphabets, characters, drawings, seed } = defaults
  t.true(alphabets * characters >= 200 && alphabets >= 2)
  t.is(drawings, 20)
  t.is(seed, 0)
})

test('a drawing is a function of its numbers: the same again, another for each of them', (t) => {
  t.deepEqual(draw(defaults, 1, 2, 3), draw(defaults, 1, 2, 3))
  const drawings = [
    draw(defaults, 1, 2, 3),
    draw(defaults, 2, 2, 3),
    draw(defaults, 1, 3, 3),
    draw(defaults, 1, 2, 4),
    draw({ ...defaults, seed: 1 }, 1, 2, 3),
  ]
  t.is(new Set(drawings.map(String)).size, drawings.length)
  // More characters are added after those that are there.
  const more = alphabetShapes({ ...defaults, characters: 30 }, 4)
  t.deepEqual(more.slice(0, 24), alphabetShapes(defaults, 4))
})

test('drawings are dark ink on white, neither empty nor full, and inside the picture but for an end', (t) => {
  const edges: number[] = []
  for (let a = 0; a < 10; a++) {
    const shapes = alphabetShapes(defaults, a)
    for (let c = 0; c < 24; c++) {
      const ink = [...draw(defaults, a, c, c % 20, shapes)]
      t.true(mean(ink) > 0.02 && mean(ink) < 0.5, `${a} ${c}: ${mean(ink)}`)
      t.true(Math.max(...ink) > 0.9)
      const last = side - 1
      edges.push(mean(ink.filter((_, i) => i % side === 0 || i % side === last || i < side || i >= side * last)))
    }
  }
  t.true(mean(edges) < 0.1, String(mean(edges)))
  t.true(Math.max(...edges) < 0.4, String(Math.max(...edges)))
})

test('no two characters of an alphabet are alike', (t) => {
  for (let a = 0; a < 10; a++) {
    const shapes = alphabetShapes(defaults, a)
    t.is(shapes.length, 24)
    t.is(new Set(shapes.map((shape) => JSON.stringify(shape))).size, 24)
    const looks = shapes.map((_, c) => typical(defaults, a, c, shapes))
    for (let c = 0; c < 24; c++)
      for (let other = 0; other < c; other++)
        t.true(difference(looks[c] as Float32Array, looks[other] as Float32Array) > 0.02, `${a}: ${c} and ${other}`)
  }
})

test('drawings of a character are more alike than those of two; characters of an alphabet than those of two', (t) => {
  const [own, within, across]: [number[], number[], number[]] = [[], [], []]
  const alphabets = Array.from({ length: 10 }, (_, a) => alphabetShapes(defaults, a))
  const looks = alphabets.map((shapes, a) => shapes.slice(0, 12).map((_, c) => typical(defaults, a, c, shapes)))
  const pair = (a: number, c: number, b: number, d: number) =>
    difference(looks[a]?.[c] as Float32Array, looks[b]?.[d] as Float32Array)
  for (let a = 0; a < 10; a++)
    for (let c = 0; c < 12; c++) {
      own.push(difference(draw(defaults, a, c, 0, alphabets[a]), draw(defaults, a, c, 1, alphabets[a])))
      for (let d = 0; d < c; d++) within.push(pair(a, c, a, d))
      for (let b = 0; b < a; b++) for (let d = 0; d < 12; d++) across.push(pair(a, c, b, d))
    }
  t.true(mean(within) < 0.95 * mean(across), `${mean(within)} within, ${mean(across)} across`)
  const others = alphabets.flatMap((shapes, a) =>
    Array.from({ length: 11 }, (_, c) =>
      difference(draw(defaults, a, c, 0, shapes), draw(defaults, a, c + 1, 1, shapes)),
    ),
  )
  t.true(mean(own) < 0.8 * mean(others), `${mean(own)} own, ${mean(others)} others`)
})

test('sizes that are not square keep the character in the middle', (t) => {
  const shapes = alphabetShapes(defaults, 0)
  const wide = drawCharacter(defaults, 0, 0, 0, shapes[0] ?? [], [10, 30])
  t.is(wide.length, 300)
  const outside = [...wide].filter((_, i) => i % 30 < 5 || i % 30 >= 25)
  t.true(outside.every((level) => level === 255))
})

const bad: [options: object, message: string][] = [
  [{ alphabets: 1 }, 'Expected an integer >= 2 for alphabets but received 1 of type number'],
  [{ characters: 2.5 }, 'Expected an integer >= 2 for characters but received 2.5 of type number'],
  [{ drawings: '20' }, "Expected an integer >= 2 for drawings but received '20' of type string"],
  [{ seed: -1 }, 'Expected an integer >= 0 for seed but received -1 of type number'],
  [{ seed: null }, 'Expected an integer >= 0 for seed but received null of type null'],
]
for (const [options, message] of bad)
  test(`refused: ${message}`, (t) => {
    const error = t.throws(() => resolveCharacters(options), { instanceOf: NPairError, message })
    t.is(error?.code, 'INVALID_OPTION')
  })
