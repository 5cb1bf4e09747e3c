import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { create, type LossOptions } from '../../src/losses/losses.js'
import { Random } from '../../src/random.js'
import {
  referenceContrastive,
  referenceMarginSoftmax,
  referencePairs,
  referenceProxyAnchor,
  referenceSoftmax,
  referenceSupCon,
  referenceTriplet,
  referenceTripletMargin,
  referenceTuplet,
} from '../reference/losses.js'
import { computeAny, normOf, relative } from './pairBatch.js'

type Parameters = Readonly<Record<string, Float64Array>>

/** The value by the slow reference; the gradient is proved by differences of it. */
function reference(loss: LossOptions, rows: number[][], labels: number[] | number[][], own: Parameters): number {
  const plain = labels as number[]
  const table = (name: string, d: number) => {
    const values = own[name] as Float64Array
    return Array.from({ length: values.length / d }, (_, c) => [...values.subarray(c * d, (c + 1) * d)])
  }
  const d = rows[0]?.length ?? 1
  switch (loss.type) {
    case 'nPairMc':
    case 'nPairOvo':
      return referencePairs(
        loss.type === 'nPairMc' ? 'mc' : 'ovo',
        rows,
        labels.map((label) => (Array.isArray(label) ? label : [label])),
        { l2: 5e-3, ...loss },
      )
    case 'supCon':
      return referenceSupCon(rows, plain, loss.temperature ?? 0.1, loss.normalize ?? true)
    case 'contrastive':
      return referenceContrastive(rows, plain, loss.margin ?? 1, loss.normalize)
    case 'triplet':
      return referenceTriplet(rows, plain, loss)
    case 'tripletMargin':
      return referenceTripletMargin(rows, plain, loss)
    case 'tuplet':
      return referenceTuplet(rows, loss.negatives, loss)
    case 'softmax':
      return referenceSoftmax(rows, plain, table('weight', d), [...(own.bias as Float64Array)])
    case 'arcFace':
    case 'cosFace': {
      const { scale = 64, margin = loss.type === 'arcFace' ? 0.5 : 0.35 } = loss
      return referenceMarginSoftmax(loss.type, rows, plain, table('weight', d), { scale, margin })
    }
    case 'proxyAnchor':
      return referenceProxyAnchor(rows, plain, table('proxies', d), {
        alpha: loss.alpha ?? 32,
        margin: loss.margin ?? 0.1,
      })
  }
}

const pairs = [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]
const repeats = [0, 0, 1, 2, 2, 0, 0, 1, 2, 2]
const sets = [[0, 1], [1, 2], [2, 3], [3], [4, 0, 1], [0, 1], [1, 2], [2, 3], [3], [4, 0, 1]]
const any = [0, 2, 1, 1, 0, 2, 0, 3, 1, 4]
const triples = [0, 1, 2, 0, 1, 2, 1, 2, 0]
const options = { temperature: 0.5, normalize: true, l2: 0.3 }
const cases: [LossOptions, number[] | number[][]][] = [
  [{ type: 'nPairMc', ...options, l2Of: 'norm', l2Convention: 'mean' }, pairs],
  [{ type: 'nPairMc', ...options, queries: 'symmetric' }, pairs],
  [{ type: 'nPairMc', queries: 'all', temperature: 2 }, pairs],
  ...(['mask', 'soft', 'sum'] as const).flatMap((sameClass) =>
    (['anchors', 'symmetric', 'all'] as const).map((queries): [LossOptions, number[]] => [
      { type: 'nPairMc', l2: 0.1, queries, sameClass, temperature: 1.5 },
      queries === 'all' ? any : repeats,
    ]),
  ),
  [{ type: 'nPairMc', ...options, sameClass: 'soft' }, sets],
  [{ type: 'nPairMc', sameClass: 'soft', queries: 'symmetric' }, sets],
  [{ type: 'nPairOvo' }, pairs],
  [{ type: 'nPairOvo', ...options, queries: 'symmetric', l2Convention: 'quarter' }, pairs],
  [{ type: 'nPairOvo', queries: 'all', temperature: 0.7 }, pairs],
  [{ type: 'nPairOvo', sameClass: 'mask' }, repeats],
  [{ type: 'nPairOvo', sameClass: 'mask', queries: 'all' }, repeats],
  [{ type: 'supCon' }, any],
  [{ type: 'supCon', temperature: 2, normalize: false }, pairs],
  [{ type: 'contrastive', margin: 3 }, any],
  [{ type: 'contrastive', normalize: true }, pairs],
  ...(['hinge', 'smooth'] as const).flatMap((form) =>
    (['all', 'hard', 'semiHard', 'distanceWeighted', 'paper', 'given'] as const).flatMap((triplets) =>
      (form === 'hinge' ? (['all', 'active'] as const) : (['all'] as const)).map((average): [LossOptions, number[]] => [
        {
          ...{ type: 'triplet', form, triplets, average, l2: 0.1, normalize: triplets === 'hard' },
          ...(form === 'hinge' && { margin: 0.6 }),
        },
        triplets === 'given' ? triples : triplets === 'paper' ? pairs : any,
      ]),
    ),
  ),
  [{ type: 'tripletMargin' }, triples],
  [{ type: 'tripletMargin', swap: true, p: 3, eps: 0.1 }, triples],
  [{ type: 'tripletMargin', triplets: 'paper', margin: 2 }, pairs],
  [{ type: 'tripletMargin', triplets: 'hard', swap: true }, any],
  [{ type: 'tripletMargin', triplets: 'semiHard', p: 1 }, any],
  [{ type: 'tripletMargin', triplets: 'distanceWeighted', swap: true }, any],
  [{ type: 'tuplet', negatives: 3 }, [0, 1, 0, 1, 1, 2, 2, 0, 3, 3]],
  [{ type: 'tuplet', negatives: 1, ...options }, triples],
  [{ type: 'tuplet', negatives: 2, ideal: true }, [0, 1, 2, 0, 1, 2, 1, 0, 0, 2, 2, 1]],
  [{ type: 'softmax', classes: 5 }, any],
  [{ type: 'arcFace', classes: 6, scale: 6 }, any],
  [{ type: 'arcFace', classes: 5, scale: 3, margin: 2.8 }, any],
  [{ type: 'cosFace', classes: 5, scale: 6 }, any],
  [{ type: 'proxyAnchor', classes: 7 }, any],
  [{ type: 'proxyAnchor', classes: 5, alpha: 4, margin: 0.3 }, any],
]

