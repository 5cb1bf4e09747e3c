import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { NPairError } from '../../src/errors.js'
import { nets } from '../../src/index.js'
import { engine } from '../../src/native/engine.js'
import { MetricsLog } from '../../src/train/metricsLog.js'
import type { Notice } from '../../src/train/notice.js'
import { environmentChange } from '../../src/train/runFolder.js'
import { resume } from '../../src/train/train.js'
import { version } from '../../src/version.js'
import { characters, outcome, refused, stopAt, temporary, trainTiny } from './tinyRun.js'

/** Changes values of a JSON file. */
async function edit(path: string, change: object): Promise<void> {
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...change }))
}

/** Resumes and gives the notices. */
async function notices(folder: string): Promise<Notice[]> {
  const told: Notice[] = []
  const run = await resume(folder, { onNotice: (notice) => told.push(notice) })
  await run.model.close()
  return told
}

test('the same machine has nothing to say', async (t) => {
  const folder = await temporary(t)
  await stopAt(t, 4, join(folder, 'run'))
  t.deepEqual(await notices(join(folder, 'run')), [])
  await trainTiny(join(folder, 'whole'))
  t.deepEqual(await outcome(join(folder, 'run')), await outcome(join(folder, 'whole')))
})

test('another number of threads, libtorch or instruction set is said when a run goes on, and recorded', async (t) => {
  const folder = join(await temporary(t), 'run')
  await stopAt(t, 4, folder)
  await edit(join(folder, 'config.json'), { threads: 2 })
  const { libtorch, cpuCapability } = JSON.parse(await readFile(join(folder, 'environment.json'), 'utf8'))
  await edit(join(folder, 'environment.json'), { libtorch: '2.11.0+other', cpuCapability: 'ABACUS' })
  const [notice, ...more] = await notices(folder)
  t.deepEqual(more, [])
  t.deepEqual(notice, {
    code: 'ENVIRONMENT_CHANGED',
    message: `${folder} goes on with libtorch ${libtorch} instead of 2.11.0+other, instruction set ${cpuCapability} instead of ABACUS, threads 2 instead of 1: it may end with other bits than if it had never been stopped`,
  })
  t.is(JSON.parse(await readFile(join(folder, 'environment.json'), 'utf8')).threads, 2)
  // It is finished: nothing is computed any more.
  await edit(join(folder, 'environment.json'), { threads: 7 })
  t.deepEqual(await notices(folder), [])
})

test.serial('what oneDNN and MKL are told from outside is recorded, and said where it is another', async (t) => {
  const folder = join(await temporary(t), 'run')
  const recorded = async () => {
    const { oneDnnMaxCpuIsa, mklCbwr } = JSON.parse(await readFile(join(folder, 'environment.json'), 'utf8'))
    return [oneDnnMaxCpuIsa, mklCbwr]
  }
  const names = ['ONEDNN_MAX_CPU_ISA', 'DNNL_MAX_CPU_ISA', 'MKL_CBWR'] as const
  const before = names.map((name) => process.env[name])
  const clear = () => {
    for (const name of names) delete process.env[name]
  }
  t.teardown(() => {
    clear()
    for (const [i, name] of names.entries()) if (before[i] !== undefined) process.env[name] = before[i]
  })
  clear()
  await stopAt(t, 4, folder)
  t.deepEqual(await recorded(), ['unset', 'unset'])
  // Nothing here computes with them: the libraries look at them before their first kernel.
  process.env.ONEDNN_MAX_CPU_ISA = 'AVX2'
  process.env.MKL_CBWR = 'COMPATIBLE'
  const [notice] = await notices(folder)
  t.regex(notice?.message ?? '', /ONEDNN_MAX_CPU_ISA AVX2 instead of unset, MKL_CBWR COMPATIBLE instead of unset/)
  t.deepEqual(await recorded(), ['AVX2', 'COMPATIBLE'])
  clear()
  process.env.DNNL_MAX_CPU_ISA = 'SSE41'
  await notices(folder)
  t.deepEqual(await recorded(), ['SSE41', 'unset'])
})

