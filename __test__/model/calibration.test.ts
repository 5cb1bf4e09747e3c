import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { datasetPixels } from '../../src/data/pixels.js'
import { Embeddings } from '../../src/embeddings.js'
import { wilsonOfMean } from '../../src/metrics/interval.js'
import { Model } from '../../src/model/model.js'
import { calibrate } from '../../src/protocols/calibrate.js'
import { Index } from '../../src/retrieval/searchIndex.js'
import { characters, copyOf, refused, temporary, trainTiny } from '../train/tinyRun.js'

async function trained(t: ExecutionContext) {
  const run = join(await temporary(t), 'run')
  await trainTiny(run, { checkpointEvery: 0 })
  const { test: data } = await characters()
  const pixels = await datasetPixels(data, Array.from(data.images.keys()))
  return { run, data, raw: pixels.map((image) => ({ data: image, height: 28, width: 28, channels: 1 })) }
}

async function load(t: ExecutionContext, folder: string, options: Parameters<typeof Model.load>[1] = {}) {
  const model = await Model.load(folder, { device: 'cpu', ...options })
  t.teardown(() => model.close())
  return model
}

test('the threshold keeps the rate on every pair, and no lower score would; both rates are counted', async (t) => {
  const { run, data } = await trained(t)
  const model = await load(t, run)
  const rows = await model.embedDataset(data)
  for (const far of [0.02, 0.1, 1]) {
    const found = await calibrate(run, data, { far, device: 'cpu', bootstrap: 20 })
    const scores: { score: number; same: boolean }[] = []
    for (let i = 0; i < rows.count; i++)
      for (let j = 0; j < i; j++) scores.push({ score: rows.cosine(i, j), same: data.labels[i] === data.labels[j] })
    const [genuine, impostor] = [scores.filter(({ same }) => same), scores.filter(({ same }) => !same)]
    const rate = (of: typeof scores, at: number) => of.filter(({ score }) => score >= at).length / of.length
    t.is(found.genuinePairs, genuine.length)
    t.is(found.impostorPairs, impostor.length)
    t.is(found.far.value, rate(impostor, found.threshold))
    t.is(found.tar.value, rate(genuine, found.threshold))
    t.true(found.far.value <= far)
    const below = scores.map(({ score }) => score).filter((score) => score < found.threshold - 1e-6)
    if (far < 1) t.true(rate(impostor, Math.max(...below)) > far)
    else t.deepEqual(below, [])
    const { low, high } = found.tar.interval ?? t.fail()
    t.true(low <= found.tar.value && found.tar.value <= high)
    t.deepEqual((await load(t, run)).description.calibration, found)
  }
  t.deepEqual((await readdir(join(run, 'model'))).sort(), ['model.json', 'weights.safetensors'])
  const sampled = await calibrate(run, data, {
    far: 0.1,
    device: 'cpu',
    bootstrap: 0,
    maxImpostorPairs: 100,
    maxGenuinePairs: 20,
  })
  t.deepEqual([sampled.genuinePairs, sampled.impostorPairs, sampled.far.interval], [20, 100, undefined])
})

test('verify decides as the calibration counted, pair by pair', async (t) => {
  const { run, data, raw } = await trained(t)
  const found = await calibrate(run, data, { far: 0.1, device: 'cpu', bootstrap: 0 })
  const model = await load(t, run)
  const rows = await model.embedDataset(data)
  for (const [i, j] of [
    [0, 1],
    [0, 6],
    [3, 20],
    [30, 35],
    [5, 5],
  ] as const) {
    const verdict = await model.verify(raw[i] as (typeof raw)[0], raw[j] as (typeof raw)[0])
    t.true(Math.abs(verdict.score - rows.cosine(i, j)) < 1e-5)
    t.is(verdict.same, rows.cosine(i, j) >= found.threshold)
    t.is(verdict.threshold, found.threshold)
    t.is(verdict.far, found.far.value)
  }
  t.true((await model.verify(raw[5] as (typeof raw)[0], raw[5] as (typeof raw)[0])).same)
})

