import test from 'ava'
import { rasterise } from '../../../src/data/sources/strokes.js'

const rows = (ink: Float32Array, width: number) =>
  Array.from({ length: ink.length / width }, (_, y) =>
    Array.from(ink.subarray(y * width, (y + 1) * width), (value) => Math.round(value * 100) / 100),
  )

test('a horizontal stroke through the middle, as wide as it says', (t) => {
  const ink = rasterise(
    [
      {
        points: [
          [-1, 0.5],
          [2, 0.5],
        ],
        width: 0.5,
      },
    ],
    8,
    8,
  )
  const column = [0, 0, 1, 1, 1, 1, 0, 0]
  t.deepEqual(
    rows(ink, 8),
    column.map((value) => new Array<number>(8).fill(value)),
  )
})

test('edges fall from 1 to 0 over a pixel', (t) => {
  // Radius 1 pixel about y = 4.25: the distances of pixel centres are 0.75 above and 0.25 below …
  const column = rows(
    rasterise(
      [
        {
          points: [
            [-1, 4.25 / 8],
            [2, 4.25 / 8],
          ],
          width: 2 / 8,
        },
      ],
      8,
      8,
    ),
    8,
  ).map((row) => row[4])
  t.deepEqual(column, [0, 0, 0, 0.75, 1, 0.25, 0, 0])
})

test('ends are round, a stroke of one place is a dot, no point is nothing', (t) => {
  const dot = rasterise(
    [
      {
        points: [
          [0.5, 0.5],
          [0.5, 0.5],
        ],
        width: 4 / 9,
      },
    ],
    9,
    9,
  )
  for (let y = 0; y < 9; y++)
    for (let x = 0; x < 9; x++) {
      const expected = Math.min(1, Math.max(0, 2.5 - Math.hypot(x - 4, y - 4)))
      t.true(Math.abs((dot[9 * y + x] as number) - expected) < 1e-6)
    }
  t.true(rasterise([{ points: [], width: 1 }], 4, 4).every((value) => value === 0))
})

test('the unit square stands in the middle of a picture that is not square', (t) => {
  const points = [
    [0.5, 0],
    [0.5, 1],
  ] as const
  const wide = rasterise([{ points, width: 0.01 }], 4, 9)
  const columns = [...(rows(wide, 9)[2] as number[])].map((value) => value > 0)
  t.deepEqual(columns, [false, false, false, false, true, false, false, false, false])
})

test('strokes that cross keep the darker ink, order does not matter', (t) => {
  const [a, b] = [
    {
      points: [
        [0, 0.2],
        [1, 0.9],
      ],
      width: 0.1,
    },
    {
      points: [
        [0.1, 1],
        [0.8, 0],
      ],
      width: 0.2,
    },
  ] as const
  const both = rasterise([a, b], 16, 16)
  t.deepEqual(both, rasterise([b, a], 16, 16))
  const [one, two] = [rasterise([a], 16, 16), rasterise([b], 16, 16)]
  t.true(both.every((value, i) => value === Math.max(one[i] as number, two[i] as number)))
})
