import { readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import type { ValidationOptions } from '../../src/config/validation.js'
import { datasets } from '../../src/data/datasets.js'
import { sha256 } from '../../src/files/sha256.js'
import { Model } from '../../src/model/model.js'
import { evaluate } from '../../src/protocols/evaluate.js'
import { retrieval } from '../../src/protocols/retrieval.js'
import { BestModel } from '../../src/train/bestModel.js'
import { listCheckpoints } from '../../src/train/checkpoint.js'
import type { Progress } from '../../src/train/loop.js'
import { MetricsLog, readMetrics, type ValidationMetrics } from '../../src/train/metricsLog.js'
import { resume, train } from '../../src/train/train.js'
import { characters, outcome, refused, stopAt, temporary, tiny, trainTiny } from './tinyRun.js'

const cases: [ValidationOptions, string, 'higher' | 'lower'][] = [
  [{ every: 2, protocol: { type: 'oneShot', ways: 5, episodes: 20 } }, 'error', 'lower'],
  [{ every: 2, protocol: { type: 'retrieval' } }, 'recall@1', 'higher'],
  [{ every: 2, protocol: { type: 'retrieval' }, figure: 'map@r' }, 'map@r', 'higher'],
  [{ every: 2, protocol: { type: 'verification', folds: 2 }, figure: 'eer' }, 'eer', 'lower'],
]
for (const [validation, figure, better] of cases)
  test(`${validation.protocol.type}: the model with the ${better === 'lower' ? 'lowest' : 'highest'} ${figure} is kept`, async (t) => {
    const folder = join(await temporary(t), 'run')
    const { train: data, test: validationData } = await characters()
    const optimizer = { type: 'adam' as const, learningRate: 0.03 }
    const run = await train(tiny(data, folder, { validation, validationData, optimizer, steps: 13 }))
    t.teardown(() => run.model.close())
    const lines = (await readMetrics(folder)).filter((line): line is ValidationMetrics => 'validation' in line)
    t.deepEqual(
      lines.map(({ step }) => step),
      [2, 4, 6, 8, 10, 12, 13],
    )
    const values = lines.map((line) => line.validation.figures[figure]?.value as number)
    const best = better === 'lower' ? Math.min(...values) : Math.max(...values)
    t.true(
      values.some((value) => value !== best),
      'otherwise there is nothing to choose',
    )
    const first = values.indexOf(best)
    t.deepEqual(run.best, { step: lines[first]?.step as number, value: best })
    t.deepEqual(
      lines.map((line) => line.best),
      values.map((value, i) =>
        values.slice(0, i).every((earlier) => (better === 'lower' ? value < earlier : value > earlier)),
      ),
    )
    t.is(run.model.description.trained.steps, run.best?.step as number)
    t.is(lines[0]?.validation.figures[figure]?.better, better)
  })

test('the model that is kept scores what was told, and not what the last one would', async (t) => {
  const folder = join(await temporary(t), 'run')
  const { train: data, test: validationData } = await characters()
  const validation = { every: 1, protocol: { type: 'retrieval' as const } }
  const told: Progress[] = []
  const optimizer = { type: 'adam' as const, learningRate: 0.03 }
  const run = await train(
    tiny(data, folder, { validation, validationData, optimizer, onProgress: (progress) => told.push(progress) }),
  )
  await run.model.close()
  const model = await Model.load(folder, { device: 'cpu' })
  t.teardown(() => model.close())
  const result = await evaluate(model, retrieval(validationData))
  t.is(result.figures['recall@1']?.value, run.best?.value)
  t.deepEqual(
    told.map(({ validation }) => validation?.protocol),
    new Array(12).fill('retrieval'),
  )
  t.is(told.find(({ step }) => step === run.best?.step)?.validation?.figures['recall@1']?.value, run.best?.value)
  const description = JSON.parse(await readFile(join(folder, 'model/model.json'), 'utf8'))
  t.is(description.trained.steps, run.best?.step)
})

for (const whiten of [undefined, { shrinkage: 0.5 }])
  test(`keep: 'last' leaves the last model${whiten ? ', whitened' : ''}, stopped and resumed or not, and the best one beside it`, async (t) => {
    const at = await temporary(t)
    const { test: validationData } = await characters()
    // Rates that leave the best model behind.
    const optimizer = { type: 'adam' as const, learningRate: 0.1 }
    const validation = { every: 1, protocol: { type: 'retrieval' as const } }
    const options = { validationData, validation, optimizer, ...(whiten && { whiten }) }
    const last = { ...options, validation: { ...validation, keep: 'last' as const } }
    const folders = ['best', 'last', 'stopped', 'plain'].map((name) => join(at, name)) as [
      string,
      string,
      string,
      string,
    ]
    const best = await trainTiny(folders[0], options)
    const run = await trainTiny(folders[1], last)
    t.true((run.best?.step as number) < 12, 'otherwise there is nothing to choose')
    t.deepEqual(run.best, best.best)
    t.is(run.plan.validation?.keep, 'last')
    t.is(best.plan.validation?.keep, 'best')
    t.is(run.model.description.trained.steps, 12)
    t.is(best.model.description.trained.steps, best.best?.step as number)
    const weights = (folder: string, part: string) => sha256(join(folder, part, 'weights.safetensors'))
    t.not(await weights(folders[1], 'model'), await weights(folders[0], 'model'))
    t.is(await weights(folders[1], 'best'), await weights(folders[0], 'best'))
    // The model of a run that nothing was judged in.
    await trainTiny(folders[3], { optimizer, ...(whiten && { whiten }) })
    t.is(await weights(folders[1], 'model'), await weights(folders[3], 'model'))

    await stopAt(t, 7, folders[2], last)
    const resumed = await resume(folders[2])
    await resumed.model.close()
    t.deepEqual(await outcome(folders[2]), await outcome(folders[1]))
    // Once more, when everything is done.
    await rm(join(folders[2], 'model'), { recursive: true })
    await (await resume(folders[2])).model.close()
    t.is(await weights(folders[2], 'model'), await weights(folders[1], 'model'))
  })

test('a judgement that fails costs no step, and is made when the run goes on', async (t) => {
  const folder = await temporary(t)
  const cache = join(folder, 'cache')
  const { train: data } = await characters()
  const validationData = await datasets.characters({ alphabets: 2, characters: 3, drawings: 4, seed: 8, cache })
  const change = { validationData, validation: { every: 5, protocol: { type: 'retrieval' as const } } }
  const [whole, failed] = [join(folder, 'whole'), join(folder, 'failed')]
  await trainTiny(whole, { ...change, steps: 10 })
  const { path } = validationData.pack
  for (const lost of [5, 10]) {
    const run = `${failed}-${lost}`
    const onProgress = async ({ step }: Progress) => {
      if (step < lost && step >= lost - 5) await rename(path, `${path}-away`).catch(() => undefined)
    }
    // Blocks of one step, so that there is one before the judgement.
    const steps = { ...change, ...{ steps: 10, checkpointEvery: 1, keepCheckpoints: 1 }, onProgress }
    await refused(t, () => train(tiny(data, run, steps)), 'NOT_FOUND')
    t.deepEqual(await listCheckpoints(run), [lost])
    await rename(`${path}-away`, path)
    const again = await resume(run)
    await again.model.close()
    t.deepEqual(again.plan.steps, 10)
    t.deepEqual(await outcome(run, 10), await outcome(whole, 10))
  }
})

test('a model whose figure is missing is not the best', async (t) => {
  const folder = await temporary(t)
  const log = await MetricsLog.open(folder, 0)
  t.teardown(() => log.close())
  const figure = (value: number) => ({ value, better: 'higher', unit: 'score', label: '', definition: '' }) as const
  const results = [{}, { dPrime: figure(1) }, {}, { dPrime: figure(0.5) }, { dPrime: figure(2) }]
  const protocol = {
    dataset: { length: 0, summary: { skipped: [] } },
    judge: () => ({ headline: 'auc', figures: results.shift() }),
  } as never
  const native = { trainerModel: async () => 1, close: async () => {} }
  const engine = { native, trainer: 1, embedder: () => ({ embedDataset: async () => ({ count: 0 }) }) } as never
  const plan = { validation: { figure: 'dPrime' } } as never
  const best = new BestModel({ run: folder, plan }, engine, { write: async () => {} } as never, log)
  for (let step = 1; step <= 5; step++) await best.judge(step, protocol)
  t.deepEqual(best.found, { step: 5, value: 2 })
  const lines = (await readMetrics(folder)) as ValidationMetrics[]
  t.deepEqual(
    lines.map((line) => line.best),
    [false, true, false, false, true],
  )
})

for (const figure of ['recall@3', 'threshold'])
  test(`a figure that cannot decide: ${figure}`, async (t) => {
    const { test: validationData } = await characters()
    const protocol =
      figure === 'threshold' ? { type: 'verification' as const, folds: 2 } : { type: 'retrieval' as const }
    const change = { validationData, validation: { every: 1, protocol, figure } }
    const folder = join(await temporary(t), 'run')
    const error = await refused(
      t,
      () => trainTiny(folder, change),
      'INVALID_OPTION',
      /Expected one of .* for validation.figure/,
    )
    t.is(error.option, 'validation.figure')
    t.deepEqual(await readdir(join(folder, '..')), [], 'before the first step')
    t.false(error.message.split(' for ')[0]?.includes('threshold'))
  })
