import test from 'ava'
import type { Dataset } from '../../src/data/dataset.js'
import { NPairError } from '../../src/errors.js'
import { Random } from '../../src/random.js'
import { type PairSampler, pairs } from '../../src/sampling/pairs.js'
import { labelledData } from '../protocols/labelledData.js'
import { anchorCounts, faultOfBatch } from '../reference/pairBatches.js'

const epoch = (sampler: PairSampler, e = 0) =>
  Array.from({ length: sampler.epochLength }, (_, k) => sampler.batch(e * sampler.epochLength + k))
const classOf = (data: Dataset) => new Map(Array.from(data.images, (id, i) => [id, data.labels[i] as number]))
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)

/** Class sizes and N, drawn so that N can be met. */
function configuration(seed: number): { sizes: number[]; n: number } {
  const random = new Random(seed, 'report', 1)
  const n = 2 + random.below(7)
  const largest = 2 + random.below(12)
  const sizes = Array.from({ length: n + random.below(10) }, () => 2 + random.below(largest - 1))
  for (let k = random.below(3); k > 0; k--) sizes.push(1)
  // Now and then one class is as large as all the others together, or larger.
  if (random.below(4) === 0) sizes[0] = sum(sizes) + random.below(20)
  return { sizes: random.shuffle(sizes), n }
}

test('every batch has N different classes and two different images of each, over hundreds of configurations', (t) => {
  for (let seed = 0; seed < 300; seed++) {
    const { sizes, n } = configuration(seed)
    const data = labelledData(sizes)
    const sampler = pairs(data, { pairs: n, seed })
    const labels = classOf(data)
    const trace = JSON.stringify({ sizes, n, seed })
    t.is(sampler.singletons, sizes.filter((size) => size < 2).length, trace)
    t.is(sampler.epochLength, Math.ceil(sum(sizes.filter((size) => size >= 2)) / n), trace)
    for (const batch of [...epoch(sampler), ...epoch(sampler, 3)]) t.is(faultOfBatch(batch, n, labels), '', trace)
  }
})

test('each image is an anchor exactly once where N divides their number and no class has more than T', (t) => {
  let proven = 0
  for (let seed = 0; seed < 400; seed++) {
    const random = new Random(seed, 'report', 2)
    const n = 2 + random.below(5)
    const sizes = Array.from({ length: n + random.below(12) }, () => 2 + random.below(6))
    const images = sum(sizes)
    if (images % n !== 0 || Math.max(...sizes) > images / n) continue
    proven++
    const sampler = pairs(labelledData(sizes), { pairs: n, seed })
    for (const e of [0, 1, 7]) {
      const counts = anchorCounts(epoch(sampler, e), n)
      t.is(counts.size, images, JSON.stringify({ sizes, n, seed }))
      t.true(
        [...counts.values()].every((count) => count === 1),
        JSON.stringify({ sizes, n, seed }),
      )
    }
  }
  t.true(proven >= 80, String(proven))
})

test('uneven sizes: all images of classes with at most T, T of the larger ones; more only where rows were empty', (t) => {
  for (let seed = 0; seed < 300; seed++) {
    const { sizes, n } = configuration(seed)
    const data = labelledData(sizes)
    const sampler = pairs(data, { pairs: n, seed })
    const length = sampler.epochLength
    const trace = JSON.stringify({ sizes, n, seed })
    for (const e of [0, 2]) {
      const counts = anchorCounts(epoch(sampler, e), n)
      let extra = 0
      data.byClass().forEach((positions) => {
        if (positions.length < 2) return
        const own = Array.from(positions, (i) => counts.get(data.images[i] as number) ?? 0)
        if (positions.length <= length) t.true(Math.min(...own) >= 1, trace)
        t.true(sum(own) >= Math.min(positions.length, length) && sum(own) <= length, trace)
        extra += sum(own) - Math.min(positions.length, length)
      })
      const needed = sum(sizes.map((size) => (size < 2 ? 0 : Math.min(size, length))))
      t.is(extra, n * length - needed, trace)
    }
  }
})

test('a class with more than T images comes round to all of them, as often each', (t) => {
  // T = ⌈(50 + 10) / 4⌉ = 15
  const data = labelledData([50, 2, 2, 2, 2, 2])
  const sampler = pairs(data, { pairs: 4, seed: 5 })
  t.is(sampler.epochLength, 15)
  for (let epochs = 1; epochs <= 20; epochs++) {
    const counts = anchorCounts(Array.from({ length: epochs }, (_, e) => epoch(sampler, e)).flat(), 4)
    const own = Array.from({ length: 50 }, (_, id) => counts.get(id) ?? 0)
    t.is(sum(own), 15 * epochs)
    t.true(Math.max(...own) - Math.min(...own) <= 1, String(own))
  }
})

