import test, { type ExecutionContext } from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { NPairError } from '../../src/errors.js'
import { losses } from '../../src/index.js'
import { create, type LossOptions } from '../../src/losses/losses.js'
import { computeAny } from './pairBatch.js'

const all: LossOptions[] = [
  ...([{ type: 'nPairMc' }, { type: 'nPairOvo' }, { type: 'supCon' }, { type: 'contrastive' }] as const),
  ...([{ type: 'triplet' }, { type: 'triplet', triplets: 'hard' }, { type: 'tripletMargin' }] as const),
  ...([
    { type: 'tuplet', negatives: 1 },
    { type: 'softmax', classes: 3 },
    { type: 'arcFace', classes: 3 },
  ] as const),
  ...([
    { type: 'cosFace', classes: 3 },
    { type: 'proxyAnchor', classes: 3 },
  ] as const),
]
const own = (loss: LossOptions) =>
  'classes' in loss
    ? {
        ...{ weight: new Float32Array(6).fill(1), proxies: new Float32Array(6).fill(1), bias: new Float32Array(3) },
      }
    : {}
const refused = async (t: ExecutionContext, work: () => unknown, option: string, text: RegExp) => {
  const error = await t.throwsAsync(async () => work(), { instanceOf: NPairError })
  t.is(error?.code, 'INVALID_OPTION')
  t.is(error?.option, option)
  t.regex(error?.message ?? '', text)
}

for (const options of all) {
  const loss = create(options)
  const six = (x: number) =>
    new Embeddings(
      Float32Array.from({ length: 12 }, (_, i) => (i === 7 ? x : i)),
      2,
    )
  test(`too few labels, none, and NaN among the embeddings: ${JSON.stringify(options)}`, async (t) => {
    await refused(t, () => computeAny(loss, six(1), [0, 1], own(options)), 'labels', /Expected 6 labels/)
    await refused(t, () => computeAny(loss, six(1), undefined as never, own(options)), 'labels', /an array/)
    for (const x of [Number.NaN, Number.POSITIVE_INFINITY])
      await refused(t, () => computeAny(loss, six(x), [0, 1, 0, 1, 1, 0], own(options)), 'embeddings', /row 3/)
  })
}

const one = new Embeddings(Float32Array.of(1, 2), 2)
const two = new Embeddings(Float32Array.of(1, 2, 3, 4), 2)
const four = new Embeddings(new Float32Array(8), 2)
const cases: [LossOptions, Embeddings, unknown, RegExp][] = [
  [{ type: 'nPairMc' }, one, [0], /exactly twice/],
  [{ type: 'nPairOvo' }, one, [0], /exactly twice/],
  [{ type: 'nPairMc', sameClass: 'mask' }, four, [0, 0, 0, 1], /an even number of times .* 0 is there 3 times/],
  [{ type: 'nPairMc' }, four, [[0], [1], [0], [1]], /a finite number or a string|sameClass: 'soft'/],
  [{ type: 'nPairMc', sameClass: 'soft' }, four, [[0], [1], [0], [2]], /rows 1 and 3 .* the same labels/],
  [{ type: 'nPairMc', sameClass: 'soft' }, four, [[0], [], [0], []], /a list of labels/],
  [{ type: 'supCon' }, two, [0, 1], /two rows of one class or more/],
  [{ type: 'contrastive' }, one, [0], /two rows or more/],
  [{ type: 'triplet' }, two, [0, 0], /two pairs or more/],
  [{ type: 'triplet', triplets: 'all' }, four, [0, 0, 0, 0], /two classes or more/],
  [{ type: 'triplet', triplets: 'hard' }, four, [0, 1, 2, 3], /two rows of one class/],
  [{ type: 'tripletMargin' }, four, [0, 0, 1, 1], /a multiple of 3 rows/],
  [{ type: 'tuplet', negatives: 2 }, four, [0, 0, 0, 1], /row 2, a negative of row 0, to be of another class/],
  [{ type: 'tuplet', negatives: 2 }, four, [0, 1, 2, 1], /rows 0 and 1 \(query, positive\) to be of one class/],
  [
    { type: 'tuplet', negatives: 2, ideal: true },
    four,
    [0, 0, 1, 1],
    /one negative of each other class|Expected 1 negatives/,
  ],
  [{ type: 'softmax', classes: 3 }, two, [0, 3], /an integer in \[0, 3\)/],
  [{ type: 'proxyAnchor', classes: 3 }, two, ['a', 'b'], /an integer in \[0, 3\)/],
]
for (const [options, embeddings, labels, text] of cases)
  test(`refused: ${JSON.stringify(options)} of ${JSON.stringify(labels)}`, async (t) => {
    const work = () => computeAny(create(options), embeddings, labels as never, own(options))
    const error = await t.throwsAsync(work, { instanceOf: NPairError, message: text })
    t.is(error?.code, 'INVALID_OPTION')
    t.regex(error?.option ?? '', /^labels/)
  })

