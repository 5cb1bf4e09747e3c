import test from 'ava'
import fc from 'fast-check'
import { losses } from '../../src/index.js'
import { create, type LossOptions } from '../../src/losses/losses.js'
import { Random } from '../../src/random.js'
import { computeAny, normOf, relative } from './pairBatch.js'

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 })
const pairCounts = fc.integer({ min: 2, max: 9 })
const widths = fc.integer({ min: 1, max: 6 })

function draw(seed: number, count: number, scale = 1): Float64Array {
  const random = new Random(seed, 'report', 4)
  return Float64Array.from({ length: count }, () => scale * random.normal())
}

/** Losses that take pairs, and see nothing but inner products and distances. */
const ofPairs: LossOptions[] = [
  { type: 'nPairMc' },
  { type: 'nPairMc', queries: 'symmetric', temperature: 0.5 },
  { type: 'nPairMc', queries: 'all', normalize: true },
  { type: 'nPairMc', queries: 'all', sameClass: 'sum' },
  { type: 'nPairOvo' },
  { type: 'supCon' },
  { type: 'contrastive', margin: 2 },
  { type: 'triplet', triplets: 'all' },
  { type: 'triplet', form: 'smooth', triplets: 'all', l2: 0.1 },
  { type: 'triplet', triplets: 'hard' },
  { type: 'tripletMargin', triplets: 'hard', eps: 0 },
]
const labelsOf = (n: number) => Array.from({ length: 2 * n }, (_, i) => i % n)
const near = (a: number, b: number) => Math.abs(a - b) <= 1e-11 * Math.max(1, Math.abs(a))

for (const options of ofPairs) {
  const loss = create(options)
  test(`the order of the classes does not matter: ${JSON.stringify(options)}`, async (t) => {
    await fc.assert(
      fc.asyncProperty(seeds, pairCounts, widths, async (seed, n, size) => {
        const data = draw(seed, 2 * n * size)
        const { loss: value, gradient } = await computeAny(loss, { data, size }, labelsOf(n))
        const classes = new Random(seed, 'report', 5).permutation(n)
        const order = [...classes, ...Array.from(classes, (c) => n + c)]
        const rows = (from: ArrayLike<number>) =>
          Float64Array.from(order.flatMap((i) => Array.from({ length: size }, (_, k) => from[i * size + k] as number)))
        const moved = await computeAny(loss, { data: rows(data), size }, labelsOf(n))
        t.true(near(value, moved.loss))
        t.true(normOf(gradient) < 1e-10 || relative(moved.gradient, rows(gradient)) < 1e-9)
      }),
      { numRuns: 25 },
    )
  })
  test(`turning all embeddings does not matter: ${JSON.stringify(options)}`, async (t) => {
    await fc.assert(
      fc.asyncProperty(seeds, pairCounts, fc.double({ min: -3, max: 3, noNaN: true }), async (seed, n, angle) => {
        const data = draw(seed, 2 * n * 3)
        const turned = data.map((x, i) => {
          const [c, s] = [Math.cos(angle), Math.sin(angle)]
          if (i % 3 === 0) return c * x - s * (data[i + 1] as number)
          return i % 3 === 1 ? s * (data[i - 1] as number) + c * x : x
        })
        const [a, b] = await Promise.all([data, turned].map((d) => computeAny(loss, { data: d, size: 3 }, labelsOf(n))))
        t.true(near(a?.loss ?? 0, b?.loss ?? 1))
      }),
      { numRuns: 25 },
    )
  })
}

test('mc is never more than ovo, and never less than 0; mc of embeddings all alike is ln N', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      seeds,
      pairCounts,
      widths,
      fc.double({ min: 0.01, max: 5, noNaN: true }),
      async (seed, n, size, scale) => {
        const embeddings = { data: draw(seed, 2 * n * size, scale), size }
        const mc = await losses.nPairMc({ l2: 0 }).compute(embeddings, labelsOf(n))
        const ovo = await losses.nPairOvo({ l2: 0 }).compute(embeddings, labelsOf(n))
        t.true(mc.loss >= 0 && mc.loss <= ovo.loss * (1 + 1e-12))
        if (n === 2) t.true(near(mc.loss, ovo.loss))
        const alike = {
          data: Float64Array.from({ length: 2 * n * size }, (_, i) => embeddings.data[i % size] as number),
          size,
        }
        t.true(near((await losses.nPairMc({ l2: 0 }).compute(alike, labelsOf(n))).loss, Math.log(n)))
      },
    ),
    { numRuns: 40 },
  )
})

