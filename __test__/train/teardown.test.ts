import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { listCheckpoints } from '../../src/train/checkpoint.js'
import { resume } from '../../src/train/train.js'
import { outcome, temporary } from './tinyRun.js'

const packageUrl = new URL('../../dist/index.js', import.meta.url).href

/** A run that is long enough to be torn down in the middle; `begun` is called after its first steps. */
const training = (run: string) => `
  import { datasets, nets, train, resume, Model } from ${JSON.stringify(packageUrl)}
  import { Worker, isMainThread, parentPort } from 'node:worker_threads'
  import { fileURLToPath } from 'node:url'
  const run = ${JSON.stringify(run)}
  const data = await datasets.characters({ alphabets: 2, characters: 6, drawings: 6, seed: 3 })
  const start = (begun, output = run) => train({
    data, output, net: nets.conv4({ width: 4, embeddingSize: 8 }), batch: { pairs: 4 }, steps: 100, seed: 5,
    device: 'cpu', threads: 1, checkpointEvery: 10, onProgress: ({ step }) => { if (step >= 20) begun() },
  })
`

/** Runs a module in a process of its own. */
async function runs(t: ExecutionContext, code: (folder: string) => string) {
  const folder = await temporary(t)
  const path = join(folder, 'module.mjs')
  writeFileSync(path, code(folder))
  const { NODE_OPTIONS: _, ...env } = process.env
  const ended = spawnSync(process.execPath, [path], { encoding: 'utf8', timeout: 120_000, env })
  return { folder, ...ended }
}

/** The run ends as one that was never stopped. */
async function endsAsWhole(t: ExecutionContext, folder: string): Promise<void> {
  t.true(((await listCheckpoints(join(folder, 'run'))).at(-1) ?? 0) >= 20)
  const run = await resume(join(folder, 'run'))
  await run.model.close()
  t.deepEqual(await outcome(join(folder, 'run'), 100), await outcome(join(folder, 'whole'), 100))
}

test('process.exit in the middle of a run: its own status, and the run goes on', async (t) => {
  const { folder, status, signal, stderr } = await runs(
    t,
    (folder) => `${training(join(folder, 'run'))}
      await (await start(() => {}, ${JSON.stringify(join(folder, 'whole'))})).model.close()
      await start(() => setTimeout(() => process.exit(9), 5))`,
  )
  t.deepEqual([status, signal, stderr], [9, null, ''])
  await endsAsWhole(t, folder)
})

test('an uncaught error in the middle of a run: the status of an error, and the run goes on', async (t) => {
  const { folder, status, signal, stderr } = await runs(
    t,
    (folder) => `${training(join(folder, 'run'))}
      await (await start(() => {}, ${JSON.stringify(join(folder, 'whole'))})).model.close()
      await start(() => setTimeout(() => { throw new Error('of the caller') }, 5))`,
  )
  t.deepEqual([status, signal], [1, null], stderr)
  t.regex(stderr, /of the caller/)
  await endsAsWhole(t, folder)
})

test('a worker that is torn down in the middle of a run: no crash, the lock is free, and the run goes on elsewhere', async (t) => {
  const { folder, status, signal, stdout, stderr } = await runs(
    t,
    (folder) => `${training(join(folder, 'run'))}
      if (isMainThread) {
        await (await start(() => {}, ${JSON.stringify(join(folder, 'whole'))})).model.close()
        for (let i = 0; i < 3; i++) {
          const worker = new Worker(fileURLToPath(import.meta.url))
          await new Promise((done, fail) => worker.once('message', done).once('error', fail))
          await worker.terminate()
        }
        const whole = await resume(run)
        await whole.model.close()
        console.log('resumed to', whole.last?.step)
      } else {
        const again = { onProgress: () => parentPort.postMessage('begun') }
        await start(again.onProgress).catch(({ code }) => {
          if (code !== 'OUTPUT_EXISTS') throw new Error(code)
          return resume(run, again)
        })
      }`,
  )
  t.deepEqual([status, signal, stdout, stderr], [0, null, 'resumed to 100\n', ''])
  await endsAsWhole(t, folder)
})

test('a worker that trains and ends by itself, beside a main thread that embeds', async (t) => {
  const { folder, status, signal, stdout, stderr } = await runs(
    t,
    (folder) => `${training(join(folder, 'whole'))}
      if (isMainThread) {
        const worker = new Worker(fileURLToPath(import.meta.url))
        const ended = new Promise((done, fail) => worker.once('exit', done).once('error', fail))
        const { model } = await start(() => {}, ${JSON.stringify(join(folder, 'run'))})
        const embedded = await model.embedDataset(data)
        await model.close()
        console.log(embedded.count, await ended)
      } else await (await start(() => {})).model.close()`,
  )
  t.deepEqual([status, signal, stdout, stderr], [0, null, '72 0\n', ''])
  t.deepEqual(await outcome(join(folder, 'run'), 100), await outcome(join(folder, 'whole'), 100))
})
