import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { resolveSchedule, type ScheduleOptions } from '../../src/config/schedule.js'
import { nets } from '../../src/index.js'
import { pairs } from '../../src/sampling/pairs.js'
import { checkpointFolder, listCheckpoints, lookAtCheckpoint } from '../../src/train/checkpoint.js'
import type { Progress } from '../../src/train/loop.js'
import { readMetrics, type StepMetrics } from '../../src/train/metricsLog.js'
import { learningRate } from '../../src/train/schedule.js'
import { resume, type TrainInput, train } from '../../src/train/train.js'
import { characters, contents, outcome, readTensors, refused, temporary, tiny, trainTiny } from './tinyRun.js'

const isStep = (line: object): line is StepMetrics => 'loss' in line

test('a run leaves plan, environment, metrics, checkpoint and bundle behind, and says how it goes', async (t) => {
  const folder = join(await temporary(t), 'deep/run')
  const told: Progress[] = []
  const run = await trainTiny(folder, { onProgress: (progress) => told.push(progress), checkpointEvery: 5 })
  t.deepEqual((await readdir(folder)).sort(), [
    'checkpoints',
    'config.json',
    'environment.json',
    'metrics.jsonl',
    'model',
  ])
  t.deepEqual(JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')), run.plan)
  const environment = JSON.parse(await readFile(join(folder, 'environment.json'), 'utf8'))
  t.is(environment.seed, 5)
  t.is(environment.threads, 1)
  t.is(environment.node, process.version)
  t.deepEqual(await listCheckpoints(folder), [10, 12])

  const lines = (await readMetrics(folder)).filter(isStep)
  t.deepEqual(
    lines.map(({ step }) => step),
    Array.from({ length: 12 }, (_, i) => i + 1),
  )
  for (const line of lines) for (const [name, value] of Object.entries(line)) t.true(Number.isFinite(value), name)
  t.true((lines.at(-1)?.loss as number) < (lines[0]?.loss as number))

  const steps = told.map(({ step }) => step)
  t.deepEqual(
    steps,
    [...new Set(steps)].sort((a, b) => a - b),
  )
  t.true(
    [5, 10, 12].every((step) => steps.includes(step)),
    'a block ends where a checkpoint is due',
  )
  t.true(told.every(({ steps, remaining, imagesPerSecond }) => steps === 12 && remaining >= 0 && imagesPerSecond > 0))
  t.is(told.at(-1)?.remaining, 0)
  t.is(run.last, told.at(-1))
  t.is(run.last?.loss, lines.at(-1)?.loss)
})

test('the same seed gives the same weights, another one others', async (t) => {
  const folder = await temporary(t)
  await trainTiny(join(folder, 'a'))
  await trainTiny(join(folder, 'b'))
  await trainTiny(join(folder, 'c'), { seed: 6 })
  t.deepEqual(await outcome(join(folder, 'b')), await outcome(join(folder, 'a')))
  t.notDeepEqual(await outcome(join(folder, 'c')), await outcome(join(folder, 'a')))
})

test('where blocks of steps end changes nothing', async (t) => {
  const folder = await temporary(t)
  const ends: number[] = []
  await trainTiny(join(folder, '1'), { checkpointEvery: 1, onProgress: ({ step }) => ends.push(step) })
  t.deepEqual(
    ends,
    Array.from({ length: 12 }, (_, i) => i + 1),
  )
  for (const checkpointEvery of [5, 0]) {
    await trainTiny(join(folder, `${checkpointEvery}`), { checkpointEvery })
    t.deepEqual(await outcome(join(folder, `${checkpointEvery}`)), await outcome(join(folder, '1')))
  }
})

const schedules: ScheduleOptions[] = [
  { type: 'constant', warmup: 4 },
  { type: 'step', milestones: [5, 9], factor: 0.5, warmup: 2 },
  { type: 'cosine', warmup: 3, final: 0.1 },
]
for (const schedule of schedules)
  test(`the ${schedule.type} schedule with warm-up reaches the engine`, async (t) => {
    const folder = join(await temporary(t), 'run')
    const optimizer = { type: 'adam' as const, learningRate: 0.02, schedule }
    await trainTiny(folder, { optimizer, checkpointEvery: 1, keepCheckpoints: 12 })
    const rates = (await readMetrics(folder)).filter(isStep).map((line) => line.learningRate)
    const resolved = resolveSchedule(schedule)
    t.deepEqual(
      rates,
      rates.map((_, step) => learningRate(resolved, 0.02, step, 12)),
    )
    // Adam's first step moves every weight by the learning rate, whatever the gradient: ±rate.
    const at = (step: number) => readTensors(join(checkpointFolder(folder, step), 'weights.safetensors'))
    await trainTiny(join(folder, '../start'), { optimizer, steps: 12, signal: AbortSignal.abort() }).catch(
      () => undefined,
    )
    const before = await readTensors(join(checkpointFolder(join(folder, '../start'), 0), 'weights.safetensors'))
    const moved = [...(await at(1))].flatMap(([name, { shape, values }]) =>
      shape.length > 1 ? Array.from(values, (x, i) => Math.abs(x - (before.get(name)?.values[i] as number))) : [],
    )
    t.true(Math.abs(Math.max(...moved) / (rates[0] as number) - 1) < 1e-3, `${Math.max(...moved)} for ${rates[0]}`)
  })

test('clipNorm shortens the gradient that the optimiser sees and not the one that is reported', async (t) => {
  const folder = await temporary(t)
  const clip = async (name: string, clipNorm: number) => {
    await trainTiny(join(folder, name), { steps: 1, optimizer: { type: 'adam', clipNorm } })
    const state = await readTensors(join(checkpointFolder(join(folder, name), 1), 'optimizer.safetensors'))
    // After one step exp_avg is (1 − beta1) times the gradient.
    const squares = [...state].flatMap(([tensor, { values }]) =>
      tensor.endsWith('.exp_avg') ? Array.from(values, (x) => (10 * x) ** 2) : [],
    )
    const reported = (await readMetrics(join(folder, name))).find(isStep)?.gradientNorm as number
    return { reported, seen: Math.sqrt(squares.reduce((a, b) => a + b, 0)) }
  }
  const [free, loose, tight] = [await clip('free', 0), await clip('loose', 1e9), await clip('tight', 1e-3)]
  t.true(Math.abs(free.seen / free.reported - 1) < 1e-4)
  t.deepEqual(loose, free)
  t.is(tight.reported, free.reported)
  t.true(Math.abs(tight.seen / 1e-3 - 1) < 1e-3, `${tight.seen}`)
})

test('weight decay adds its share of each weight to the gradient, not of biases and norms', async (t) => {
  const folder = await temporary(t)
  const one = async (name: string, weightDecay: number) => {
    await trainTiny(join(folder, name), { steps: 1, optimizer: { type: 'adam', weightDecay } })
    return readTensors(join(checkpointFolder(join(folder, name), 1), 'optimizer.safetensors'))
  }
  const [plain, decayed] = [await one('plain', 0), await one('decayed', 0.5)]
  await refused(t, () => trainTiny(join(folder, 'start'), { signal: AbortSignal.abort() }), 'ABORTED')
  const start = await readTensors(join(checkpointFolder(join(folder, 'start'), 0), 'weights.safetensors'))
  const kinds = { decayed: 0, left: 0 }
  for (const [name, { shape, values }] of plain) {
    if (!name.endsWith('.exp_avg')) continue
    const other = decayed.get(name)?.values as Float32Array
    // After one step exp_avg is (1 − beta1) times the gradient.
    if (shape.length > 1) {
      kinds.decayed++
      const weights = start.get(name.slice(0, -'.exp_avg'.length))?.values as Float32Array
      values.forEach((x, i) => {
        const expected = x + 0.1 * 0.5 * (weights[i] as number)
        t.true(Math.abs((other[i] as number) - expected) <= 1e-5 * (1 + Math.abs(expected)), `${name}[${i}]`)
      })
    } else {
      kinds.left++
      t.deepEqual(other, values, name)
    }
  }
  t.true(kinds.decayed >= 4 && kinds.left >= 8)
})

test('a sampler of one’s own: its batches train; resuming demands it', async (t) => {
  const folder = await temporary(t)
  const { train: data } = await characters()
  const same = pairs(data, { pairs: 4, seed: 5 })
  const asked: number[] = []
  const own = {
    batch: async (step: number) => {
      asked.push(step)
      return same.batch(step)
    },
  }
  const [a, b] = [join(folder, 'a'), join(folder, 'b')]
  const run = await trainTiny(a, { sampler: own })
  await trainTiny(b)
  t.deepEqual(
    asked,
    Array.from({ length: 12 }, (_, i) => i),
  )
  t.deepEqual(await outcome(a), await outcome(b))
  t.is(run.plan.batch.sampler, 'custom')

  const error = await refused(
    t,
    () => resume(a),
    'INVALID_OPTION',
    /Expected a sampler .* started with one of your own/,
  )
  t.is(error.option, 'sampler')
  const again = await resume(a, { sampler: own })
  await again.model.close()
  await refused(t, () => resume(b, { sampler: own }), 'INVALID_OPTION', /Expected no sampler/)
})

test('what a sampler may not give', async (t) => {
  const folder = await temporary(t)
  const { train: data, test: others } = await characters()
  const good = await pairs(data, { pairs: 4, seed: 5 }).batch(0)
  const changed = (...changes: [number, number | undefined][]) => {
    const batch = Int32Array.from(good)
    for (const [at, id] of changes) batch[at] = id as number
    return batch
  }
  const bad: [string, unknown, RegExp][] = [
    [
      'short',
      good.slice(1),
      /Expected an Int32Array of 8 image ids from sampler.batch\(0\) but received Int32Array of length 7/,
    ],
    ['array', Array.from(good), /received Array of length 8/],
    ['nothing', undefined, /received undefined of length undefined/],
    ['negative', changed([0, -1]), /ids of images of the dataset .* received -1/],
    ['beyond', changed([0, 4 * data.pack.count]), /ids of images of the dataset/],
    ['test half', changed([0, others.images[0]]), /ids of images of the dataset/],
    ['same image', changed([4, good[0]]), /two images of one class in each row .* in row 0/],
    ['other class', changed([4, good[1]]), /two images of one class in each row .* in row 0/],
    ['class twice', changed([1, good[0]], [5, good[4]]), /each class in one row/],
  ]
  for (const [name, batch, message] of bad) {
    const sampler = { batch: () => batch as Int32Array }
    const error = await refused(t, () => trainTiny(join(folder, name), { sampler }), 'INVALID_OPTION', message)
    t.is(error.option, 'sampler', name)
  }
})

const unfit: [string, Partial<TrainInput>, 'INVALID_OPTION' | 'DATA_CLASSES' | 'LAYER_SHAPE', RegExp][] = [
  [
    'a fraction',
    { batch: { pairs: 1.5 } },
    'INVALID_OPTION',
    /^Expected an integer >= 2 for batch.pairs but received 1.5 of type number$/,
  ],
  ['too many pairs', { batch: { pairs: 13 } }, 'DATA_CLASSES', /batch.pairs asks for 13 classes .* the data has 12/],
  [
    'no data',
    { data: {} as never },
    'INVALID_OPTION',
    /Expected a dataset \(from datasets.…\) for data but received object/,
  ],
  ['no test', { test: null as never }, 'INVALID_OPTION', /for test but received null/],
  [
    'no validation data',
    { validation: { protocol: { type: 'retrieval' } } },
    'INVALID_OPTION',
    /dataset for validationData/,
  ],
  [
    'a layer that is called as the loss’s own parameters are',
    { net: nets.layers({ layers: [{ type: 'flatten' }, { type: 'linear', name: 'loss', out: 4 }] }) },
    'INVALID_OPTION',
    /no layer of this name, which is that of the loss, for net.layers but received 'loss'/,
  ],
  [
    'a net for colours',
    { net: nets.conv4({ input: { channels: 3, height: 28, width: 28 } }) },
    'INVALID_OPTION',
    /Expected the 1 of the data for net.input.channels but received 3/,
  ],
  [
    'a net too deep',
    { net: nets.layers({ layers: [{ type: 'maxPool', kernel: 29 }, { type: 'flatten' }] }) },
    'LAYER_SHAPE',
    /./,
  ],
  ['no function', { onProgress: 1 as never }, 'INVALID_OPTION', /Expected a function for onProgress but received 1/],
  ['no signal', { signal: {} as never }, 'INVALID_OPTION', /Expected an AbortSignal for signal/],
  [
    'no sampler',
    { sampler: {} as never },
    'INVALID_OPTION',
    /Expected an object with a function batch, or what mining.custom gives, for sampler/,
  ],
]
for (const [name, change, code, message] of unfit)
  test(`refused before anything is written: ${name}`, async (t) => {
    const folder = await temporary(t)
    await refused(t, () => trainTiny(join(folder, 'run'), change), code, message)
    t.deepEqual(await readdir(folder), [])
  })

test('validation data that nothing says to judge on', async (t) => {
  const folder = await temporary(t)
  const { test: validationData } = await characters()
  const change = { validationData }
  const message = /Expected validation with validationData/
  const error = await refused(t, () => trainTiny(join(folder, 'run'), change), 'INVALID_OPTION', message)
  t.is(error.option, 'validation')
  t.deepEqual(await readdir(folder), [])
})

test('a protocol that does not fit is refused before the first step', async (t) => {
  const folder = await temporary(t)
  const { test: validationData } = await characters()
  const validation = { protocol: { type: 'oneShot' as const, ways: 20 } }
  await refused(
    t,
    () => trainTiny(join(folder, 'run'), { validation, validationData }),
    'DATA_CLASSES',
    /too few for 20 ways/,
  )
  t.deepEqual(await readdir(folder), [])
})

test('an output that is taken is left alone', async (t) => {
  const folder = await temporary(t)
  await trainTiny(join(folder, 'run'), { steps: 1, optimizer: { type: 'adam' } })
  await mkdir(join(folder, 'other'))
  await writeFile(join(folder, 'other/notes.txt'), 'mine')
  await writeFile(join(folder, 'file'), 'mine')
  const before = await contents(folder)
  await refused(t, () => trainTiny(join(folder, 'run')), 'OUTPUT_EXISTS', /already holds a run: .*npair resume/)
  await refused(t, () => trainTiny(join(folder, 'other')), 'OUTPUT_EXISTS', /is not empty \(notes.txt\)/)
  await refused(t, () => trainTiny(join(folder, 'file')), 'NOT_WRITABLE')
  await refused(t, () => trainTiny(join(folder, 'file/run')), 'NOT_WRITABLE', /Cannot write .*file/)
  t.deepEqual(await contents(folder), before)
})

test('an empty folder may be an output', async (t) => {
  const folder = await temporary(t)
  await trainTiny(folder, { steps: 1, optimizer: { type: 'adam' } })
  t.true((await stat(join(folder, 'model/model.json'))).isFile())
})

test('a number that is not finite stops the run with step and culprit; the last checkpoint is whole', async (t) => {
  const folder = join(await temporary(t), 'run')
  const optimizer = { type: 'adam' as const, learningRate: 1e30 }
  const plans: TrainInput[] = [tiny((await characters()).train, folder, { optimizer, checkpointEvery: 1 })]
  const error = await refused(
    t,
    () => train(plans[0] as TrainInput),
    'NON_FINITE',
    /^Step 2: (the gradient of \S+|the loss|\S+) is not finite \(loss \S+, gradient norm \S+, learning rate 1e\+30\); the checkpoint of step 1 is whole/,
  )
  t.regex(error.message, /conv|norm|embedding|loss/)
  t.deepEqual(
    (await readMetrics(folder)).filter(isStep).map(({ step }) => step),
    [1],
  )
  t.deepEqual(await listCheckpoints(folder), [1])
  const plan = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'))
  t.is((await lookAtCheckpoint(folder, 1, plan)).state?.step, 1)
  t.false((await readdir(folder)).includes('model'))
})

test('without a checkpoint it says so', async (t) => {
  const optimizer = { type: 'adam' as const, learningRate: 1e30 }
  const folder = join(await temporary(t), 'run')
  await refused(
    t,
    () => trainTiny(folder, { optimizer, checkpointEvery: 0 }),
    'NON_FINITE',
    /there is no checkpoint yet/,
  )
})

test('a signal that is aborted already leaves a run that can be resumed', async (t) => {
  const folder = await temporary(t)
  const [a, b] = [join(folder, 'a'), join(folder, 'b')]
  const error = await refused(
    t,
    () => trainTiny(a, { signal: AbortSignal.abort() }),
    'ABORTED',
    /^Stopped after step 0 of 12; go on with: npair resume /,
  )
  t.is(error.name, 'AbortError')
  t.deepEqual(await listCheckpoints(a), [0])
  await (await resume(a)).model.close()
  await trainTiny(b)
  t.deepEqual(await outcome(a), await outcome(b))
})

test('checkpoints: the newest stay, and none on the way where none are asked for', async (t) => {
  const folder = await temporary(t)
  await trainTiny(join(folder, 'three'), { checkpointEvery: 2, keepCheckpoints: 3 })
  t.deepEqual(await listCheckpoints(join(folder, 'three')), [8, 10, 12])
  await trainTiny(join(folder, 'one'), { checkpointEvery: 5, keepCheckpoints: 1 })
  t.deepEqual(await listCheckpoints(join(folder, 'one')), [12])
  await trainTiny(join(folder, 'end'), { checkpointEvery: 0, keepCheckpoints: 9 })
  t.deepEqual(await listCheckpoints(join(folder, 'end')), [12])
})
