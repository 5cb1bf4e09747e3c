import test from 'ava'
import { resolvePreprocess } from '../../src/config/preprocess.js'
import { checkTrainOptions } from '../../src/config/trainOptions.js'
import { NPairError } from '../../src/errors.js'
import * as losses from '../../src/losses/losses.js'
import * as nets from '../../src/nets/nets.js'

const least = { net: { type: 'conv4' }, batch: { pairs: 8 }, steps: 100, output: 'runs/x' } as const

test('the least that must be said, and the defaults that it gets', async (t) => {
  const options = await checkTrainOptions(least)
  t.deepEqual(JSON.parse(JSON.stringify({ ...options, net: 0 })), {
    net: 0,
    loss: {
      ...{ type: 'nPairMc', l2: 5e-3, l2Convention: 'sum', l2Of: 'squaredNorm', temperature: 1, normalize: false },
      ...{ queries: 'anchors', sameClass: 'error' },
    },
    batch: { accumulate: 1, pairs: 8 },
    optimizer: {
      ...{ type: 'adam', learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 0 },
      schedule: { type: 'constant', warmup: 0 },
    },
    preprocess: { invert: false, mean: 0, std: 1 },
    augment: {
      ...{
        crop: 'random',
        flip: false,
        rotation: 0,
        scale: 0,
        shear: 0,
        shift: 0,
        fill: 0,
        brightness: 0,
        contrast: 0,
      },
    },
    ...{ steps: 100, seed: 0, device: 'auto', precision: 'auto', checkpointEvery: 1000, keepCheckpoints: 2 },
    ...{ mirror: false, shifts: [], output: 'runs/x' },
  })
  t.deepEqual(options.net, nets.conv4())
  t.is(typeof options.loss.compute, 'function')
  t.true(Object.isFrozen(options) && Object.isFrozen(options.optimizer.schedule))
})

test('everything said stays said; what factories give is taken', async (t) => {
  const given = {
    ...least,
    net: nets.casiaNet({ embeddingSize: 32 }),
    loss: losses.nPairMc({ temperature: 2 }),
    optimizer: { type: 'adam', learningRate: 0.1, clipNorm: 1, schedule: { type: 'cosine', warmup: 10 } },
    preprocess: { invert: true, mean: [0.1, 0.2, 0.3] },
    augment: { rotation: 15 },
    ...{ seed: 2 ** 40, device: 'cpu', precision: 'float64', threads: 2, checkpointEvery: 0, mirror: true },
    validation: { protocol: { type: 'oneShot', ways: 5 }, figure: 'error' },
  }
  const options = await checkTrainOptions(given)
  t.deepEqual(options.net, given.net)
  t.is((options.loss as losses.NPairMc).temperature, 2)
  t.deepEqual(options.optimizer.schedule, { type: 'cosine', warmup: 10, final: 0 })
  t.is(options.optimizer.clipNorm, 1)
  t.deepEqual(options.preprocess, { invert: true, mean: [0.1, 0.2, 0.3], std: 1 })
  t.is(options.augment.rotation, 15)
  t.is(options.seed, 2 ** 40)
  t.is(options.threads, 2)
  t.is(options.checkpointEvery, 0)
  t.deepEqual(options.validation, { every: 500, keep: 'best', protocol: { type: 'oneShot', ways: 5 }, figure: 'error' })
  // Resolved options are options: what a plan recorded can be checked again.
  t.deepEqual(await checkTrainOptions(JSON.parse(JSON.stringify(options))), options)
})

test('what each optimiser, the average and the guard get by default', async (t) => {
  const resolved = async (options: object) => checkTrainOptions({ ...least, ...options })
  const schedule = { type: 'constant', warmup: 0 }
  const common = { learningRate: 1e-3, clipNorm: 0, schedule }
  t.deepEqual((await resolved({ optimizer: { type: 'adamW' } })).optimizer, {
    ...{ type: 'adamW', ...common, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 1e-2 },
  } as never)
  t.deepEqual((await resolved({ optimizer: { type: 'sgd' } })).optimizer, {
    ...{ type: 'sgd', ...common, momentum: 0.9, dampening: 0, nesterov: false, weightDecay: 0 },
  } as never)
  const sgd = { type: 'sgd', ...common, momentum: 0.5, dampening: 0.1, nesterov: false, weightDecay: 1 }
  t.deepEqual((await resolved({ optimizer: sgd })).optimizer, sgd as never)
  t.deepEqual((await resolved({ ema: {} })).ema, { decay: 0.999, warmup: true })
  t.deepEqual((await resolved({ ema: { decay: 0.5, warmup: false } })).ema, { decay: 0.5, warmup: false })
  const guard = { onDivergence: 'skip', maxCosine: 0.98, maxNorm: 1000, gradientSpike: 20, decay: 0.98, warmup: 100 }
  t.deepEqual((await resolved({ guard: { onDivergence: 'skip' } })).guard, {
    ...{ ...guard, mostSkipped: 20, retries: 1, rateFactor: 0.5 },
  } as never)
  t.deepEqual((await resolved({ batch: { pairs: 8, accumulate: 3 } })).batch, { pairs: 8, accumulate: 3 })
  const all = { optimizer: sgd, ema: { decay: 0.5 }, guard, precision: 'bfloat16', batch: { pairs: 8, accumulate: 3 } }
  const options = await resolved(all)
  t.true(
    'ema' in options && 'guard' in options && !('ema' in (await resolved({}))) && !('guard' in (await resolved({}))),
  )
  t.deepEqual(await checkTrainOptions(JSON.parse(JSON.stringify(options))), options)
})

test('undefined means left out', async (t) => {
  t.deepEqual(
    await checkTrainOptions({ ...least, seed: undefined, optimizer: undefined }),
    await checkTrainOptions(least),
  )
})

test('mean and deviation become one number a channel when the channels are known', (t) => {
  t.deepEqual(resolvePreprocess({ mean: 0.5 }, 3), { invert: false, mean: [0.5, 0.5, 0.5], std: [1, 1, 1] })
  t.deepEqual(resolvePreprocess({ mean: [1, 2, 3], std: 2 }, 3).mean, [1, 2, 3])
  t.is(t.throws(() => resolvePreprocess({ std: [1, 1, 1] }, 1), { instanceOf: NPairError })?.option, 'preprocess.std')
})

test('no options at all', async (t) => {
  await t.throwsAsync(() => checkTrainOptions(undefined), {
    message: 'Expected an object for options but received undefined of type undefined',
  })
})

test('of several mistakes the first is the message, the others are the detail', async (t) => {
  const error = await t.throwsAsync(() => checkTrainOptions({ ...least, steps: 0, seeed: 1, mirror: 2 }), {
    instanceOf: NPairError,
  })
  t.is(error?.message, 'Unknown option seeed: did you mean seed?')
  t.deepEqual(error?.detail?.split('\n').length, 2)
})

test('a net that does not fit the input of its own is refused before anything runs', async (t) => {
  const net = { type: 'conv4', input: { channels: 1, height: 8, width: 8 } }
  const error = await t.throwsAsync(() => checkTrainOptions({ ...least, net }), { instanceOf: NPairError })
  t.is(error?.code, 'LAYER_SHAPE')
})
