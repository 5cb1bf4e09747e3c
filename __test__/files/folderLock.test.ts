import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { FolderLock, lockName } from '../../src/files/folderLock.js'
import { refused, temporary } from '../train/tinyRun.js'

const lockUrl = new URL('../../dist/files/folderLock.js', import.meta.url).href

test('one at a time; whoever lets go leaves nothing behind', async (t) => {
  const folder = await temporary(t)
  const lock = await FolderLock.take(folder, 'trained')
  t.true(lock.locks)
  const held = new RegExp(
    `${folder} is being trained by process ${process.pid} on ${hostname()}: wait for it, or stop it`,
  )
  await refused(t, () => FolderLock.take(folder, 'trained'), 'RUN_LOCKED', held)
  await t.notThrowsAsync(() => lock.check())
  await lock.release()
  await lock.release()
  t.deepEqual(await readdir(folder), [])
  await (await FolderLock.take(folder, 'trained')).release()
})

test('what is done to the folder is said by whoever takes it: runs are trained, an index is written', async (t) => {
  const folder = await temporary(t)
  const lock = await FolderLock.take(folder, 'written')
  await refused(t, () => FolderLock.take(folder, 'written'), 'RUN_LOCKED', /is being written by process/)
  // @ts-expect-error a default would be wrong for one of them, and nobody would see it
  await refused(t, () => FolderLock.take(folder), 'RUN_LOCKED')
  await lock.release()
})

test('of many who want it at once exactly one has it', async (t) => {
  const folder = await temporary(t)
  for (let round = 0; round < 5; round++) {
    const taken = await Promise.allSettled(Array.from({ length: 8 }, () => FolderLock.take(folder, 'trained')))
    const locks = taken.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    t.is(locks.length, 1)
    await locks[0]?.release()
  }
})

test('a process that is killed leaves nothing locked', async (t) => {
  const folder = await temporary(t)
  const code = `const { FolderLock } = await import(${JSON.stringify(lockUrl)})
    await FolderLock.take(${JSON.stringify(folder)}, 'trained'); console.log('locked'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  await refused(t, () => FolderLock.take(folder, 'trained'), 'RUN_LOCKED', new RegExp(`process ${child.pid} on`))
  child.kill('SIGKILL')
  await once(child, 'close')
  t.deepEqual(await readdir(folder), [lockName])
  const lock = await FolderLock.take(folder, 'trained')
  t.is(await readFile(join(folder, lockName), 'utf8'), `process ${process.pid} on ${hostname()}\n`)
  await lock.release()
})

test('a folder that is no longer the locked one is noticed, and another’s lock left alone', async (t) => {
  const folder = await temporary(t)
  const [run, aside] = [join(folder, 'run'), join(folder, 'aside')]
  await mkdir(run)
  const lock = await FolderLock.take(run, 'trained')
  await rename(run, aside)
  await refused(t, () => lock.check(), 'NOT_WRITABLE', /run: the folder was removed, moved or replaced/)
  await mkdir(run)
  const others = await FolderLock.take(run, 'trained')
  await refused(t, () => lock.check(), 'NOT_WRITABLE')
  await lock.release()
  await t.notThrowsAsync(() => others.check())
  await others.release()
})

test('a parent that is a file', async (t) => {
  const folder = await temporary(t)
  await writeFile(join(folder, 'file'), '')
  await refused(t, () => FolderLock.take(join(folder, 'file'), 'trained'), 'NOT_WRITABLE', /Cannot write .*file\/lock/)
})
