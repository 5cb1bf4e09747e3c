import { truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { resume, type TrainInput } from '../../src/train/train.js'
import { characters, contents, temporary, trainTiny } from './tinyRun.js'

const cases: [string, Partial<TrainInput>][] = [
  ['the last model', {}],
  ['the best model', { validation: { every: 5, protocol: { type: 'retrieval' } } }],
  ['an average of the weights', { ema: { decay: 0.9 } }],
  ['a whitened model', { whiten: {} }],
]
for (const [name, change] of cases)
  test(`${name} of a finished run is left alone when it is resumed, and written again where it is damaged`, async (t) => {
    const run = join(await temporary(t), 'run')
    const { test: validationData } = await characters()
    await trainTiny(run, { ...change, ...(change.validation && { validationData }) })
    const model = join(run, 'model')
    const written = await contents(model)
    // What `npair calibrate` and `npair export` add lies there, too.
    await writeFile(join(model, 'model.onnx'), 'exported')
    const before = await contents(model)
    await (await resume(run)).model.close()
    t.deepEqual(await contents(model), before)
    await truncate(join(model, 'weights.safetensors'), 100)
    await (await resume(run)).model.close()
    t.deepEqual(await contents(model), written)
  })
