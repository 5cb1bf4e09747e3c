import test from 'ava'
import type { Dataset } from '../../src/data/dataset.js'
import { NPairError } from '../../src/errors.js'
import { Random } from '../../src/random.js'
import { type ClassBalancedSampler, classBalanced } from '../../src/sampling/classBalanced.js'
import { pairs } from '../../src/sampling/pairs.js'
import { type TupletSampler, tuplets } from '../../src/sampling/tuplets.js'
import { labelledData } from '../protocols/labelledData.js'

const epoch = (sampler: ClassBalancedSampler | TupletSampler, e = 0) =>
  Array.from({ length: sampler.epochLength }, (_, k) => sampler.batch(e * sampler.epochLength + k))
const classOf = (data: Dataset) => new Map(Array.from(data.images, (id, i) => [id, data.labels[i] as number]))

function configuration(seed: number): { sizes: number[]; p: number; m: number } {
  const random = new Random(seed, 'report', 1)
  const [p, m] = [2 + random.below(5), 2 + random.below(4)]
  const sizes = Array.from({ length: p + random.below(8) }, () => m + random.below(12))
  for (let k = random.below(3); k > 0; k--) sizes.push(1 + random.below(m - 1))
  if (random.below(4) === 0) sizes[0] = sizes.reduce((a, b) => a + b) + random.below(20)
  return { sizes: random.shuffle(sizes), p, m }
}

/** What is wrong with a batch, by the plainest counting. */
function fault(batch: Int32Array, p: number, m: number, labels: ReadonlyMap<number, number>): string {
  if (batch.length !== p * m || new Set(batch).size !== p * m) return 'not P · M different images'
  for (let k = 0; k < m; k++)
    for (let c = 0; c < p; c++)
      if (labels.get(batch[k * p + c] as number) !== labels.get(batch[c] as number))
        return `row ${k}, ${c}: another class`
  return new Set(batch.slice(0, p).map((id) => labels.get(id) ?? -1)).size === p ? '' : 'a class twice'
}

test('every batch has M different images of each of P classes, over hundreds of configurations', (t) => {
  for (let seed = 0; seed < 300; seed++) {
    const { sizes, p, m } = configuration(seed)
    const data = labelledData(sizes)
    const sampler = classBalanced(data, { classes: p, imagesPerClass: m, seed })
    const trace = JSON.stringify({ sizes, p, m, seed })
    const usable = sizes.filter((size) => size >= m)
    t.is(sampler.tooSmall, sizes.length - usable.length, trace)
    t.is(sampler.epochLength, Math.ceil(usable.map((size) => Math.ceil(size / m)).reduce((a, b) => a + b) / p), trace)
    for (const batch of [...epoch(sampler), ...epoch(sampler, 3)]) t.is(fault(batch, p, m, classOf(data)), '', trace)
  }
})

test('of a class with at most T groups every image is in every epoch', (t) => {
  let proven = 0
  for (let seed = 0; seed < 200; seed++) {
    const { sizes, p, m } = configuration(seed)
    const data = labelledData(sizes)
    const sampler = classBalanced(data, { classes: p, imagesPerClass: m, seed })
    for (const e of [0, 4]) {
      const seen = new Set(epoch(sampler, e).flatMap((batch) => [...batch]))
      for (const positions of data.byClass()) {
        if (positions.length < m || Math.ceil(positions.length / m) > sampler.epochLength) continue
        proven++
        for (const i of positions) t.true(seen.has(data.images[i] as number), JSON.stringify({ sizes, p, m, seed, e }))
      }
    }
  }
  t.true(proven > 1000, String(proven))
})

test('a batch is a function of seed and step', (t) => {
  const data = labelledData([5, 7, 4, 9, 6])
  for (const make of [
    (seed: number) => classBalanced(data, { classes: 3, imagesPerClass: 4, seed }),
    (seed: number) => tuplets(data, { tuplets: 3, negatives: 2, seed }),
  ]) {
    const steps = Array.from({ length: 20 }, (_, step) => step)
    const inTurn = steps.map((step) => String(make(11).batch(step)))
    const sampler = make(11)
    for (const step of new Random(1, 'report').shuffle([...steps]))
      t.is(String(sampler.batch(step)), inTurn[step] as string)
    t.is(new Set(inTurn).size, inTurn.length)
    t.true(steps.every((step) => String(make(12).batch(step)) !== inTurn[step]))
    t.throws(() => sampler.batch(-1), { code: 'INVALID_OPTION' })
  }
})