test('parameters that are missing, or of another shape', async (t) => {
  const softmax = losses.softmax({ classes: 3 })
  const bias = new Float32Array(3)
  await refused(t, () => softmax.compute(two, [0, 1], undefined as never), 'parameters.weight', /a Float32Array/)
  await refused(
    t,
    () => softmax.compute(two, [0, 1], { weight: new Float64Array(6) as never, bias }),
    'parameters.weight',
    /a Float32Array/,
  )
  const error = await t.throwsAsync(() => softmax.compute(two, [0, 1], { weight: new Float32Array(5), bias }))
  t.is(error?.message, 'weight has shape [3, 2], but 5 numbers are given')
  await refused(t, () => losses.softmax().compute(two, [0, 1], { weight: bias, bias }), 'classes', /an integer >= 2/)
})

const badOptions: [() => unknown, string][] = [
  [() => losses.nPairMc({ temperature: 0 }), 'temperature'],
  [() => losses.nPairMc({ queries: 'some' as never }), 'queries'],
  [() => losses.nPairOvo({ sameClass: 'soft' as never }), 'sameClass'],
  [() => losses.supCon({ temperature: -1 }), 'temperature'],
  [() => losses.contrastive({ margin: 0 }), 'margin'],
  [() => losses.triplet({ margin: -0.1 }), 'margin'],
  [() => losses.triplet({ triplets: 'easy' as never }), 'triplets'],
  [() => losses.triplet({ form: 'smooth', margin: 0.5 }), 'margin'],
  [() => losses.triplet({ form: 'smooth', margin: 0.2 }), 'margin'],
  [() => losses.triplet({ form: 'smooth', average: 'active' }), 'average'],
  [() => losses.tripletMargin({ p: 0.5 }), 'p'],
  [() => losses.tripletMargin({ margin: Number.NaN }), 'margin'],
  [() => losses.tuplet({} as never), 'negatives'],
  [() => losses.tuplet({ negatives: 1.5 }), 'negatives'],
  [() => losses.softmax({ classes: 1 }), 'classes'],
  [() => losses.arcFace({ margin: 4 }), 'margin'],
  [() => losses.cosFace({ margin: 0 }), 'margin'],
  [() => losses.proxyAnchor({ alpha: 0 }), 'alpha'],
  [() => losses.proxyAnchor({ margin: 1.5 }), 'margin'],
  [() => losses.custom({} as never), 'compute'],
]
for (const [make, option] of badOptions)
  test(`refused: ${make.toString().slice(6)}`, (t) => refused(t, make, option, new RegExp(option)))

test('a smooth triplet has no margin, and its plan makes it again', (t) => {
  const smooth = losses.triplet({ form: 'smooth' })
  t.deepEqual(Object.keys(smooth), ['type', 'form', 'triplets', 'average', 'normalize', 'l2'])
  t.deepEqual({ ...losses.create({ ...smooth }) }, { ...smooth })
  t.is(losses.triplet().margin, 0.2)
})
