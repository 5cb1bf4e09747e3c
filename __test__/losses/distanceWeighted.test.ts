import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { losses } from '../../src/index.js'
import { resume } from '../../src/train/train.js'
import { distanceWeightedTriplets, distanceWeights } from '../reference/distanceWeighted.js'
import { characters, outcome, stopAt, temporary, trainTiny } from '../train/tinyRun.js'
import { formula } from './formula.js'

interface Case {
  readonly rows: number
  readonly d: number
  readonly labels: readonly number[]
  readonly weights: readonly (readonly (number | null)[])[]
}

const path = new URL('../fixtures/distanceWeighted.json', import.meta.url)
const fixture = JSON.parse(await readFile(path, 'utf8')) as { cases: Case[]; 'pytorch-metric-learning': string }

const table = (data: Float64Array, d: number) =>
  Array.from({ length: data.length / d }, (_, i) => Array.from(data.subarray(i * d, (i + 1) * d)))

test(`the reference draws with the weights of pytorch-metric-learning ${fixture['pytorch-metric-learning']}`, (t) => {
  let [compared, tooFar] = [0, 0]
  for (const { rows, d, labels, weights } of fixture.cases) {
    const embeddings = table(formula(1, rows * d), d)
    weights.forEach((expected, a) => {
      const got = distanceWeights(embeddings, labels, a)
      // There a row with no negative near enough is divided by 0; here its negatives weigh the same.
      if (expected.includes(null)) {
        tooFar++
        t.deepEqual(
          got,
          labels.map((label) => (label === labels[a] ? 0 : 1 / (rows - 2))),
        )
        return
      }
      compared++
      got.forEach((w, j) => {
        t.true(Math.abs(w - (expected[j] as number)) < 1e-12, `${d} ${a} ${j}: ${w} ${expected[j]}`)
      })
    })
  }
  t.true(compared > 50 && tooFar > 0)
})

test('the engine draws what the reference draws, in every dimension, with several positives', async (t) => {
  for (const d of [1, 2, 3, 4, 8, 64])
    for (const [rows, classes] of [
      [12, 6],
      [15, 3],
      [30, 5],
    ] as const) {
      const data = formula(d, rows * d)
      const labels = Array.from({ length: rows }, (_, i) => i % classes)
      const embeddings = table(data, d)
      const list = distanceWeightedTriplets(embeddings, labels)
      const order = [0, 1, 2].flatMap((k) => list.map((triple) => triple[k] as number))
      // The same triplets, given: both losses and gradients agree only if all of them do.
      const rowsOf = Float64Array.from(order.flatMap((i) => embeddings[i] as number[]))
      for (const form of ['hinge', 'smooth'] as const) {
        const margin = form === 'hinge' ? { margin: 0.3 } : {}
        const drawn = losses.triplet({ form, triplets: 'distanceWeighted', ...margin })
        const given = losses.triplet({ form, triplets: 'given', ...margin })
        const got = await drawn.compute({ data, size: d }, labels)
        const expected = await given.compute(
          { data: rowsOf, size: d },
          order.map((i) => labels[i] as number),
        )
        t.true(Math.abs(got.loss - expected.loss) < 1e-12, `${form} ${d} ${rows}: ${got.loss} ${expected.loss}`)
        const gradient = new Float64Array(data.length)
        order.forEach((i, row) => {
          for (let k = 0; k < d; k++)
            gradient[i * d + k] = (gradient[i * d + k] as number) + (expected.gradient[row * d + k] as number)
        })
        got.gradient.forEach((x, i) => {
          t.true(Math.abs(x - (gradient[i] as number)) < 1e-12)
        })
      }
      const margin = losses.tripletMargin({ triplets: 'distanceWeighted' })
      const listed = losses.tripletMargin({ triplets: 'given' })
      const [a, b] = [
        await margin.compute({ data, size: d }, labels),
        await listed.compute(
          { data: rowsOf, size: d },
          order.map((i) => labels[i] as number),
        ),
      ]
      t.true(Math.abs(a.loss - b.loss) < 1e-12)
    }
})

test.serial('draws differ from step to step, and a run is resumed to the bit', async (t) => {
  const folder = await temporary(t)
  const change = {
    loss: losses.triplet({ triplets: 'distanceWeighted', normalize: true }),
    batch: { type: 'classBalanced', classes: 4, imagesPerClass: 3, accumulate: 2 },
  } as const
  await trainTiny(join(folder, 'whole'), change)
  await stopAt(t, 5, join(folder, 'stopped'), change)
  const run = await resume(join(folder, 'stopped'))
  await run.model.close()
  t.deepEqual(await outcome(join(folder, 'stopped')), await outcome(join(folder, 'whole')))
  // The same batch at every step and no learning: only the draws are left to differ.
  const { train: data } = await characters()
  const images = Int32Array.from({ length: 72 }, (_, i) => data.images[(i % 12) * 6 + Math.floor(i / 12)] as number)
  const still = await trainTiny(join(folder, 'still'), {
    ...{ loss: change.loss, batch: { type: 'classBalanced', classes: 12, imagesPerClass: 6 }, steps: 5 },
    ...{ sampler: { batch: () => images }, augment: {} },
    optimizer: { type: 'sgd', learningRate: 1e-30, schedule: { type: 'constant' } },
  })
  t.is(still.last?.step, 5)
  const lines = (await readFile(join(folder, 'still/metrics.jsonl'), 'utf8')).trim().split('\n')
  t.is(new Set(lines.map((line) => JSON.parse(line).loss)).size, 5)
})
