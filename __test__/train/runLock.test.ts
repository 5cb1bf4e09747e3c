import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { lockName, RunLock } from '../../src/train/runLock.js'
import { resume, train } from '../../src/train/train.js'
import { characters, contents, refused, stopAt, temporary, tiny, trainTiny } from './tinyRun.js'

const lockUrl = new URL('../../dist/train/runLock.js', import.meta.url).href

test('one at a time; whoever lets go leaves nothing behind', async (t) => {
  const folder = await temporary(t)
  const lock = await RunLock.take(folder)
  t.true(lock.locks)
  const held = new RegExp(
    `${folder} is being trained by process ${process.pid} on ${hostname()}: wait for it, or stop it`,
  )
  await refused(t, () => RunLock.take(folder), 'RUN_LOCKED', held)
  await t.notThrowsAsync(() => lock.check())
  await lock.release()
  await lock.release()
  t.deepEqual(await readdir(folder), [])
  await (await RunLock.take(folder)).release()
})

test('of many who want it at once exactly one has it', async (t) => {
  const folder = await temporary(t)
  for (let round = 0; round < 5; round++) {
    const taken = await Promise.allSettled(Array.from({ length: 8 }, () => RunLock.take(folder)))
    const locks = taken.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    t.is(locks.length, 1)
    await locks[0]?.release()
  }
})

test('a process that is killed leaves nothing locked', async (t) => {
  const folder = await temporary(t)
  const code = `const { RunLock } = await import(${JSON.stringify(lockUrl)})
    await RunLock.take(${JSON.stringify(folder)}); console.log('locked'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  await refused(t, () => RunLock.take(folder), 'RUN_LOCKED', new RegExp(`process ${child.pid} on`))
  child.kill('SIGKILL')
  await once(child, 'close')
  t.deepEqual(await readdir(folder), [lockName])
  const lock = await RunLock.take(folder)
  t.is(await readFile(join(folder, lockName), 'utf8'), `process ${process.pid} on ${hostname()}\n`)
  await lock.release()
})

test('a folder that is no longer the locked one is noticed, and another’s lock left alone', async (t) => {
  const folder = await temporary(t)
  const [run, aside] = [join(folder, 'run'), join(folder, 'aside')]
  await mkdir(run)
  const lock = await RunLock.take(run)
  await rename(run, aside)
  await refused(t, () => lock.check(), 'NOT_WRITABLE', /run: the folder was removed, moved or replaced/)
  await mkdir(run)
  const others = await RunLock.take(run)
  await refused(t, () => lock.check(), 'NOT_WRITABLE')
  await lock.release()
  await t.notThrowsAsync(() => others.check())
  await others.release()
})

test('a parent that is a file', async (t) => {
  const folder = await temporary(t)
  await writeFile(join(folder, 'file'), '')
  await refused(t, () => RunLock.take(join(folder, 'file')), 'NOT_WRITABLE', /Cannot write .*file\/lock/)
})

test('a run at work refuses a second one, resumed or new, and nothing of it is touched', async (t) => {
  const folder = join(await temporary(t), 'run')
  let tried: Promise<unknown> | undefined
  const { train: data } = await characters()
  await stopAt(t, 4, folder)
  const before = await contents(folder)
  const lock = await RunLock.take(folder)
  const error = await refused(t, () => resume(folder), 'RUN_LOCKED', /is being trained by process/)
  t.is(error.option, undefined)
  await lock.release()
  t.deepEqual(await contents(folder), before)
  const run = await resume(folder, {
    onProgress: () => {
      tried ??= Promise.allSettled([resume(folder), train(tiny(data, folder))])
    },
  })
  await run.model.close()
  const codes = ((await tried) as PromiseRejectedResult[]).map(({ reason }) => reason.code)
  t.deepEqual(codes, ['RUN_LOCKED', 'OUTPUT_EXISTS'])
  t.false((await readdir(folder)).includes(lockName))
})

test('two new runs with one output: one trains, the other is refused', async (t) => {
  const folder = join(await temporary(t), 'run')
  const both = await Promise.allSettled([trainTiny(folder), trainTiny(folder, { seed: 6 })])
  t.is(both.filter(({ status }) => status === 'fulfilled').length, 1)
  const failed = both.find((one): one is PromiseRejectedResult => one.status === 'rejected')
  t.true(['RUN_LOCKED', 'OUTPUT_EXISTS'].includes(failed?.reason.code))
})

test('what a process leaves that dies before its plan is written is no obstacle', async (t) => {
  const folder = await temporary(t)
  await writeFile(join(folder, lockName), 'process 999999 on elsewhere\n')
  await writeFile(join(folder, 'config.json.tmp-999999'), '{')
  await trainTiny(folder)
  t.deepEqual(
    (await readdir(folder)).filter((name) => /lock|tmp/.test(name)),
    [],
  )
  await rm(join(folder, 'config.json'))
})
