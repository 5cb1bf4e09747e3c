import { join } from 'node:path'
import test from 'ava'
import type { OptimizerOptions } from '../../src/config/optimizer.js'
import { checkpointFolder } from '../../src/train/checkpoint.js'
import { characters, readTensors, refused, temporary, tiny, trainTiny } from './tinyRun.js'

/** Weights before and after one step, and the optimiser's state. */
async function oneStep(folder: string, optimizer: OptimizerOptions) {
  const at = (step: number) => checkpointFolder(folder, step)
  await trainTiny(folder, { steps: 1, optimizer, guard: { onDivergence: 'rollback' }, keepCheckpoints: 2 })
  const before = await readTensors(join(at(0), 'weights.safetensors'))
  const after = await readTensors(join(at(1), 'weights.safetensors'))
  return { before, after, state: await readTensors(join(at(1), 'optimizer.safetensors')) }
}

const rate = 0.01

test('SGD moves weights along the gradient that its buffer holds, decayed but for biases and norms', async (t) => {
  const optimizer = { type: 'sgd' as const, learningRate: rate, momentum: 0.5, weightDecay: 0.1 }
  const folder = await temporary(t)
  const plain = await oneStep(join(folder, 'plain'), { ...optimizer, weightDecay: 0 })
  const decayed = await oneStep(join(folder, 'decayed'), optimizer)
  let moved = 0
  for (const [name, { shape, values }] of plain.before) {
    const gradient = plain.state.get(`${name}.momentum_buffer`)?.values
    if (!gradient) continue
    values.forEach((x, i) => {
      const [g, after] = [gradient[i] as number, plain.after.get(name)?.values[i] as number]
      t.true(Math.abs(after - (x - rate * g)) <= 1e-6 * (1 + Math.abs(x)), `${name}[${i}]`)
      const other = decayed.state.get(`${name}.momentum_buffer`)?.values[i] as number
      t.true(Math.abs(other - (g + (shape.length > 1 ? 0.1 * x : 0))) <= 1e-5 * (1 + Math.abs(g)), `${name}[${i}]`)
      if (g !== 0) moved++
    })
  }
  t.true(moved > 100)
})

test('AdamW shrinks weights beside the step that Adam would make', async (t) => {
  const folder = await temporary(t)
  const adam = await oneStep(join(folder, 'adam'), { type: 'adam', learningRate: rate })
  const adamW = await oneStep(join(folder, 'adamW'), { type: 'adamW', learningRate: rate, weightDecay: 0.5 })
  const kinds = { shrunk: 0, left: 0 }
  for (const [name, { shape, values }] of adam.before) {
    if (name.includes('running_')) continue
    const [one, other] = [adam.after.get(name)?.values, adamW.after.get(name)?.values]
    if (shape.length > 1) kinds.shrunk++
    else kinds.left++
    values.forEach((x, i) => {
      const expected = (one?.[i] as number) - (shape.length > 1 ? rate * 0.5 * x : 0)
      t.true(Math.abs((other?.[i] as number) - expected) <= 1e-6, `${name}[${i}]`)
    })
    const averages = (run: typeof adam) => run.state.get(`${name}.exp_avg`)
    t.deepEqual(averages(adamW), averages(adam), name)
  }
  t.true(kinds.shrunk >= 4 && kinds.left >= 8)
})

test('every optimiser learns', async (t) => {
  const folder = await temporary(t)
  for (const optimizer of [
    { type: 'adamW', learningRate: 0.01 },
    { type: 'sgd', learningRate: 0.05, nesterov: true, schedule: { type: 'cosine' } },
    { type: 'sgd', learningRate: 0.1, momentum: 0, clipNorm: 1 },
  ] as const) {
    const losses: number[] = []
    const name = JSON.stringify(optimizer)
    await trainTiny(join(folder, String(losses.length), name.replaceAll(/\W/g, '')), {
      ...{ optimizer, steps: 60, batch: { pairs: 8 }, checkpointEvery: 20 },
      onProgress: ({ loss }) => losses.push(loss),
    })
    t.true((losses.at(-1) as number) < 0.9 * (losses[0] as number), `${name}: ${losses[0]} to ${losses.at(-1)}`)
  }
})

test('an optimiser that cannot be is refused before anything is written', async (t) => {
  const { train: data } = await characters()
  const folder = join(await temporary(t), 'run')
  const optimizer = { type: 'sgd', nesterov: true, momentum: 0 } as const
  const error = await refused(t, () => trainTiny(folder, { ...tiny(data, folder), optimizer }), 'INVALID_OPTION')
  t.is(error.option, 'optimizer.nesterov')
})
