import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { checkTrainOptions } from '../../src/config/trainOptions.js'
import { NPairError } from '../../src/errors.js'
import { nets } from '../../src/index.js'
import { engine } from '../../src/native/engine.js'
import { pairs } from '../../src/sampling/pairs.js'
import { enginePlan, resolvePlan } from '../../src/train/plan.js'
import { characters, readTensors, temporary, tiny, trainTiny } from './tinyRun.js'

/** A trainer as the loop makes it, and the batches that it would get. */
async function trainer(change: Parameters<typeof tiny>[2] = {}) {
  const { train: data } = await characters()
  const { data: _, ...options } = tiny(data, 'nowhere', change)
  const native = await engine()
  const plan = await resolvePlan(await checkTrainOptions(options), { data }, false)
  const pack = await native.packOpen(data.pack.path)
  const handle = await native.trainerCreate(enginePlan(plan, data.classes.length), pack)
  const sampler = pairs(data, { pairs: 4, seed: 5 })
  const batches = async (first: number, count: number) =>
    Int32Array.from(
      (await Promise.all(Array.from({ length: count }, (_, i) => sampler.batch(first + i)))).flatMap((b) => [...b]),
    )
  const close = async () => {
    await native.close(handle)
    await native.close(pack)
  }
  return { native, data, handle, batches, close }
}

test.serial('timers fire while one long step runs', async (t) => {
  const big = 256
  const { native, data, handle, close } = await trainer({
    net: nets.conv4({ width: 64, embeddingSize: 8 }),
    batch: { pairs: big / 2 },
  })
  const images = Int32Array.from({ length: big }, (_, i) => data.images[i % data.length] as number)
  const events: string[] = []
  const ticking = setInterval(() => events.push('tick'), 1)
  events.push('start')
  const block = await native.trainerSteps(handle, 0, images, Float64Array.of(1e-3))
  events.push('end')
  clearInterval(ticking)
  t.is(block.firstBad, -1)
  t.is(events[0], 'start')
  t.true(events.lastIndexOf('tick') > 0 && events.lastIndexOf('tick') < events.length - 1, events.slice(0, 5).join())
  t.is(events.at(-1), 'end')
  await close()
})

test.serial('one block of six steps and six blocks of one are the same', async (t) => {
  const folder = await temporary(t)
  const rates = Float64Array.of(1e-3, 2e-3, 3e-3, 3e-3, 2e-3, 1e-3)
  const one = await trainer()
  const block = await one.native.trainerSteps(one.handle, 0, await one.batches(0, 6), rates)
  const six = await trainer()
  const losses: number[] = []
  for (let step = 0; step < 6; step++) {
    const { losses: told } = await six.native.trainerSteps(
      six.handle,
      step,
      await six.batches(step, 1),
      rates.slice(step, step + 1),
    )
    losses.push(...told)
  }
  t.deepEqual([...block.losses], losses)
  for (const [name, each] of Object.entries({ one, six })) {
    await mkdir(join(folder, name))
    await each.native.trainerSave(each.handle, join(folder, name))
    await each.close()
  }
  for (const file of ['weights.safetensors', 'optimizer.safetensors'])
    t.deepEqual(await readTensors(join(folder, 'six', file)), await readTensors(join(folder, 'one', file)))
})

test.serial('after a step that is not finite no weight is other than after the last good one', async (t) => {
  const folder = await temporary(t)
  const saved = async (name: string, steps: number) => {
    const { native, handle, batches, close } = await trainer()
    const block = await native.trainerSteps(handle, 0, await batches(0, steps), new Float64Array(steps).fill(1e30))
    await mkdir(join(folder, name))
    await native.trainerSave(handle, join(folder, name))
    await close()
    const tensors = await readTensors(join(folder, name, 'weights.safetensors'))
    const state = await readTensors(join(folder, name, 'optimizer.safetensors'))
    // Running statistics are no weights: the forward pass that went wrong has seen its batch.
    return { block, weights: [...tensors].filter(([tensor]) => !tensor.includes('running_')), state }
  }
  const [good, bad] = [await saved('good', 1), await saved('bad', 4)]
  t.is(good.block.firstBad, -1)
  t.is(bad.block.firstBad, 1)
  t.not(bad.block.culprit, '')
  t.deepEqual([...bad.block.losses.slice(2)], [Number.NaN, Number.NaN])
  t.deepEqual(bad.weights, good.weights)
  t.deepEqual(bad.state, good.state)
})

test.serial('threads that one run asks for are not the default of the next', async (t) => {
  const { threads } = await (await engine()).environment()
  const { train: data } = await characters()
  const folder = await temporary(t)
  const { plan } = await trainTiny(join(folder, 'run'), { threads: threads + 1, steps: 4 })
  t.is(plan.threads, threads + 1)
  t.is((await (await engine()).environment()).threads, threads)
  const { data: _, threads: __, ...options } = tiny(data, 'nowhere')
  t.is((await resolvePlan(await checkTrainOptions(options), { data }, false)).threads, threads)
})