test('a bundle names the npair that wrote it, not the one that began the run', async (t) => {
  const folder = join(await temporary(t), 'run')
  await stopAt(t, 11, folder)
  await edit(join(folder, 'config.json'), { npair: '0.0.0-before' })
  await notices(folder)
  t.is(JSON.parse(await readFile(join(folder, 'model/model.json'), 'utf8')).npair, version())
})

test('a damaged or missing environment.json costs a notice, not the run', async (t) => {
  const folder = join(await temporary(t), 'run')
  await stopAt(t, 4, folder)
  await writeFile(join(folder, 'environment.json'), '{"threads":')
  t.deepEqual(await notices(folder), [])
  await rm(join(folder, 'environment.json'))
  t.deepEqual(await notices(folder), [])
})

test('only what decides bits counts, and only what was recorded', (t) => {
  const now = { threads: 2, node: 'v20', processor: 'a', libtorch: '2.11.0' }
  t.is(environmentChange({ threads: 2, node: 'v18', started: 'yesterday' }, now), undefined)
  t.is(environmentChange({ threads: 4, libtorch: '2.11.0' }, now), 'threads 2 instead of 4')
  // Libraries choose their kernels by the model of a processor or GPU, and bfloat16 is computed otherwise without AMX.
  t.is(environmentChange({ processor: 'b' }, now), 'processor a instead of b')
  t.is(environmentChange({ amx: true }, { amx: false }), 'bfloat16 tiles (AMX) false instead of true')
  t.is(environmentChange({ gpu: 'NVIDIA A100' }, { gpu: 'NVIDIA H100' }), 'GPU NVIDIA H100 instead of NVIDIA A100')
})

test('a run leaves the process the threads that it had', async (t) => {
  const folder = await temporary(t)
  const { environment } = await engine()
  const before = (await environment()).threads
  const { test: validationData } = await characters()
  const validation = { every: 4, protocol: { type: 'retrieval' as const } }
  const seen: Promise<number>[] = []
  const onProgress = () => {
    seen.push(environment().then(({ threads }) => threads))
  }
  await trainTiny(join(folder, 'run'), { threads: before + 1, validation, validationData, onProgress })
  seen.push(environment().then(({ threads }) => threads))
  t.deepEqual(new Set(await Promise.all(seen)), new Set([before]))
})

test.serial('a metrics log that does not close takes no memory of the engine with it', async (t) => {
  const folder = join(await temporary(t), 'run')
  const { packOpen, close } = await engine()
  const { train: data } = await characters()
  const first = await packOpen(data.pack.path)
  const original = MetricsLog.prototype.close
  t.teardown(() => {
    MetricsLog.prototype.close = original
  })
  MetricsLog.prototype.close = async function (this: MetricsLog) {
    await original.call(this)
    throw new NPairError('NOT_WRITABLE', 'of the test')
  }
  await refused(t, () => trainTiny(folder), 'NOT_WRITABLE', /of the test/)
  const last = await packOpen(data.pack.path)
  t.true(last > first + 2, 'handles of the run in between')
  for (let handle = first + 1; handle < last; handle++) await refused(t, () => close(handle), 'CLOSED')
  for (const handle of [first, last]) await close(handle)
})

test('runs of one process at a time, each with its own number of threads: the bits of each alone', async (t) => {
  const folder = await temporary(t)
  const wide = { net: nets.conv4({ width: 16, embeddingSize: 8 }), steps: 20, checkpointEvery: 1 }
  const name = (threads: number, what: string) => join(folder, `${what}-${threads}`)
  for (const threads of [1, 2]) await trainTiny(name(threads, 'alone'), { ...wide, threads })
  await Promise.all([1, 2].map((threads) => trainTiny(name(threads, 'together'), { ...wide, threads })))
  for (const threads of [1, 2])
    t.deepEqual(await outcome(name(threads, 'together'), 20), await outcome(name(threads, 'alone'), 20))
})