test('mc of two pairs is the smooth triplet, in value and gradient', async (t) => {
  await fc.assert(
    fc.asyncProperty(seeds, widths, async (seed, size) => {
      const embeddings = { data: draw(seed, 4 * size), size }
      const mc = await losses.nPairMc({ l2: 0 }).compute(embeddings, [0, 1, 0, 1])
      const smooth = await losses.triplet({ form: 'smooth' }).compute(embeddings, [0, 1, 0, 1])
      t.true(near(mc.loss, smooth.loss) && relative(mc.gradient, smooth.gradient) < 1e-11)
    }),
    { numRuns: 40 },
  )
})

test('N-pair-mc is the mean of N tuplets whose negatives are the other positives', async (t) => {
  await fc.assert(
    fc.asyncProperty(seeds, pairCounts, widths, async (seed, n, size) => {
      const data = draw(seed, 2 * n * size)
      const mc = await losses.nPairMc({ l2: 0 }).compute({ data, size }, labelsOf(n))
      const row = (i: number) => [...data.subarray(i * size, (i + 1) * size)]
      const rows = [...Array(2 * n).keys()].map(row)
      for (let k = 1; k < n; k++) for (let i = 0; i < n; i++) rows.push(row(n + ((i + k) % n)))
      const labels = rows.map((_, i) => (i < 2 * n ? i % n : ((i % n) + Math.floor(i / n) - 1) % n))
      const tuplet = losses.tuplet({ negatives: n - 1, ideal: true })
      t.true(near(mc.loss, (await tuplet.compute({ data: Float64Array.from(rows.flat()), size }, labels)).loss))
    }),
    { numRuns: 25 },
  )
})

test('the ideal tuplet over one example of every other class is softmax with those examples for weights', async (t) => {
  await fc.assert(
    fc.asyncProperty(seeds, pairCounts, widths, async (seed, classes, size) => {
      // One query of class 0, one example of each class: the rows of a classifier without bias.
      const data = draw(seed, (classes + 1) * size)
      const ideal = losses.tuplet({ negatives: classes - 1, ideal: true })
      const labels = [0, ...Array(classes).keys()]
      const one = await ideal.compute({ data, size }, labels)
      const parameters = { weight: data.slice(size), bias: new Float64Array(classes) }
      const other = await losses.softmax({ classes }).compute({ data: data.slice(0, size), size }, [0], parameters)
      t.true(near(one.loss, other.loss))
      t.true(relative(one.gradient.subarray(0, size), other.gradient) < 1e-10)
      t.true(relative(one.gradient.subarray(size), other.parameterGradients.weight ?? []) < 1e-10)
    }),
    { numRuns: 25 },
  )
})

test('what rows of the gradient sum to: distances do not see a common shift, inner products of one side only', async (t) => {
  await fc.assert(
    fc.asyncProperty(seeds, pairCounts, widths, async (seed, n, size) => {
      const embeddings = { data: draw(seed, 2 * n * size), size }
      const sums = async (options: LossOptions, first: number, last: number) => {
        const { gradient } = await computeAny(create(options), embeddings, labelsOf(n))
        return Array.from({ length: size }, (_, k) =>
          Array.from({ length: last - first }, (_, i) => gradient[(first + i) * size + k] as number).reduce(
            (a, b) => a + b,
          ),
        )
      }
      for (const options of [
        { type: 'contrastive', margin: 2 },
        { type: 'triplet', triplets: 'all' },
        { type: 'tripletMargin', triplets: 'hard' },
      ] as LossOptions[])
        for (const sum of await sums(options, 0, 2 * n)) t.true(Math.abs(sum) < 1e-11, JSON.stringify(options))
      // Σⱼ ∂L/∂fⱼ⁺ = 1/N Σᵢ (Σⱼ pᵢⱼ − 1) fᵢ = 0: the same added to all positives changes nothing.
      for (const options of [
        { type: 'nPairMc', l2: 0 },
        { type: 'nPairOvo', l2: 0 },
      ] as LossOptions[])
        for (const sum of await sums(options, n, 2 * n)) t.true(Math.abs(sum) < 1e-11, JSON.stringify(options))
    }),
    { numRuns: 30 },
  )
})