test('identify: the nearest, or unknown, and how often that may be wrong', async (t) => {
  const { run, data, raw } = await trained(t)
  const found = await calibrate(run, data, { far: 0.05, device: 'cpu', bootstrap: 0 })
  const model = await load(t, run)
  const rows = await model.embedDataset(data)
  const enrolled = [0, 6, 12]
  const size = rows.size
  const gallery = new Embeddings(Float32Array.from(enrolled.flatMap((i) => [...rows.row(i)])), size)
  const index = await Index.build(
    gallery,
    enrolled.map((i) => ({ id: data.imageName(i), label: data.labels[i] as number })),
  )
  t.teardown(() => index.close())
  const seen = new Set<string>()
  for (const [i, image] of raw.entries()) {
    const best = Math.max(...enrolled.map((g) => rows.cosine(i, g)))
    if (Math.abs(best - found.threshold) < 1e-5) continue
    const answer = await model.identify(image, index)
    seen.add(answer.answer)
    t.is(answer.answer, best >= found.threshold ? 'known' : 'unknown')
    const hit = answer.answer === 'known' ? answer.hit : answer.nearest
    t.true(Math.abs((hit?.score as number) - best) < 1e-5)
    t.is(answer.falseAlarm, Math.min(1, 3 * wilsonOfMean(found.far.value, found.impostorPairs).high))
  }
  t.deepEqual([...seen].sort(), ['known', 'unknown'])
  const { identity } = model
  for (const [made, code] of [
    [identity, undefined],
    [{ ...identity, weights: 'f'.repeat(64) }, 'INDEX_MODEL'],
    [{ ...identity, views: { mirror: false, shifts: [1] } }, 'INDEX_MODEL'],
  ] as const) {
    const tied = await Index.build(gallery, [{ id: 'a' }, { id: 'b' }, { id: 'c' }], { model: { identity: made } })
    t.teardown(() => tied.close())
    const asked = () => model.identify(raw[0] as (typeof raw)[0], tied)
    if (code === undefined) t.is((await asked()).answer, 'known')
    else await refused(t, asked, code, new RegExp(`weights ${made.weights}.* weights ${identity.weights}`))
  }
  const empty = await Index.build(new Embeddings(new Float32Array(0), size), [])
  t.teardown(() => empty.close())
  const [image] = raw as [(typeof raw)[0]]
  t.deepEqual(await model.identify(image, empty), { answer: 'unknown', threshold: found.threshold, falseAlarm: 0 })
  for (const [rows, metric, message] of [
    [new Embeddings(Float32Array.of(1, 0), 2), 'cosine', /Expected 8, as the model's for index.size/],
    [gallery, 'dot', /Expected 'cosine', as the threshold for index.metric/],
  ] as const) {
    const wrong = await Index.build(
      rows,
      Array.from(rows, (_, i) => ({ id: String(i) })),
      { metric },
    )
    t.teardown(() => wrong.close())
    await refused(t, () => model.identify(image, wrong), 'INVALID_OPTION', message)
  }
})

test('nothing is guessed: no threshold, one of other views, a rate too low to measure', async (t) => {
  const { run, data, raw } = await trained(t)
  const [a, b] = raw as [(typeof raw)[0], (typeof raw)[0]]
  await refused(t, async () => (await load(t, run)).verify(a, b), 'NOT_CALIBRATED', /has no threshold.*npair calibrate/)
  const before = await readFile(join(run, 'model/model.json'), 'utf8')
  const error = await refused(
    t,
    () => calibrate(run, data, { far: 1e-3, device: 'cpu' }),
    'FAR_UNRESOLVED',
    /rate of 0.001 cannot be measured on 540 impostor pairs, one of which is 0.00185/,
  )
  t.is(error.option, 'far')
  await refused(t, () => calibrate(run, data, { far: 0, device: 'cpu' }), 'INVALID_OPTION', /in \(0, 1\] for far/)
  await refused(t, () => calibrate(run, data, { fra: 1 } as never), 'INVALID_OPTION', /did you mean far/)
  t.is(await readFile(join(run, 'model/model.json'), 'utf8'), before)

  await calibrate(run, data, { far: 0.1, device: 'cpu', bootstrap: 0, mirror: true, shifts: [2] })
  await refused(
    t,
    async () => (await load(t, run)).verify(a, b),
    'NOT_CALIBRATED',
    /holds for mirror true, shifts \[2\], and it is loaded with mirror false, shifts \[\]/,
  )
  t.is((await (await load(t, run, { mirror: true, shifts: [2] })).verify(a, a)).same, true)
})

test('a calibration that was altered is refused by name', async (t) => {
  const { run, data } = await trained(t)
  await calibrate(run, data, { far: 0.1, device: 'cpu', bootstrap: 0 })
  const whole = JSON.parse(await readFile(join(run, 'model/model.json'), 'utf8'))
  for (const [change, message] of [
    [{ threshold: null }, /calibration.threshold is no number/],
    [{ target: 2 }, /calibration.target/],
    [{ far: 0.1 }, /calibration.far/],
    [{ tar: { value: -1 } }, /calibration.tar is no rate/],
    [{ impostorPairs: 0 }, /counts no pairs/],
    [{ views: { mirror: 1, shifts: [] } }, /calibration.views/],
    [{ data: null }, /calibration.data/],
  ] as const) {
    const copy = await copyOf(t, join(run, 'model'))
    await writeFile(
      join(copy, 'model.json'),
      JSON.stringify({ ...whole, calibration: { ...whole.calibration, ...change } }),
    )
    await refused(t, () => Model.load(copy), 'BUNDLE_CORRUPT', message)
  }
})
