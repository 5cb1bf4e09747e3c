import { join } from 'node:path'
import test from 'ava'
import { pairs } from '../../src/sampling/pairs.js'
import { characters, outcome, refused, temporary, timeless, trainTiny } from './tinyRun.js'

test('a step takes k batches of the sampler, in order; steps and metrics count steps', async (t) => {
  const folder = await temporary(t)
  const { train: data } = await characters()
  const same = pairs(data, { pairs: 4, seed: 5 })
  const asked: number[] = []
  const sampler = {
    batch: async (batch: number) => {
      asked.push(batch)
      return same.batch(batch)
    },
  }
  const told: number[] = []
  const [own, plain] = [join(folder, 'own'), join(folder, 'plain')]
  const run = await trainTiny(own, {
    ...{ sampler, batch: { pairs: 4, accumulate: 3 }, onProgress: ({ step }) => told.push(step) },
  })
  t.deepEqual(
    asked,
    Array.from({ length: 36 }, (_, i) => i),
  )
  t.is(told.at(-1), 12)
  t.deepEqual(run.plan.batch, { pairs: 4, accumulate: 3, sampler: 'custom' })
  const lines = await timeless(own)
  t.deepEqual(
    lines.map((line) => 'step' in line && line.step),
    Array.from({ length: 12 }, (_, i) => i + 1),
  )
  await trainTiny(plain, { batch: { pairs: 4, accumulate: 3 } })
  t.deepEqual(await outcome(plain), await outcome(own))
  await trainTiny(join(folder, 'one'))
  t.notDeepEqual((await timeless(join(folder, 'one')))[0], lines[0])
})

test('a bad batch is named by its own number', async (t) => {
  const folder = join(await temporary(t), 'run')
  const { train: data } = await characters()
  const good = pairs(data, { pairs: 4, seed: 5 })
  const sampler = { batch: async (batch: number) => (batch === 1 ? new Int32Array(1) : good.batch(batch)) }
  const batch = { pairs: 4, accumulate: 2 }
  await refused(t, () => trainTiny(folder, { sampler, batch }), 'INVALID_OPTION', /from sampler.batch\(1\)/)
})