const size = 4
const rowsOf = (data: ArrayLike<number>) =>
  Array.from({ length: data.length / size }, (_, i) =>
    Array.from({ length: size }, (_, k) => data[i * size + k] as number),
  )

function draw(seed: number, count: number): Float64Array {
  const random = new Random(seed, 'report')
  return Float64Array.from({ length: count }, () => random.normal())
}

function parametersOf(loss: LossOptions): Parameters {
  if (!('classes' in loss) || loss.classes === undefined) return {}
  if (loss.type === 'softmax') return { weight: draw(2, loss.classes * size), bias: draw(3, loss.classes) }
  return { [loss.type === 'proxyAnchor' ? 'proxies' : 'weight']: draw(2, loss.classes * size) }
}

for (const [index, [loss, labels]] of cases.entries())
  test(`${index} ${JSON.stringify(loss)}: value and central differences of the slow reference, float64`, async (t) => {
    const own = parametersOf(loss)
    const data = draw(1, labels.length * size)
    const got = await computeAny(create(loss), { data, size }, labels, own)
    const expected = reference(loss, rowsOf(data), labels, own)
    t.true(Math.abs(got.loss - expected) <= 1e-12 * Math.max(1, expected), `${got.loss} ${expected}`)
    const sum = Object.values(got.terms).reduce((a, b) => a + b, 0)
    t.true(Math.abs(sum - got.loss) <= 1e-14 * Math.max(1, expected), 'the terms add up')
    const slopes = (values: Float64Array, at: (moved: Float64Array) => number) =>
      values.map((x, i) => {
        const moved = (step: number) => at(values.with(i, x + step))
        return (moved(1e-6) - moved(-1e-6)) / 2e-6
      })
    const numeric = slopes(data, (moved) => reference(loss, rowsOf(moved), labels, own))
    t.true(relative(got.gradient, numeric) < 2e-8, `gradient ${relative(got.gradient, numeric)}`)
    for (const [name, values] of Object.entries(own)) {
      const numeric = slopes(values, (moved) => reference(loss, rowsOf(data), labels, { ...own, [name]: moved }))
      const error = relative(got.parameterGradients?.[name] ?? [], numeric)
      t.true(error < 2e-8, `${name} ${error}`)
    }
  })

// The engine works in blocks of 1024 rows, and 8192 listed triplets.
for (const loss of [
  { type: 'nPairMc', queries: 'all', sameClass: 'sum', l2: 0 },
  { type: 'nPairMc', queries: 'all', sameClass: 'soft', l2: 0 },
  { type: 'nPairOvo', queries: 'all', l2: 0 },
  { type: 'supCon', temperature: 1 },
  { type: 'contrastive', margin: 4 },
  { type: 'triplet', triplets: 'semiHard' },
  { type: 'triplet', form: 'smooth', triplets: 'hard' },
  { type: 'triplet', form: 'smooth', triplets: 'distanceWeighted' },
  { type: 'softmax', classes: 513 },
  { type: 'proxyAnchor', classes: 1030 },
] as const satisfies LossOptions[])
  test(`around the edge of a block: ${JSON.stringify(loss)}`, async (t) => {
    const rows = 1026
    const labels = Array.from({ length: rows }, (_, i) => i % (rows / 2))
    const data = draw(5, rows * size)
    const own = parametersOf(loss)
    const got = await computeAny(create(loss), { data, size }, labels, own)
    const expected = reference(loss, rowsOf(data), labels, own)
    t.true(Math.abs(got.loss - expected) <= 1e-11 * Math.max(1, expected), `${got.loss} ${expected}`)
    // Float32 sees the numbers that float64 sees.
    const floats = Float32Array.from(data)
    const single = Object.fromEntries(Object.entries(own).map(([name, x]) => [name, Float32Array.from(x)]))
    const again = await computeAny(create(loss), { data: Float64Array.from(floats), size }, labels, own)
    const float = await computeAny(create(loss), new Embeddings(floats, size), labels, single)
    const error = relative(float.gradient, again.gradient)
    t.true(error < 2e-4, `float32 gradient ${error}`)
    // In the direction of the gradient the loss falls as the gradient says; which negatives are semi-hard changes in jumps.
    if ('triplets' in loss && loss.triplets === 'semiHard') return
    const squared = normOf(got.gradient) ** 2
    const along = async (step: number) => {
      const moved = data.map((x, i) => x + step * (got.gradient[i] as number))
      return (await computeAny(create(loss), { data: moved, size }, labels, own)).loss
    }
    const h = 1e-4
    const slope = ((await along(h)) - (await along(-h))) / (2 * h)
    t.true(Math.abs(slope / squared - 1) < 1e-3, `${slope} ${squared}`)
  })
