import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import type { Batch } from '../../src/config/batch.js'
import { losses } from '../../src/index.js'
import type { LossOptions } from '../../src/losses/losses.js'
import { checkpointFolder } from '../../src/train/checkpoint.js'
import { readMetrics } from '../../src/train/metricsLog.js'
import { wrongInPlan } from '../../src/train/plan.js'
import { resume } from '../../src/train/train.js'
import { characters, outcome, readTensors, refused, stopAt, temporary, trainTiny } from './tinyRun.js'

const pairs = { pairs: 4 }
const balanced = { type: 'classBalanced', classes: 4, imagesPerClass: 3 } as const
const triples = { type: 'tuplets', tuplets: 4, negatives: 1 } as const
const every: [LossOptions, Batch][] = [
  [{ type: 'nPairOvo' }, pairs],
  [{ type: 'nPairMc', queries: 'symmetric', normalize: true, temperature: 0.1 }, pairs],
  [{ type: 'nPairMc', queries: 'all', sameClass: 'sum' }, balanced],
  [
    { type: 'nPairMc', sameClass: 'soft' },
    { ...balanced, imagesPerClass: 4 },
  ],
  [{ type: 'supCon' }, balanced],
  [{ type: 'contrastive' }, balanced],
  [{ type: 'triplet', form: 'smooth', l2: 1e-3 }, pairs],
  [{ type: 'triplet', triplets: 'hard' }, balanced],
  [{ type: 'triplet', triplets: 'given' }, triples],
  [{ type: 'tripletMargin' }, triples],
  [
    { type: 'tuplet', negatives: 5 },
    { ...triples, negatives: 5 },
  ],
  [
    { type: 'tuplet', negatives: 11, ideal: true },
    { ...triples, negatives: 11 },
  ],
  [{ type: 'softmax' }, balanced],
  [{ type: 'arcFace', scale: 16 }, balanced],
  [{ type: 'cosFace' }, pairs],
  [{ type: 'proxyAnchor' }, pairs],
]
for (const [loss, batch] of every)
  test.serial(`trains, and resumed is the same run: ${JSON.stringify(loss)}`, async (t) => {
    const folder = await temporary(t)
    const change = { loss, batch, steps: 8 }
    const { plan, last } = await trainTiny(join(folder, 'whole'), change)
    t.true(Number.isFinite(last?.loss))
    await stopAt(t, 3, join(folder, 'run'), change)
    const run = await resume(join(folder, 'run'))
    await run.model.close()
    t.deepEqual(await outcome(join(folder, 'run'), 8), await outcome(join(folder, 'whole'), 8))
    t.deepEqual({ ...plan.loss, ...loss }, { ...plan.loss })
    const own = 'classes' in plan.loss
    const names = await readdir(checkpointFolder(join(folder, 'run'), 8))
    t.is(names.includes('loss.safetensors'), own)
  })

test.serial('the loss of a step is what the loss alone says of its embeddings', async (t) => {
  const folder = await temporary(t)
  // A loss of one's own that asks a native one: what it trains is the same run, but for the rounding of its way through float64.
  const change = { batch: balanced, steps: 6, precision: 'float64' } as const
  const native = losses.supCon({ temperature: 0.5 })
  let calls = 0
  const own = losses.custom({
    async compute(embeddings, labels) {
      calls++
      return native.compute(embeddings, labels)
    },
  })
  await trainTiny(join(folder, 'native'), { ...change, loss: native })
  await trainTiny(join(folder, 'own'), { ...change, loss: own })
  t.is(calls, 6)
  t.deepEqual(await outcome(join(folder, 'own'), 6), await outcome(join(folder, 'native'), 6))
})

test.serial('with everything else that training knows, and resumed the same', async (t) => {
  const folder = await temporary(t)
  const guard = { onDivergence: 'stop', maxCosine: 1, warmup: 0 } as const
  const change = { ema: { decay: 0.5 }, guard, precision: 'bfloat16', steps: 8 } as const
  const forms: [LossOptions, Batch][] = [
    [{ type: 'proxyAnchor' }, balanced],
    [{ type: 'tripletMargin' }, triples],
    [{ type: 'arcFace', scale: 16 }, pairs],
  ]
  for (const [loss, form] of forms) {
    const all = {
      ...change,
      loss,
      batch: { ...form, accumulate: 2 },
      optimizer: { type: 'sgd', learningRate: 1e-2 },
    } as const
    const [whole, stopped] = [join(folder, `${loss.type}-whole`), join(folder, `${loss.type}-run`)]
    const { plan, last } = await trainTiny(whole, all)
    t.true(Number.isFinite(last?.loss) && Number.isFinite(last?.cosine), loss.type)
    t.is(plan.batch.accumulate, 2)
    await stopAt(t, 3, stopped, all)
    const run = await resume(stopped)
    await run.model.close()
    t.deepEqual(await outcome(stopped, 8), await outcome(whole, 8))
  }
})

