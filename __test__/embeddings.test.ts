import test from 'ava'
import { Embeddings } from '../src/embeddings.js'
import { NPairError } from '../src/errors.js'

test('rows are views of the data, in order', (t) => {
  const data = Float32Array.of(1, 2, 3, 4, 5, 6)
  const embeddings = new Embeddings(data, 2)
  t.is(embeddings.count, 3)
  t.is(embeddings.data, data)
  t.deepEqual(embeddings.row(1), Float32Array.of(3, 4))
  t.deepEqual(
    [...embeddings].map((row) => [...row]),
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
  )
  embeddings.row(2)[0] = 9
  t.is(data[4], 9)
  t.is(new Embeddings(new Float32Array(0), 4).count, 0)
})

test('normalized gives rows of length 1 and leaves the rows it came from', (t) => {
  const data = Float32Array.of(3, 4, 0, 0, -5, 0, 1e-30, 1e-30, 1e30, 1e30)
  const unit = new Embeddings(data, 2).normalized()
  const half = Math.fround(Math.SQRT1_2)
  t.deepEqual([...unit.data], [Math.fround(0.6), Math.fround(0.8), 0, 0, -1, 0, half, half, half, half])
  t.deepEqual([...data.subarray(0, 2)], [3, 4])
  t.is(unit.size, 2)
})

test('wrong arguments are named', (t) => {
  const data = new Float32Array(6)
  for (const [act, message] of [
    [
      () => new Embeddings(data, 4),
      'Expected a divisor of the 6 numbers in data for size but received 4 of type number',
    ],
    [
      () => new Embeddings(data, 0),
      'Expected a divisor of the 6 numbers in data for size but received 0 of type number',
    ],
    [
      () => new Embeddings(data, 1.5),
      'Expected a divisor of the 6 numbers in data for size but received 1.5 of type number',
    ],
    [
      () => Reflect.construct(Embeddings, [[1, 2], 2]),
      'Expected a Float32Array for data but received [1,2] of type array',
    ],
    [() => new Embeddings(data, 2).row(3), 'Expected an integer in [0, 3) for row but received 3 of type number'],
    [() => new Embeddings(data, 2).row(-1), 'Expected an integer in [0, 3) for row but received -1 of type number'],
    [() => new Embeddings(data, 2).row(0.5), 'Expected an integer in [0, 3) for row but received 0.5 of type number'],
  ] as const) {
    const error = t.throws(act, { instanceOf: NPairError, message })
    t.is(error?.code, 'INVALID_OPTION')
  }
})
