import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { pairCosines } from '../../src/metrics/cosine.js'
import { measureThreshold } from '../../src/protocols/calibrate.js'
import { Random } from '../../src/random.js'
import { labelledData } from './labelledData.js'

/** The next float64 above a positive one. */
function next(x: number): number {
  const bits = new BigInt64Array(Float64Array.of(x).buffer)
  bits[0] = (bits[0] as bigint) + 1n
  return new Float64Array(bits.buffer)[0] as number
}

test('a threshold between neighbouring floats refuses the lower one', (t) => {
  // The same two rows with their numbers in another order: one sum of products, rounded otherwise.
  const random = new Random(1, 'report')
  for (let attempt = 0; attempt < 10_000; attempt++) {
    const [a, b] = [0, 1].map(() => Array.from({ length: 40 }, () => random.uniform() * 4 ** random.normal())) as [
      number[],
      number[],
    ]
    const order = random.shuffle(Array.from(a.keys()))
    const shuffled = [a, b].map((row) => order.map((i) => row[i] as number)) as [number[], number[]]
    const embeddings = new Embeddings(Float32Array.from([a, b, ...shuffled].flat()), 40)
    const [genuine, impostor] = pairCosines(embeddings, [0, 2], [1, 3]) as unknown as [number, number]
    // Ties of the midpoint go to the even one of both, which is to be the lower.
    if (genuine !== next(impostor) || (genuine + impostor) / 2 !== impostor) continue
    const pairs = {
      ...{ first: Int32Array.of(0, 2, 0), second: Int32Array.of(1, 3, 0), same: Uint8Array.of(1, 0, 0) },
      ...{ fold: new Int32Array(3), foldClasses: [[0, 1]], genuineExisting: 1 },
    }
    const found = measureThreshold(embeddings, labelledData([2, 2]), pairs, 0.5, { bootstrap: 0, seed: 0 })
    t.is(found.threshold, genuine)
    t.is(found.far.value, 0.5)
    return
  }
  t.fail('no such pair was found')
})