test.serial('a loss of one’s own under a guard and an average; its steps have one batch', async (t) => {
  const folder = await temporary(t)
  const native = losses.supCon({ temperature: 0.5 })
  const own = losses.custom({ compute: (embeddings, labels) => native.compute(embeddings, labels) })
  const guard = { onDivergence: 'rollback', maxCosine: 1, warmup: 0 } as const
  const change = { batch: balanced, ema: { decay: 0.5 }, guard, steps: 6, precision: 'float64' } as const
  await trainTiny(join(folder, 'native'), { ...change, loss: native })
  await trainTiny(join(folder, 'own'), { ...change, loss: own })
  t.deepEqual(await outcome(join(folder, 'own'), 6), await outcome(join(folder, 'native'), 6))
  await refused(
    t,
    () => trainTiny(join(folder, 'two'), { loss: own, batch: { ...balanced, accumulate: 2 } }),
    'INVALID_OPTION',
    /^Expected 1 with a loss of your own for batch.accumulate but received 2/,
  )
})

test.serial('a plan whose batch is none is refused by the name of what is wrong', async (t) => {
  const folder = join(await temporary(t), 'run')
  const { plan } = await trainTiny(folder, { loss: { type: 'supCon' }, batch: balanced, steps: 4 })
  t.is(wrongInPlan(plan), undefined)
  const broken = (batch: object) => wrongInPlan({ ...plan, batch: batch as never })
  t.is(broken({ ...plan.batch, imagesPerClass: 0 }), 'batch.imagesPerClass')
  t.is(broken({ type: 'classBalanced', imagesPerClass: 2 }), 'batch.classes')
  t.is(broken({ ...triples, negatives: 'some' }), 'batch.negatives')
  t.is(broken({ ...triples, tuplets: 1.5 }), 'batch.tuplets')
  t.is(broken({ accumulate: 1 }), 'batch.pairs')
  t.is(broken({ type: 'heap' }), 'batch.type')
  t.is(wrongInPlan({ ...plan, batch: [] as never }), 'batch')
})

test.serial('parameters of a loss are trained and checkpointed, by name, and no part of the model', async (t) => {
  const folder = await temporary(t)
  const change = { loss: losses.softmax(), batch: pairs }
  const { plan } = await trainTiny(join(folder, 'run'), { ...change, checkpointEvery: 6, keepCheckpoints: 9 })
  const { train: data } = await characters()
  t.deepEqual(plan.loss, { type: 'softmax', classes: data.classes.length })
  const at = (step: number, name: string) => readTensors(join(checkpointFolder(join(folder, 'run'), step), name))
  const [half, end] = [await at(6, 'loss.safetensors'), await at(12, 'loss.safetensors')]
  t.deepEqual([...end.keys()].sort(), ['loss.bias', 'loss.weight'])
  t.deepEqual(end.get('loss.weight')?.shape, [data.classes.length, 8])
  t.notDeepEqual(half.get('loss.weight'), end.get('loss.weight'))
  const moments = await at(12, 'optimizer.safetensors')
  t.true(['exp_avg', 'exp_avg_sq', 'step'].every((name) => moments.has(`loss.weight.${name}`)))
  const model = await readTensors(join(folder, 'run/model/weights.safetensors'))
  t.false([...model.keys()].some((name) => name.startsWith('loss')))
  // A checkpoint without them is refused, where there is no other.
  await rm(checkpointFolder(join(folder, 'run'), 6), { recursive: true })
  const last = checkpointFolder(join(folder, 'run'), 12)
  await rm(join(last, 'loss.safetensors'))
  await refused(t, () => resume(join(folder, 'run')), 'CHECKPOINT_CORRUPT', /loss.safetensors is missing/)
})

test.serial('an error in a loss of one’s own ends the run with its stack', async (t) => {
  const folder = await temporary(t)
  class Mine extends Error {}
  const breaks = (after: number) => {
    let calls = 0
    return losses.custom({
      compute: function whereItBreaks({ data }) {
        if (calls++ === after) throw new Mine('not today')
        return { loss: 1, gradient: data.map((x) => 0.1 * x), terms: { l2: 0.25 } }
      },
    })
  }
  const error = await t.throwsAsync(() => trainTiny(join(folder, 'run'), { loss: breaks(4), checkpointEvery: 3 }), {
    instanceOf: Mine,
    message: 'not today',
  })
  t.regex(error?.stack ?? '', /whereItBreaks/)
  const told = (await readMetrics(join(folder, 'run'))).filter((line) => 'loss' in line)
  t.deepEqual(
    told.map((line) => [line.step, 'l2' in line && line.l2]),
    [
      [1, 0.25],
      [2, 0.25],
      [3, 0.25],
      [4, 0.25],
    ],
  )
  // The function is in no file: resuming asks for it, and goes on from the last checkpoint.
  await refused(t, () => resume(join(folder, 'run')), 'INVALID_OPTION', /Expected a loss .* one of your own/)
  await refused(
    t,
    () => resume(join(folder, 'run'), { loss: {} as never }),
    'INVALID_OPTION',
    /what losses.custom gives/,
  )
  const run = await resume(join(folder, 'run'), { loss: breaks(-1) })
  await run.model.close()
  t.is(run.last?.step, 12)
  await trainTiny(join(folder, 'whole'), { loss: breaks(-1), checkpointEvery: 3 })
  t.deepEqual(await outcome(join(folder, 'run')), await outcome(join(folder, 'whole')))
  const config = JSON.parse(await readFile(join(folder, 'run/config.json'), 'utf8'))
  t.deepEqual(config.loss, { type: 'custom' })
})

