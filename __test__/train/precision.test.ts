import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { checkTrainOptions } from '../../src/config/trainOptions.js'
import { Model } from '../../src/model/model.js'
import { engine } from '../../src/native/engine.js'
import { autoPrecision, resolvePlan } from '../../src/train/plan.js'
import { characters, temporary, timeless, tiny, trainTiny } from './tinyRun.js'

test('auto is decided by the machine alone', async (t) => {
  t.is(autoPrecision('cpu', false), 'float32')
  t.is(autoPrecision('cpu', true), 'bfloat16')
  t.is(autoPrecision('cuda', false), 'bfloat16')
  const { amx } = await (await engine()).environment()
  if (process.platform === 'linux') t.is(amx, (await readFile('/proc/cpuinfo', 'utf8')).includes('amx_bf16'))
  const { train: data } = await characters()
  const { data: _, ...options } = tiny(data, 'nowhere', { precision: 'auto' })
  const plan = await resolvePlan(await checkTrainOptions(options), { data }, false)
  t.is(plan.precision, amx ? 'bfloat16' : 'float32')
})

test('bfloat16 is in config, environment and bundle; it learns, and the model embeds as it was trained', async (t) => {
  const folder = await temporary(t)
  const [single, reduced] = [join(folder, 'single'), join(folder, 'reduced')]
  await trainTiny(single)
  await trainTiny(reduced, { precision: 'bfloat16' })
  const json = async (name: string) => JSON.parse(await readFile(join(reduced, name), 'utf8'))
  for (const name of ['config.json', 'environment.json', 'model/model.json'])
    t.is((await json(name)).precision, 'bfloat16', name)
  const losses = async (run: string) =>
    (await timeless(run)).flatMap((line) => ('loss' in line ? [line.loss as number] : []))
  const [a, b] = [await losses(single), await losses(reduced)]
  t.notDeepEqual(b, a)
  t.true(
    b.every((loss, i) => Math.abs(loss - (a[i] as number)) < 0.1 * (a[0] as number)),
    `${a} and ${b}`,
  )

  // The same weights in float32 embed otherwise, but nearly so.
  const { test: data } = await characters()
  const embed = async (run: string) => {
    const model = await Model.load(run)
    const rows = (await model.embedDataset(data)).data
    await model.close()
    return rows
  }
  const rows = await embed(reduced)
  t.deepEqual(await embed(reduced), rows)
  const native = await engine()
  const { net, preprocess } = await json('model/model.json')
  const plan = JSON.stringify({ net, preprocess, precision: 'float32', device: 'cpu' })
  const handle = await native.modelCreate(plan, join(reduced, 'model/weights.safetensors'))
  const pack = await native.packOpen(data.pack.path)
  const float32 = await native.embedPack(handle, pack, data.images, { mirror: false, shifts: [] }, 128)
  await native.close(handle)
  await native.close(pack)
  const length = Math.hypot(...float32)
  const apart = Math.hypot(...float32.map((x, i) => x - (rows[i] as number))) / length
  t.true(apart > 1e-5 && apart < 0.05, `${apart}`)
})
