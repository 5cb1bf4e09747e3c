import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { sha256 } from '../../src/files/sha256.js'
import { checkpointFolder } from '../../src/train/checkpoint.js'
import { characters, readTensors, temporary, timeless, trainTiny } from './tinyRun.js'

test('the average is in every checkpoint and is the model; the weights go their way without it', async (t) => {
  const folder = await temporary(t)
  const [plain, averaged] = [join(folder, 'plain'), join(folder, 'averaged')]
  await trainTiny(plain)
  const run = await trainTiny(averaged, { ema: { decay: 0.8 }, checkpointEvery: 1, keepCheckpoints: 12 })
  t.deepEqual(run.plan.ema, { decay: 0.8, warmup: true })
  const at = (step: number) => checkpointFolder(averaged, step)
  t.deepEqual((await readdir(at(12))).sort(), [
    'average.safetensors',
    'optimizer.safetensors',
    'state.json',
    'weights.safetensors',
  ])
  t.is(await sha256(join(averaged, 'model/weights.safetensors')), await sha256(join(at(12), 'average.safetensors')))
  for (const name of ['weights.safetensors', 'optimizer.safetensors'])
    t.is(await sha256(join(at(12), name)), await sha256(join(checkpointFolder(plain, 12), name)), name)
  t.deepEqual(await timeless(averaged), await timeless(plain))

  // From one checkpoint to the next by hand.
  const decay = Math.min(0.8, (1 + 5) / (10 + 5))
  const before = await readTensors(join(at(5), 'average.safetensors'))
  const weights = await readTensors(join(at(6), 'weights.safetensors'))
  for (const [name, { values }] of await readTensors(join(at(6), 'average.safetensors')))
    values.forEach((x, i) => {
      const weight = weights.get(name)?.values[i] as number
      const expected = name.includes('running_')
        ? weight
        : decay * (before.get(name)?.values[i] as number) + (1 - decay) * weight
      t.true(Math.abs(x - expected) <= 1e-6 * (1 + Math.abs(expected)), `${name}[${i}]`)
    })
})

test('validation judges the average', async (t) => {
  const folder = await temporary(t)
  const { test: validationData } = await characters()
  const validation = { every: 12, protocol: { type: 'retrieval' as const } }
  const figures = async (name: string, ema: object) => {
    await trainTiny(join(folder, name), { validation, validationData, ...ema })
    return (await timeless(join(folder, name))).find((line) => 'validation' in line)
  }
  const plain = await figures('plain', {})
  // An average of the last weights alone is the last weights, and one that forgets nothing is not.
  t.deepEqual(await figures('last', { ema: { decay: 0, warmup: false } }), plain)
  t.notDeepEqual(await figures('first', { ema: { decay: 0.99, warmup: false } }), plain)
})
