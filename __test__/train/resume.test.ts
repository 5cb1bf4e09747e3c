import { appendFile, mkdir, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import sharp from 'sharp'
import { datasets } from '../../src/data/datasets.js'
import { datasetPixels } from '../../src/data/pixels.js'
import { nets } from '../../src/index.js'
import { checkpointFolder, listCheckpoints, withChecksum } from '../../src/train/checkpoint.js'
import { readMetrics } from '../../src/train/metricsLog.js'
import { resume, train } from '../../src/train/train.js'
import {
  characters,
  contents,
  copyOf,
  goOn,
  judged,
  outcome,
  readTensors,
  refused,
  stopAt,
  temporary,
  timeless,
  tiny,
  trainTiny,
} from './tinyRun.js'

for (const step of [1, 5, 6, 11])
  test(`stopped after step ${step} and resumed: the very weights, optimiser and metrics of the run never stopped`, async (t) => {
    const folder = await temporary(t)
    const [whole, stopped] = [join(folder, 'whole'), join(folder, 'stopped')]
    await trainTiny(whole, await judged())
    await stopAt(t, step, stopped, await judged())
    t.deepEqual((await listCheckpoints(stopped)).at(-1), step)
    t.false((await readdir(stopped)).includes('model'))
    const told: number[] = []
    const run = await goOn(stopped, { onProgress: (progress) => told.push(progress.step) })
    t.true(Math.min(...told) > step)
    t.is(told.at(-1), 12)
    t.deepEqual(await outcome(stopped), await outcome(whole))
    t.is(run.best?.step, (await goOn(whole)).best?.step)
  })

test('stopped after every step, also in the middle of an epoch', async (t) => {
  const folder = await temporary(t)
  const [whole, stopped] = [join(folder, 'whole'), join(folder, 'stopped')]
  await trainTiny(whole)
  await stopAt(t, 1, stopped)
  for (let step = 1; step < 11; step++) {
    const controller = new AbortController()
    await refused(
      t,
      () => goOn(stopped, { signal: controller.signal, onProgress: () => controller.abort() }),
      'ABORTED',
    )
  }
  await goOn(stopped)
  t.deepEqual(await outcome(stopped), await outcome(whole))
})

test('after a crash: a half-written checkpoint, a torn line, steps told that no checkpoint holds', async (t) => {
  const folder = await temporary(t)
  const [whole, crashed] = [join(folder, 'whole'), join(folder, 'crashed')]
  const options = { ...(await judged()), checkpointEvery: 4, keepCheckpoints: 9 }
  await trainTiny(whole, options)
  await trainTiny(crashed, options)
  for (const step of [8, 12]) await rm(checkpointFolder(crashed, step), { recursive: true })
  const half = `${checkpointFolder(crashed, 8)}.tmp-999999`
  await mkdir(half)
  await writeFile(join(half, 'weights.safetensors'), 'half')
  await rename(join(crashed, 'model'), join(crashed, 'model.tmp-999999'))
  await rename(join(crashed, 'best'), join(crashed, 'best.tmp-999999-old'))
  await appendFile(join(crashed, 'metrics.jsonl'), '{"step":13,"lo')
  t.deepEqual(await timeless(crashed), await timeless(whole))
  t.deepEqual(await listCheckpoints(crashed), [4])

  await goOn(crashed)
  t.deepEqual(await outcome(crashed), await outcome(whole))
  t.deepEqual((await readdir(crashed)).sort(), (await readdir(whole)).sort())
  t.deepEqual(await listCheckpoints(crashed), [4, 8, 12])
  t.deepEqual((await readdir(join(crashed, 'checkpoints'))).sort(), (await readdir(join(whole, 'checkpoints'))).sort())
})

test('a crash before the first checkpoint: the run begins again', async (t) => {
  const folder = await temporary(t)
  const [whole, crashed] = [join(folder, 'whole'), join(folder, 'crashed')]
  await trainTiny(whole)
  await trainTiny(crashed)
  await rm(join(crashed, 'checkpoints'), { recursive: true })
  await goOn(crashed)
  t.deepEqual(await outcome(crashed), await outcome(whole))
})

test('the best model is the checkpoint’s, whatever became of best/ since', async (t) => {
  const folder = await temporary(t)
  const [a, b] = [join(folder, 'a'), join(folder, 'b')]
  const { test: validationData } = await characters()
  const validation = { every: 2, protocol: { type: 'oneShot' as const, ways: 5, episodes: 20 } }
  const run = await trainTiny(a, { validation, validationData, checkpointEvery: 2, keepCheckpoints: 9 })
  const best = run.best?.step as number
  t.true(best > 2 && best < 12, `the case that matters, a best model on the way, but it is of step ${best}`)
  await trainTiny(b, { validation, validationData, checkpointEvery: 2, keepCheckpoints: 9 })
  for (const step of await listCheckpoints(b)) if (step > best) await rm(checkpointFolder(b, step), { recursive: true })
  await rm(join(b, 'best'), { recursive: true })
  const again = await goOn(b)
  t.deepEqual(again.best, run.best)
  t.deepEqual(await outcome(b), await outcome(a))

  // Another model under the name of the best one: of steps that were lost and came out differently.
  await rm(join(b, 'best'), { recursive: true })
  await rename(await copyOf(t, join(b, 'model')), join(b, 'best'))
  await writeFile(join(b, 'best/weights.safetensors'), 'of another life')
  await goOn(b)
  t.deepEqual(await outcome(b), await outcome(a))
})

test('a finished run resumed is the same run', async (t) => {
  const folder = join(await temporary(t), 'run')
  const first = await trainTiny(folder, await judged())
  const before = await outcome(folder)
  const again = await goOn(folder, { onProgress: () => t.fail('there is nothing left to do') })
  t.is(again.last, undefined)
  t.deepEqual(again.plan, first.plan)
  t.deepEqual(again.best, first.best)
  t.deepEqual(await outcome(folder), before)
  t.deepEqual(
    (await readMetrics(folder)).flatMap((line) => ('loss' in line ? [line.step] : [])),
    Array.from({ length: 12 }, (_, i) => i + 1),
  )
})

test('a run folder that was moved, and data that was moved', async (t) => {
  const folder = await temporary(t)
  const { train: drawn } = await characters()
  const pixels = await datasetPixels(drawn, Array.from(drawn.images.keys()))
  for (const [i, image] of pixels.entries()) {
    const file = join(folder, 'images', `${drawn.imageName(i)}.png`)
    await mkdir(join(file, '..'), { recursive: true })
    await sharp(image, { raw: { width: 28, height: 28, channels: 1 } })
      .png()
      .toFile(file)
  }
  const whole = await datasets.folder(join(folder, 'images'), { size: 28 })
  const { train: data, test: validationData } = whole.splitByClass({ test: 0.5, seed: 1 })
  const validation = { every: 5, protocol: { type: 'retrieval' as const } }
  const output = join(folder, 'run')
  const done = await train(tiny(data, join(folder, 'whole'), { validation, validationData }))
  await done.model.close()
  await stopAt(t, 4, output, { data, validation, validationData })

  const [run, images] = [join(folder, 'elsewhere/run'), join(folder, 'elsewhere/images')]
  await mkdir(join(folder, 'elsewhere'))
  await rename(output, run)
  await rename(join(folder, 'images'), images)
  const before = await contents(run)
  await refused(t, () => goOn(run), 'NOT_FOUND', /images/)
  t.deepEqual(await contents(run), before)
  const missing = join(images, (await readdir(images))[0] as string)
  await rename(missing, join(folder, 'aside'))
  await refused(t, () => goOn(run, { dataPath: images }), 'PACK_CORRUPT', /are not those of the plan/)
  t.deepEqual(await contents(run), before)
  await rename(join(folder, 'aside'), missing)
  const resumed = await goOn(run, { dataPath: images })
  t.is(resumed.folder, run)
  t.deepEqual(await outcome(run), await outcome(join(folder, 'whole')))
})

test('data of validation that lies elsewhere stays there, or is where validationPath says', async (t) => {
  const folder = await temporary(t)
  const draw = async (name: string, seed: number) => {
    const drawn = await datasets.characters({ alphabets: 2, characters: 3, drawings: 4, seed })
    const pixels = await datasetPixels(drawn, Array.from(drawn.images.keys()))
    for (const [i, image] of pixels.entries()) {
      const file = join(folder, name, `${drawn.imageName(i)}.png`)
      await mkdir(join(file, '..'), { recursive: true })
      await sharp(image, { raw: { width: 28, height: 28, channels: 1 } })
        .png()
        .toFile(file)
    }
    return datasets.folder(join(folder, name), { size: 28 })
  }
  const [data, validationData] = [await draw('images', 1), await draw('others', 2)]
  const change = { validation: { every: 5, protocol: { type: 'retrieval' as const } }, validationData, data }
  await (await train(tiny(data, join(folder, 'whole'), change))).model.close()
  await stopAt(t, 4, join(folder, 'run'), change)
  await rename(join(folder, 'images'), join(folder, 'moved'))
  await refused(t, () => goOn(join(folder, 'run')), 'NOT_FOUND', /images/)
  const controller = new AbortController()
  const onProgress = ({ step }: { step: number }) => step >= 7 && controller.abort()
  const paths = { dataPath: join(folder, 'moved') }
  await refused(
    t,
    () => goOn(join(folder, 'run'), { ...paths, onProgress, signal: controller.signal } as never),
    'ABORTED',
  )
  await rename(join(folder, 'others'), join(folder, 'moved others'))
  await refused(t, () => goOn(join(folder, 'run'), paths), 'NOT_FOUND', /others/)
  await goOn(join(folder, 'run'), { ...paths, validationPath: join(folder, 'moved others') })
  t.deepEqual(await outcome(join(folder, 'run')), await outcome(join(folder, 'whole')))
})

const wrongHooks: [object, RegExp][] = [
  [{ onprogress: () => {} }, /Unknown option onprogress: did you mean onProgress/],
  [{ dataPath: 5 }, /Expected a path for dataPath but received 5/],
  [{ validationPath: '' }, /Expected a path for validationPath but received ''/],
  [{ validationPath: 'elsewhere' }, /Expected no validationPath: this run was started without validation/],
  [
    { sampler: { batch: () => new Int32Array(8) } },
    /Expected no sampler: this run was started without one of your own/,
  ],
]
test('hooks that resume does not know, or that do not fit the run', async (t) => {
  const folder = join(await temporary(t), 'run')
  await stopAt(t, 2, folder, { batch: { type: 'classBalanced', classes: 4, imagesPerClass: 2 } })
  const before = await contents(folder)
  for (const [hooks, message] of wrongHooks) await refused(t, () => goOn(folder, hooks), 'INVALID_OPTION', message)
  t.deepEqual(await contents(folder), before)
})

/** Changes a state and seals it again, as a program would that means it. */
const sealed = (change: object) => (state: Record<string, unknown>) => {
  const { checksum: _, ...rest } = { ...state, ...change }
  return withChecksum(JSON.parse(JSON.stringify(rest)))
}

const states: [string, (state: Record<string, unknown>) => unknown, RegExp][] = [
  ['a newer format', (state) => ({ ...state, format: 3 }), /it has format 3, and this npair reads formats 1 and 2/],
  ['a number that was altered', (state) => ({ ...state, rollbacks: 1 }), /state.json does not match its checksum/],
  ['a format that had no checksum', (state) => ({ ...state, format: 1 }), /state.json does not match its checksum/],
  ['no checksum', ({ checksum: _, ...state }) => state, /state.json does not match its checksum/],
  ['another plan', sealed({ plan: '0'.repeat(64) }), /belongs to another plan than config.json/],
  ['another step', sealed({ step: 7 }), /state.json is altered/],
  ['no files', sealed({ files: undefined }), /state.json is altered/],
  ['too few files', sealed({ files: {} }), /state.json is altered/],
  ['rollbacks that are no count', sealed({ rollbacks: -1 }), /state.json is altered/],
  ['skipped steps that are no count', sealed({ skipped: { count: 1.5, inARow: 0 } }), /state.json is altered/],
  ['skipped steps that are nothing', sealed({ skipped: null }), /state.json is altered/],
  ['null', () => null, /it has format undefined/],
]
const plans: [string, (plan: Record<string, unknown>) => unknown, RegExp][] = [
  [
    'a newer config.json',
    (plan) => ({ ...plan, format: 2 }),
    /config.json has format 2, and this npair reads format 1/,
  ],
  ['an edited config.json', (plan) => ({ ...plan, seed: 6 }), /belongs to another plan than config.json/],
  ['config.json null', () => null, /config.json has format undefined/],
]
test('states and plans that are newer, of another run or altered', async (t) => {
  const folder = join(await temporary(t), 'run')
  await stopAt(t, 2, folder, { keepCheckpoints: 1 })
  const cases = [
    ...states.map((each) => ['checkpoints/step-000002/state.json', ...each] as const),
    ...plans.map((each) => ['config.json', ...each] as const),
  ]
  for (const [file, name, change, message] of cases) {
    const copy = await copyOf(t, folder)
    await writeFile(join(copy, file), JSON.stringify(change(JSON.parse(await readFile(join(copy, file), 'utf8')))))
    const before = await contents(copy)
    await refused(t, () => goOn(copy), 'CHECKPOINT_CORRUPT', message)
    t.deepEqual(await contents(copy), before, name)
  }
  // Whole in itself: not even then does an older checkpoint stand for it.
  const older = join(folder, '../older')
  await stopAt(t, 2, older)
  t.deepEqual(await listCheckpoints(older), [1, 2])
  for (const [name, change, message] of [...states, ...plans].filter(([name]) =>
    /newer format|another plan|edited/.test(name),
  )) {
    const copy = await copyOf(t, older)
    const file = join(copy, name.includes('config') ? 'config.json' : 'checkpoints/step-000002/state.json')
    await writeFile(file, JSON.stringify(change(JSON.parse(await readFile(file, 'utf8')))))
    const before = await contents(copy)
    await refused(t, () => goOn(copy), 'CHECKPOINT_CORRUPT', message)
    t.deepEqual(await contents(copy), before, name)
  }
  const cut = await copyOf(t, folder)
  await truncate(join(cut, 'config.json'), 100)
  await refused(t, () => goOn(cut), 'CHECKPOINT_CORRUPT', /config.json is cut off or altered/)
})

test('weights of another network in a checkpoint', async (t) => {
  const folder = await temporary(t)
  await stopAt(t, 2, join(folder, 'run'), { keepCheckpoints: 1 })
  await stopAt(t, 2, join(folder, 'other'), { net: nets.conv4({ width: 5, embeddingSize: 8 }) })
  const [to, from] = [checkpointFolder(join(folder, 'run'), 2), checkpointFolder(join(folder, 'other'), 2)]
  const read = async (path: string) => JSON.parse(await readFile(join(path, 'state.json'), 'utf8'))
  await writeFile(join(to, 'weights.safetensors'), await readFile(join(from, 'weights.safetensors')))
  await refused(
    t,
    () => goOn(join(folder, 'run')),
    'CHECKPOINT_CORRUPT',
    /weights.safetensors does not match its checksum/,
  )
  const state = { ...(await read(to)), files: (await read(from)).files }
  state.files['optimizer.safetensors'] = (await read(to)).files['optimizer.safetensors']
  await writeFile(join(to, 'state.json'), JSON.stringify(sealed({})(state)))
  await refused(t, () => goOn(join(folder, 'run')), 'WEIGHTS_MISMATCH', /has shape/)
})

test('metrics that were lost or shortened', async (t) => {
  const folder = join(await temporary(t), 'run')
  await stopAt(t, 3, folder)
  const gone = await copyOf(t, folder)
  await rm(join(gone, 'metrics.jsonl'))
  await refused(t, () => goOn(gone), 'CHECKPOINT_CORRUPT', /metrics.jsonl holds 0 bytes, but its checkpoint/)
  await truncate(join(folder, 'metrics.jsonl'), 50)
  await refused(t, () => goOn(folder), 'CHECKPOINT_CORRUPT', /metrics.jsonl holds 50 bytes/)
})

test('what holds no run', async (t) => {
  const folder = await temporary(t)
  await refused(t, () => resume(folder), 'NOT_FOUND', /holds no run/)
  await refused(t, () => resume(join(folder, 'nothing')), 'NOT_FOUND', /holds no run/)
  await refused(t, () => resume(''), 'INVALID_OPTION', /Expected the path of a run folder for folder but received ''/)
  await refused(t, () => resume(3 as never), 'INVALID_OPTION')
  t.deepEqual(await readdir(folder), [])
})

test('a checkpoint holds weights and optimiser by name', async (t) => {
  const folder = join(await temporary(t), 'run')
  await stopAt(t, 2, folder)
  const state = await readTensors(join(checkpointFolder(folder, 2), 'optimizer.safetensors'))
  const weights = await readTensors(join(checkpointFolder(folder, 2), 'weights.safetensors'))
  const steps = [...state].filter(([name]) => name.endsWith('.step'))
  t.true(steps.length > 8 && steps.every(([, { values }]) => values[0] === 2))
  t.true(steps.every(([name]) => weights.has(name.slice(0, -'.step'.length))))
})