test.serial('a loss of one’s own that returns no value, or one that is not finite', async (t) => {
  const folder = await temporary(t)
  const run = (name: string, value: unknown) =>
    trainTiny(join(folder, name), { loss: losses.custom({ compute: () => value as never }) })
  await refused(t, () => run('a', undefined), 'INVALID_OPTION', /to return \{ loss, gradient \} with a number loss/)
  await refused(t, () => run('b', { loss: 1, gradient: [1] }), 'INVALID_OPTION', /a Float64Array gradient/)
  await refused(t, () => run('c', { loss: 1, gradient: new Float64Array(3) }), 'INVALID_OPTION', /of 64 numbers/)
  const zeros = new Float64Array(64)
  await refused(
    t,
    () => run('d', { loss: Number.NaN, gradient: zeros }),
    'NON_FINITE',
    /Step 1: the loss is not finite/,
  )
  await refused(
    t,
    () => run('e', { loss: 1, gradient: zeros.map(() => 1 / 0) }),
    'NON_FINITE',
    /Step 1: the gradient of/,
  )
})

test.serial('a loss and batches that do not fit each other are refused before anything is written', async (t) => {
  const folder = await temporary(t)
  const cases: [LossOptions, Batch, RegExp][] = [
    [{ type: 'nPairMc' }, balanced, /takes batches of pairs \(loss.sameClass is 'error'\)/],
    [{ type: 'nPairOvo', sameClass: 'mask' }, balanced, /an even number of images of each class/],
    [{ type: 'triplet' }, balanced, /pairs \(loss.triplets is 'paper'\)/],
    [{ type: 'triplet', triplets: 'given' }, pairs, /type 'tuplets' with negatives: 1/],
    [{ type: 'tripletMargin' }, pairs, /type 'tuplets' with negatives: 1/],
    [{ type: 'tuplet', negatives: 3 }, triples, /type 'tuplets' with negatives: 3/],
    [{ type: 'tuplet', negatives: 1, ideal: true }, triples, /Expected 11 for loss.negatives/],
    [{ type: 'supCon' }, triples, /pairs or type 'classBalanced'/],
    [{ type: 'softmax', classes: 5 }, pairs, /Expected an integer >= 12, the classes of the data, for loss.classes/],
  ]
  for (const [loss, batch, message] of cases)
    await refused(t, () => trainTiny(join(folder, 'run'), { loss, batch }), 'INVALID_OPTION', message)
  t.deepEqual(await readdir(folder), [])
})

test.serial('batches of a sampler of one’s own are held to the form that batch says', async (t) => {
  const folder = await temporary(t)
  const { train: data } = await characters()
  const row = (c: number, k: number) => data.images[6 * c + k] as number
  const good = [0, 1, 2, 3].flatMap((k) => [0, 1, 2, 3].map((c) => row(c, k)))
  const batch = { ...balanced, imagesPerClass: 4 }
  const run = (name: string, ids: number[], loss: LossOptions = { type: 'supCon' }, form: Batch = batch) =>
    trainTiny(join(folder, name), { loss, batch: form, sampler: { batch: () => Int32Array.from(ids) }, steps: 4 })
  await run('good', good)
  await refused(t, () => run('a', good.with(5, row(0, 5))), 'INVALID_OPTION', /4 images of one class in each row/)
  await refused(t, () => run('b', good.with(4, row(0, 0))), 'INVALID_OPTION', /4 images of one class in each row/)
  const twice = [row(0, 0), row(1, 0), row(0, 2), row(2, 0), row(0, 1), row(1, 1), row(0, 3), row(2, 1)]
  await refused(t, () => run('c', twice, { type: 'nPairMc' }, pairs), 'INVALID_OPTION', /each class in one row/)
  await run('d', twice, { type: 'nPairMc', sameClass: 'mask' }, pairs)
  const mixed = [row(0, 0), row(1, 0), row(0, 1), row(1, 1), row(0, 2), row(0, 3)]
  await refused(
    t,
    () => run('e', mixed, { type: 'tripletMargin' }, { ...triples, tuplets: 2 }),
    'INVALID_OPTION',
    /negatives of other classes/,
  )
})
