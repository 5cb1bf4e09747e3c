import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { datasetPixels } from '../../src/data/pixels.js'
import { nets } from '../../src/index.js'
import { pairCosines } from '../../src/metrics/cosine.js'
import { Model, type ModelOptions, type RawImage } from '../../src/model/model.js'
import { viewSentence } from '../../src/model/views.js'
import { calibrate } from '../../src/protocols/calibrate.js'
import { evaluate } from '../../src/protocols/evaluate.js'
import { identification } from '../../src/protocols/identification.js'
import { recognition } from '../../src/protocols/recognition.js'
import { verification } from '../../src/protocols/verification.js'
import { Index } from '../../src/retrieval/searchIndex.js'
import { characters, refused, temporary, trainTiny } from '../train/tinyRun.js'

/** A network that sees 20 x 18 of images of 28 x 28, so that corners are other pixels than the centre. */
async function trained(t: ExecutionContext) {
  const run = join(await temporary(t), 'run')
  const net = nets.conv4({ width: 4, embeddingSize: 8, input: { channels: 1, height: 20, width: 18 } })
  await trainTiny(run, { net, checkpointEvery: 0 })
  const { test: data } = await characters()
  const pixels = await datasetPixels(data, Array.from(data.images.keys()))
  return { run, data, raw: pixels.map((image) => ({ data: image, height: 28, width: 28, channels: 1 })) }
}

async function load(t: ExecutionContext, folder: string, options: ModelOptions = {}) {
  const model = await Model.load(folder, { device: 'cpu', ...options })
  t.teardown(() => model.close())
  return model
}

/** Images whose centre crop is the window at (top, left) of the given ones, mirrored or not: every pixel put there by hand. */
function windows(raw: readonly RawImage[], top: number, left: number, mirrored: boolean): RawImage[] {
  return raw.map((image) => {
    const data = new Uint8Array(784)
    for (let y = 0; y < 20; y++)
      for (let x = 0; x < 18; x++)
        data[(y + 4) * 28 + x + 5] = image.data[(top + y) * 28 + left + (mirrored ? 17 - x : x)] as number
    return { ...image, data }
  })
}

/** Embeddings of each of the ten crops by a model that sees nothing but the centre: `[views][images]` rows. */
async function tenCrops(plain: Model, raw: readonly RawImage[]): Promise<Float32Array[][]> {
  const views: Float32Array[][] = []
  for (const [top, left] of [
    [4, 5],
    [0, 0],
    [0, 10],
    [8, 0],
    [8, 10],
  ] as const)
    for (const mirrored of [false, true]) views.push([...(await plain.embed(windows(raw, top, left, mirrored)))])
  return views
}

/** Sohn's score by its words: the mean of the cosines of all combinations of the views of two images. */
function meanCosine(views: Float32Array[][], a: number, b: number): number {
  const row = (view: Float32Array[], i: number) => view[i] as Float32Array
  const product = (x: Float32Array, y: Float32Array) => x.reduce((sum, v, k) => sum + v * (y[k] as number), 0)
  let sum = 0
  for (const one of views)
    for (const other of views) {
      const [x, y] = [row(one, a), row(other, b)]
      sum += product(x, y) / Math.sqrt(product(x, x) * product(y, y))
    }
  return sum / views.length ** 2
}

const ten = { mirror: true, crops: 'five' } as const
const some = [0, 1, 5, 6, 20, 35]

test('ten crops: the embeddings of centre and corners, cut out by hand, and of their mirror images, added', async (t) => {
  const { run, data, raw } = await trained(t)
  const views = await tenCrops(await load(t, run), raw)
  const model = await load(t, run, ten)
  const [got, dataset] = [await model.embed(raw), await model.embedDataset(data)]
  for (let i = 0; i < raw.length; i++)
    for (let k = 0; k < 8; k++) {
      const sum = views.reduce((total, view) => total + (view[i]?.[k] as number), 0)
      t.true(Math.abs((got.row(i)[k] as number) - sum) < 1e-4, `image ${i}: ${got.row(i)[k]} for ${sum}`)
      t.true(Math.abs((dataset.row(i)[k] as number) - sum) < 1e-4)
    }
  const five = await load(t, run, { crops: 'five' })
  t.notDeepEqual((await five.embed(raw.slice(0, 1))).data, got.data.slice(0, 8))
})

test('fusion of scores: the inner product is the mean of the cosines of all combinations of views', async (t) => {
  const { run, raw } = await trained(t)
  const views = await tenCrops(await load(t, run), raw)
  for (const [options, seen] of [
    [{ mirror: true, fusion: 'scores' }, views.slice(0, 2)],
    [{ ...ten, fusion: 'scores' }, views],
    [{ fusion: 'scores' }, views.slice(0, 1)],
  ] as const) {
    const rows = await (await load(t, run, options)).embed(raw)
    t.is(rows.metric, 'dot')
    const pairs = some.flatMap((a) => some.map((b) => [a, b] as const))
    const scores = pairCosines(
      rows,
      pairs.map(([a]) => a),
      pairs.map(([, b]) => b),
    )
    pairs.forEach(([a, b], p) => {
      const expected = meanCosine(seen, a, b)
      t.true(Math.abs((scores[p] as number) - expected) < 1e-5, `${a}, ${b}: ${scores[p]} for ${expected}`)
    })
  }
  // Both fusions are the same for one view, and differ for more: the test must be able to fail.
  const [added, averaged] = [await load(t, run, ten), await load(t, run, { ...ten, fusion: 'scores' })]
  const cosine = pairCosines(await added.embed(raw), [0], [20])[0] as number
  t.true(Math.abs(cosine - (pairCosines(await averaged.embed(raw), [0], [20])[0] as number)) > 1e-4)
})