test('two images a class in the order of pairs: anchors, then positives', (t) => {
  const data = labelledData([3, 3, 3])
  const labels = classOf(data)
  const batch = classBalanced(data, { classes: 3, imagesPerClass: 2 }).batch(0)
  for (let i = 0; i < 3; i++) t.is(labels.get(batch[i] as number), labels.get(batch[3 + i] as number))
})

test('tuplets: pairs of different classes, and negatives of other classes that differ', (t) => {
  const data = labelledData([4, 1, 3, 5, 2, 1])
  const labels = classOf(data)
  const sampler = tuplets(data, { tuplets: 3, negatives: 4, seed: 2 })
  const drawn = new Set<number>()
  for (const batch of [...epoch(sampler), ...epoch(sampler, 5)]) {
    t.is(batch.length, 3 * 6)
    const label = (row: number) => labels.get(batch[row] as number)
    for (let b = 0; b < 3; b++) {
      t.true(label(b) === label(3 + b) && batch[b] !== batch[3 + b])
      const own = [b, 6 + b, 9 + b, 12 + b, 15 + b].map(label)
      t.is(new Set(own).size, 5)
      for (const row of [6, 9, 12, 15]) drawn.add(batch[row + b] as number)
    }
  }
  t.true(drawn.size > 10, 'single images are negatives too')
})

test('too few classes or images are counted, wrong options refused', (t) => {
  const few: [() => unknown, string, string][] = [
    [
      () => classBalanced(labelledData([3, 3, 2]), { classes: 3, imagesPerClass: 3 }),
      'batch.classes asks for 3 classes with at least 3 images each, but the data has 2 (1 of 3 classes have fewer)',
      'batch.classes',
    ],
    [
      () => tuplets(labelledData([2, 2, 2]), { tuplets: 2, negatives: 3 }),
      'batch.negatives asks for 3 classes beside that of the query, but the data has 3 in all',
      'batch.negatives',
    ],
    [
      () => tuplets(labelledData([2, 1, 1]), { tuplets: 2, negatives: 2 }),
      'batch.tuplets asks for 2 classes with at least two images each, but the data has 1 (2 of 3 classes have fewer)',
      'batch.tuplets',
    ],
  ]
  for (const [make, message, option] of few) {
    const error = t.throws(make, { instanceOf: NPairError, message })
    t.is(error?.code, 'DATA_CLASSES')
    t.is(error?.option, option)
  }
  const data = labelledData([3, 3, 3])
  const wrong = [
    () => classBalanced(data, { classes: 1, imagesPerClass: 2 }),
    () => classBalanced(data, { classes: 2, imagesPerClass: 1.5 }),
    () => classBalanced(data, { classes: 2, images: 2 } as never),
    () => tuplets(data, { tuplets: 2, negatives: 0 }),
  ]
  for (const make of wrong) t.throws(make, { code: 'INVALID_OPTION' })
})

test('what N queries cost: embeddings and tuples of each way to make a batch', (t) => {
  const data = labelledData(Array.from({ length: 40 }, () => 6))
  const table = [4, 8, 16].map((n) => {
    const queries = { tuplets: n, negatives: n - 1 }
    return {
      n,
      triplets: tuplets(data, { ...queries, negatives: 1 }).batch(0).length,
      tuplets: tuplets(data, queries).batch(0).length,
      pairs: pairs(data, { pairs: n }).batch(0).length,
      // Of a batch of pairs each query has N − 1 negatives without one more embedding.
      tuplesOfPairs: n,
      tripletsOfPairs: n * (n - 1),
    }
  })
  for (const row of table) {
    const { n } = row
    t.deepEqual(row, {
      ...{ n, triplets: 3 * n, tuplets: n * (n + 1), pairs: 2 * n, tuplesOfPairs: n, tripletsOfPairs: n * (n - 1) },
    })
  }
})