test('a batch is a function of seed and step: in any order, from any sampler', (t) => {
  const data = labelledData([3, 5, 2, 9, 4, 4])
  const sampler = pairs(data, { pairs: 3, seed: 11 })
  const steps = Array.from({ length: 4 * sampler.epochLength }, (_, step) => step)
  const inTurn = steps.map((step) => String(sampler.batch(step)))
  const anew = pairs(data, { pairs: 3, seed: 11 })
  for (const step of new Random(1, 'report').shuffle([...steps])) t.is(String(anew.batch(step)), inTurn[step] as string)
  for (const step of [0, 9, 23]) t.is(String(pairs(data, { pairs: 3, seed: 11 }).batch(step)), inTurn[step] as string)
  t.is(new Set(inTurn).size, inTurn.length)
  const other = pairs(data, { pairs: 3, seed: 12 })
  t.true(steps.every((step) => String(other.batch(step)) !== inTurn[step]))
  t.is(String(pairs(data, { pairs: 3 }).batch(5)), String(pairs(data, { pairs: 3, seed: 0 }).batch(5)))
})

test('positives and the company of a class are drawn evenly', (t) => {
  const data = labelledData([4, 4, 4, 4, 4, 4])
  const sampler = pairs(data, { pairs: 2, seed: 3 })
  const positives = new Map<string, number>()
  const company = new Map<string, number>()
  for (let e = 0; e < 500; e++)
    for (const [a, b, p] of epoch(sampler, e)) {
      const [first, second, positive] = [a as number, b as number, p as number]
      positives.set(`${first} ${positive}`, (positives.get(`${first} ${positive}`) ?? 0) + 1)
      const classes = [first, second].map((id) => Math.floor(id / 4)).sort()
      company.set(String(classes), (company.get(String(classes)) ?? 0) + 1)
    }
  // 6000 batches: 72 ordered pairs of the first row, 15 pairs of classes.
  t.is(positives.size, 72)
  for (const [key, n] of positives) t.true(Math.abs(n - 6000 / 72) < 50, `${key}: ${n}`)
  t.is(company.size, 15)
  for (const [key, n] of company) t.true(Math.abs(n - 400) < 110, `${key}: ${n}`)
})

test('ids are those of the dataset: a part of one, turned', (t) => {
  const { train } = labelledData([3, 3, 3, 3, 3, 3]).rotatedClasses().splitByClass({ test: 0.5, seed: 2 })
  const sampler = pairs(train, { pairs: 6, seed: 1 })
  for (const batch of epoch(sampler)) t.is(faultOfBatch(batch, 6, classOf(train)), '')
  t.is(anchorCounts(epoch(sampler), 6).size, train.length)
})

test('too few classes are counted', (t) => {
  const message = (n: number, found: number, fewer: number, all: number) =>
    `batch.pairs asks for ${n} classes with at least two images each, but the data has ${found} (${fewer} of ${all} classes have fewer)`
  for (const [sizes, n, text] of [
    [[5], 2, message(2, 1, 0, 1)],
    [[1, 1, 1, 1], 2, message(2, 0, 4, 4)],
    [[2, 2, 1, 2], 4, message(4, 3, 1, 4)],
  ] as const) {
    const error = t.throws(() => pairs(labelledData([...sizes]), { pairs: n }), {
      instanceOf: NPairError,
      message: text,
    })
    t.is(error?.code, 'DATA_CLASSES')
    t.is(error?.option, 'batch.pairs')
  }
  t.notThrows(() => pairs(labelledData([2, 2]), { pairs: 2 }))
})

test('wrong options and steps are refused', (t) => {
  const data = labelledData([2, 2, 2])
  for (const [options, message] of [
    [undefined, 'Expected an object for options but received undefined of type undefined'],
    [{}, 'Expected an integer >= 2 for pairs but received undefined of type undefined'],
    [{ pairs: 1 }, 'Expected an integer >= 2 for pairs but received 1 of type number'],
    [{ pairs: 2.5 }, 'Expected an integer >= 2 for pairs but received 2.5 of type number'],
    [{ pairs: '2' }, "Expected an integer >= 2 for pairs but received '2' of type string"],
    [{ pairs: 2, seed: -1 }, 'Expected an integer >= 0 for seed but received -1 of type number'],
    [{ pairs: 2, seeds: 1 }, 'Unknown option seeds: did you mean seed?'],
  ] as const)
    t.throws(() => pairs(data, options as never), { code: 'INVALID_OPTION', message })
  for (const step of [-1, 0.5, Number.NaN])
    t.throws(() => pairs(data, { pairs: 2 }).batch(step), {
      code: 'INVALID_OPTION',
      message: `Expected an integer >= 0 for step but received ${step} of type number`,
    })
})
