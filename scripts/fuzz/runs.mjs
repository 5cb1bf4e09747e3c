// Bundles and checkpoints, damaged before and behind their checksums.
import { strictEqual } from 'node:assert'
import { createHash } from 'node:crypto'
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { datasets } from '../../dist/data/datasets.js'
import { NPairError } from '../../dist/errors.js'
import { Model, nets, resume, train } from '../../dist/index.js'
import { withChecksum } from '../../dist/train/checkpoint.js'
import { metricsOf, tensorsOf } from '../outcome.mjs'
import { picture } from './images.mjs'
import { mutateBytes, mutateJson, mutateTensors } from './mutate.mjs'

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')

export const characters = (folder, alphabets = 2) =>
  datasets.characters({ alphabets, characters: 4, drawings: 4, seed: 3, cache: join(folder, 'cache') })

export const tiny = (data, output) => ({
  ...{ data, output, net: nets.conv4({ width: 4, embeddingSize: 8 }), batch: { pairs: 4 }, seed: 5 },
  ...{ device: 'cpu', precision: 'float32', threads: 1, steps: 8, checkpointEvery: 4, keepCheckpoints: 9 },
})

/**
 * Damages one of a folder's files. Most of the damage to tensors is signed: whoever vouches for them gets the new hash.
 *
 * @param sign - called with the hash of the tensors; undefined for a file that nobody vouches for
 * @returns whether it was signed
 */
export async function mutateFile(random, folder, name, sign) {
  const path = join(folder, name)
  const whole = await readFile(path)
  if (!name.endsWith('.safetensors')) {
    const asJson = name.endsWith('.json') && random.uniform() < 0.7
    const json = () => JSON.stringify(mutateJson(random, JSON.parse(whole.toString())))
    await writeFile(path, asJson ? json() : mutateBytes(random, whole))
    return false
  }
  const bytes = random.below(2) ? mutateTensors(random, whole) : mutateBytes(random, whole)
  await writeFile(path, bytes)
  const signed = random.uniform() < 0.7
  if (signed) await sign(sha256(bytes))
  return signed
}

export async function editJson(path, change) {
  const json = JSON.parse(await readFile(path, 'utf8'))
  await writeFile(path, JSON.stringify(change(json)))
}

export async function bundle(folder) {
  const run = join(folder, 'run')
  await (await train(tiny(await characters(folder), run))).model.close()
  const copy = join(folder, 'bundle')
  const { data, raw } = picture(1)
  const png = await (await import('sharp')).default(data, { raw }).png().toBuffer()
  return async (random) => {
    await rm(copy, { recursive: true, force: true })
    await cp(join(run, 'model'), copy, { recursive: true })
    const name = ['model.json', 'weights.safetensors'][random.below(2)]
    await mutateFile(random, copy, name, (weights) =>
      editJson(join(copy, 'model.json'), (json) => ({ ...json, weights })),
    )
    const model = await Model.load(copy, { device: 'cpu' })
    await model.embed([png]).finally(() => model.close())
    return []
  }
}

/** A run with everything that a checkpoint can hold: an average, parameters of the loss, class means, mined classes, a best model. */
async function fullRun(folder, output) {
  const whole = await characters(folder, 3)
  const { train: data, test: validationData } = whole.splitBySuperClass({ test: ['alphabet03'] })
  const mining = { type: 'hardNegativeClasses', candidates: 6, refresh: 'running', every: 3 }
  const run = await train({
    ...tiny(data, output),
    ...{ loss: { type: 'proxyAnchor' }, batch: { pairs: 4, mining }, ema: { decay: 0.9 } },
    ...{ validationData, validation: { every: 2, protocol: { type: 'retrieval' } } },
    guard: { onDivergence: 'rollback' },
  })
  await run.model.close()
}

/** Gives the state of a checkpoint the checksum of what it says now. */
const seal = (folder) => editJson(join(folder, 'state.json'), ({ checksum: _, ...state }) => withChecksum(state))

export async function checkpoint(folder) {
  const run = join(folder, 'run')
  await fullRun(folder, run)
  const expected = { tensors: await tensorsOf(run, 8), metrics: await metricsOf(run) }
  await rm(join(run, 'checkpoints/step-000008'), { recursive: true })
  strictEqual((await readdir(join(run, 'checkpoints'))).sort().join(), 'step-000000,step-000004')
  const copy = join(folder, 'resumed')
  const newest = join(copy, 'checkpoints/step-000004')
  const names = (await readdir(join(run, 'checkpoints/step-000004'))).sort()
  const all = ['average', 'best', 'loss', 'mining', 'optimizer', 'weights'].map((name) => `${name}.safetensors`)
  strictEqual(names.join(), [...all, 'state.json'].sort().join())
  /** @returns whether the checkpoint may say something else now, and whether the metrics may */
  const damage = async (random) => {
    if (random.uniform() < 0.2) {
      const name = ['config.json', 'metrics.jsonl'][random.below(2)]
      await mutateFile(random, copy, name)
      return { signed: false, metrics: name === 'metrics.jsonl' }
    }
    const name = names[random.below(names.length)]
    if (name !== 'state.json') {
      const sign = (hash) =>
        editJson(join(newest, 'state.json'), (json) => ({ ...json, files: { ...json.files, [name]: hash } }))
      const signed = await mutateFile(random, newest, name, sign)
      if (signed) await seal(newest)
      return { signed }
    }
    const signed = random.below(2) === 0
    if (!signed) await mutateFile(random, newest, name)
    else {
      await editJson(join(newest, name), (state) => mutateJson(random, state))
      await seal(newest)
    }
    return { signed }
  }
  return async (random) => {
    await rm(copy, { recursive: true, force: true })
    await cp(run, copy, { recursive: true })
    // Alone a damaged checkpoint is refused, else the one before it goes on.
    if (random.below(2)) await rm(join(copy, 'checkpoints/step-000000'), { recursive: true })
    const { signed, metrics = false } = await damage(random)
    const controller = new AbortController()
    // What goes on has been read; a plan of 10^6 steps need not be trained to its end.
    const timer = setTimeout(() => controller.abort(), 2000)
    const told = {}
    const onNotice = ({ code, message }) => {
      told[code] = message
    }
    const resumed = resume(copy, { signal: controller.signal, onNotice })
    await resumed.then(({ model }) => model.close()).finally(() => clearTimeout(timer))
    const { CHECKPOINT_DAMAGED: passedOver, ENVIRONMENT_CHANGED: elsewhere } = told
    // On another number of threads it may end with other bits, and says so.
    if (elsewhere === undefined && (passedOver !== undefined || !signed)) {
      strictEqual(await tensorsOf(copy, 8), expected.tensors)
      if (!metrics) strictEqual(await metricsOf(copy), expected.metrics)
    }
    return passedOver === undefined ? [] : [new NPairError('CHECKPOINT_CORRUPT', passedOver)]
  }
}