test.serial('every native entry is a promise, and rejects with a code', async (t) => {
  const native = await engine()
  const none = 4_000_000
  const views = { mirror: false, shifts: [] }
  const empty = new Int32Array()
  const asked = { rows: new Float32Array(1), labels: new Int32Array(1), cameras: empty, own: empty }
  const wrong: Record<string, readonly unknown[]> = {
    close: [none],
    embedFeatures: [none, new Float32Array(1), 1],
    embedPack: [none, none, new Int32Array(1), views, 1],
    embedPixels: [none, new Uint8Array(1), 1, 1, views, 1],
    galleryMap: ['/does/not/exist', 'no JSON'],
    galleryNearest: [none, new Float32Array(1), 1],
    galleryOpen: [new Float32Array(1), 'no JSON'],
    galleryPairs: [none, new Int32Array(1), 0, 1, 2, -1, 1],
    galleryRanks: [none, asked, new Int32Array(1), new Int32Array()],
    galleryScores: [none, new Float32Array(1), new Int32Array(1)],
    gallerySearches: [none, new Int32Array(1), new Float32Array(1), new Int32Array(1), true],
    kMeansSeeds: [none, 1, 0, 0],
    kMeansStep: [none, new Float32Array(1)],
    lossCompute: ['no JSON', new Float32Array(2), 1, new Int32Array(), new Int32Array(), []],
    modelCreate: ['no JSON', ''],
    modelSave: [none, 'nowhere'],
    modelWhiten: ['no JSON', none, 1, none, new Int32Array(1), new Int32Array(1), views, 1],
    packOpen: ['/does/not/exist'],
    packRead: [none, new Int32Array(1)],
    products: [new Float32Array(3), new Float32Array(3), 2],
    selectClasses: [new Float32Array(2), 1, 'no JSON', new Int32Array(1)],
    trainerBackward: [none, 0, 0, new Float64Array(1), 1],
    trainerCreate: ['no JSON', none],
    trainerEmbed: [none, new Int32Array(1)],
    trainerForward: [none, 0, new Int32Array(1)],
    trainerLoad: [none, 'nowhere'],
    trainerMine: [none, new Int32Array(1), new Int32Array(1), 'no JSON', new Int32Array(1)],
    trainerModel: [none],
    trainerSave: [none, 'nowhere'],
    trainerSteps: [none, -1.5, new Int32Array(1), new Float64Array(1)],
    deviceMemory: [true],
    environment: [],
  }
  t.deepEqual(Object.keys(native).sort(), Object.keys(wrong).sort())
  for (const [name, args] of Object.entries(wrong)) {
    const entry = native[name as keyof typeof native] as (...args: readonly unknown[]) => Promise<unknown>
    const promise = entry(...args)
    t.true(promise instanceof Promise, name)
    if (name === 'environment' || name === 'deviceMemory') {
      await promise
      continue
    }
    const error = await t.throwsAsync(promise, { instanceOf: NPairError }, name)
    t.true(
      ['CLOSED', 'INVALID_OPTION', 'NOT_FOUND'].includes(error?.code ?? ''),
      `${name}: ${error?.code} ${error?.message}`,
    )
    t.regex(error?.stack ?? '', /nativeStep\.test/, name)
    await t.throwsAsync(entry(Symbol('no argument of this type')), { instanceOf: NPairError }, name)
  }
})

test.serial('classes that are deformed change what a step sees, by label, and need labels', async (t) => {
  const classes = { rotation: 180, stretch: 0.3, shear: 0.3 }
  const step = async (change: object, labelsOf?: (row: number) => number) => {
    const { native, handle, batches, close } = await trainer(change)
    const images = await batches(0, 1)
    const labels = labelsOf ? Int32Array.from(images, (_, row) => labelsOf(row)) : new Int32Array()
    const { losses } = await native.trainerSteps(handle, 0, images, Float64Array.of(1e-3), labels).finally(close)
    return losses[0] as number
  }
  const [byPair, others] = [(row: number) => row % 4, (row: number) => 10 + (row % 4)]
  const augment = { rotation: 10, shift: 0.1 }
  const plain = await step({ augment })
  t.is(await step({ augment: { ...augment, classes: { ...classes, share: 0 } } }, byPair), plain)
  const deformed = await step({ augment: { ...augment, classes } }, byPair)
  t.not(deformed, plain)
  t.is(await step({ augment: { ...augment, classes } }, byPair), deformed)
  t.not(await step({ augment: { ...augment, classes } }, others), deformed)
  await t.throwsAsync(step({ augment: { ...augment, classes } }), { code: 'INVALID_OPTION', message: /need labels/ })
})
