import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import { NPairError } from '../../src/errors.js'
import { engine } from '../../src/native/engine.js'
import { temporaryFolder } from './temporaryFolder.js'
import { throwsError } from './throwsError.js'

const engineUrl = new URL('../../dist/native/engine.js', import.meta.url).href

/** Runs a module in a process of its own, with the built package. */
function run(t: ExecutionContext, code: string, env: Record<string, string> = {}) {
  const path = join(temporaryFolder(t), 'module.mjs')
  writeFileSync(path, `import { engine } from ${JSON.stringify(engineUrl)}\n${code}`)
  const { NODE_OPTIONS: _, ...rest } = process.env
  return spawnSync(process.execPath, [path], { encoding: 'utf8', timeout: 60_000, env: { ...rest, ...env } })
}

const plan = JSON.stringify({ type: 'nPairMc', l2: 0, l2Convention: 'sum', temperature: 1, normalize: false })
const loss = `const { lossCompute } = await engine()
const embeddings = Float32Array.from({ length: 8 }, (_, i) => Math.sin(i))
const compute = () => lossCompute(${JSON.stringify(plan)}, embeddings, 2, new Int32Array(), new Int32Array(), [])\n`

test('an error of the engine is an NPairError with the stack of who called', async (t) => {
  const { packOpen } = await engine()
  async function theCaller() {
    await packOpen('/no/such/pack')
  }
  const error = await throwsError(t, 'NOT_FOUND', theCaller)
  t.regex(error.message, /\/no\/such\/pack/)
  const [first = '', second = ''] = error.stack?.split('\n') ?? []
  t.is(first, `NPairError: ${error.message}`)
  t.regex(second, /theCaller/)
})

test('a wrong argument is an NPairError too, whoever finds it', async (t) => {
  const { close, packOpen, modelCreate, embedPack } = await engine()
  for (const call of [
    () => packOpen(JSON.parse('1')),
    async () => (await engine(1.5)).environment(),
    async () => (await engine(-1)).environment(),
    () => modelCreate('no plan', ''),
    () => modelCreate(JSON.parse('null'), ''),
    () => embedPack(1, 2, JSON.parse('[1]'), { mirror: false, shifts: [] }, 1),
  ]) {
    const error = await t.throwsAsync(async () => call(), { instanceOf: NPairError }, String(call))
    t.truthy(error?.code)
    t.false(error?.message.startsWith('{'), error?.message)
  }
  await throwsError(t, 'CLOSED', () => close(987_654))
})

test('the engine is loaded once', async (t) => {
  t.is(await engine(), await engine())
  t.true(Object.isFrozen(await engine()))
  t.is(await engine(3), await engine(3))
})

test('a load that failed is tried again', (t) => {
  const { status, stdout, stderr } = run(
    t,
    `process.env.NPAIR_LIBTORCH = '/nowhere'
const first = await engine().catch(({ code }) => code)
delete process.env.NPAIR_LIBTORCH
console.log(first, typeof (await engine()).lossCompute)`,
  )
  t.deepEqual([status, stdout], [0, 'LIBTORCH_CORRUPT function\n'], stderr)
})

test('a worker and the main thread use the addon, at once and after the worker is gone', (t) => {
  const { status, stdout, stderr } = run(
    t,
    `import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { fileURLToPath } from 'node:url'
${loss}
const many = async () => {
  const all = await Promise.all(Array.from({ length: 50 }, compute))
  return all.every(({ loss }) => loss === all[0].loss) ? all[0].loss : NaN
}
if (isMainThread) {
  const worker = new Worker(fileURLToPath(import.meta.url))
  const exit = new Promise((done) => worker.once('exit', done))
  const theirs = new Promise((done, refuse) => worker.once('message', done).once('error', refuse))
  const ours = await many()
  const same = ours === (await theirs)
  const code = await exit
  const terminated = new Worker(fileURLToPath(import.meta.url))
  await new Promise((done) => terminated.once('online', done))
  await terminated.terminate()
  console.log(same, code, (await many()) === ours)
} else parentPort.postMessage(await many())`,
  )
  t.deepEqual([status, stdout], [0, 'true 0 true\n'], stderr)
})

test('process.exit() while promises are open ends at once with its own code', (t) => {
  for (const code of [0, 7]) {
    const { status, signal, stderr } = run(
      t,
      `${loss}for (let i = 0; i < 200; i++) compute()\nsetImmediate(() => process.exit(${code}))`,
    )
    t.deepEqual([status, signal, stderr], [code, null, ''])
  }
})

test('a process with nothing more to do ends by itself', (t) => {
  const { status, stdout, stderr } = run(t, `${loss}console.log((await compute()).loss > 0)`)
  t.deepEqual([status, stdout, stderr], [0, 'true\n', ''])
})

test('the package can be imported and required without libtorch', (t) => {
  const index = fileURLToPath(new URL('../../dist/index.js', import.meta.url))
  const env = { NPAIR_LIBTORCH: '/nowhere' }
  const { status, stderr } = run(t, `await import(${JSON.stringify(index)})`, env)
  t.deepEqual([status, stderr], [0, ''])
})

test('memory is that of a GPU, and null without one', async (t) => {
  const { deviceMemory, environment } = await engine()
  const memory = await deviceMemory(false)
  if ((await environment()).cudaDevices === 0) {
    t.is(memory, null)
    return
  }
  t.true(memory !== null && memory !== undefined && memory.free <= memory.total && memory.allocated <= memory.peak)
})