test('protocols judge by the fused score and say so', async (t) => {
  const { run, data, raw } = await trained(t)
  const views = await tenCrops(await load(t, run), raw)
  const model = await load(t, run, { ...ten, fusion: 'scores' })
  const words = /mean of the cosines of all combinations of views/
  const seen = /seen in 10 views: the crops at its centre and at its four corners, each also mirrored; the score of two/

  const pairs = await evaluate(model, verification(data, { folds: 2, bootstrap: 0 }))
  t.regex(pairs.definition, words)
  t.regex(pairs.definition, seen)

  // Recognition and rank-1 by nothing but the definition.
  const near = Array.from(data.labels, (_, i) => {
    const others = Array.from(data.labels.keys()).filter((j) => j !== i)
    return others.reduce(
      (best, j) => (meanCosine(views, i, j) > meanCosine(views, i, best) ? j : best),
      others[0] as number,
    )
  })
  const right = near.filter((j, i) => data.labels[j] === data.labels[i]).length
  const recognised = await evaluate(model, recognition(data, { negatives: [1], bootstrap: 0 }))
  t.is(recognised.figures.recognition?.value, right / data.length)
  t.regex(recognised.definition, words)
  const identified = await evaluate(
    model,
    identification(data, { fusion: 'mean', galleryImages: 'allButOne', bootstrap: 0 }),
  )
  t.regex(
    identified.definition,
    /the mean of its images, so that a score is the mean of the cosines of all their views/,
  )
  t.regex(identified.definition, seen)
  const plain = await evaluate(await load(t, run), verification(data, { folds: 2, bootstrap: 0 }))
  t.notRegex(plain.definition, /views/)
})

test('calibrate, verify, identify: one score, and a threshold of another fusion or other crops is refused', async (t) => {
  const { run, data, raw } = await trained(t)
  const found = await calibrate(run, data, { far: 0.1, device: 'cpu', bootstrap: 0, ...ten, fusion: 'scores' })
  t.deepEqual(found.views, { ...ten, shifts: [], fusion: 'scores' })
  const model = await load(t, run, { ...ten, fusion: 'scores' })
  const views = await tenCrops(await load(t, run), raw)
  const [a, b] = [raw[0], raw[5]] as [RawImage, RawImage]
  const verdict = await model.verify(a, b)
  t.true(Math.abs(verdict.score - meanCosine(views, 0, 5)) < 1e-5)
  t.is(verdict.same, verdict.score >= found.threshold)
  const index = await Index.build(await model.embed([b]), [{ id: 'b' }])
  t.teardown(() => index.close())
  t.is(index.metric, 'dot')
  const answer = await model.identify(a, index)
  t.true(Math.abs(((answer.answer === 'known' ? answer.hit : answer.nearest)?.score as number) - verdict.score) < 1e-5)
  await refused(
    t,
    async () => (await load(t, run, ten)).verify(a, b),
    'NOT_CALIBRATED',
    /crops five, fusion scores, and it is loaded with mirror true, shifts \[\], crops five/,
  )
  await refused(t, async () => (await load(t, run, { mirror: true, fusion: 'scores' })).verify(a, b), 'NOT_CALIBRATED')
  const cosines = await Index.build(await model.embed([b]), [{ id: 'b' }], { metric: 'cosine' })
  t.teardown(() => cosines.close())
  await refused(t, () => model.identify(a, cosines), 'INVALID_OPTION', /'dot', as the threshold for index.metric/)
})

test('what there is not is refused: crops of images that are seen whole, unknown words', async (t) => {
  const folder = await temporary(t)
  await trainTiny(join(folder, 'whole'), { checkpointEvery: 0 })
  const open = (options: object) => () => Model.load(join(folder, 'whole'), options)
  await refused(
    t,
    open({ crops: 'five' }),
    'INVALID_OPTION',
    /'centre' for images of 28x28, which the network sees whole for crops/,
  )
  await refused(t, open({ crops: 'ten' }), 'INVALID_OPTION', /'centre' or 'five' for crops/)
  await refused(t, open({ fusion: 'max' }), 'INVALID_OPTION', /'embeddings' or 'scores' for fusion/)
})

test('views in words', (t) => {
  t.is(viewSentence({ mirror: false, shifts: [] }), '')
  t.is(
    viewSentence({ mirror: true, shifts: [2, 4] }),
    ' An image is seen in 18 views: its centre crop, each also moved by 2, 4 pixels up, down, left and right, each also mirrored; the embeddings of the views are added, as they are.',
  )
})
