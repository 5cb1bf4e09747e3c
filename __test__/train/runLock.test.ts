import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { FolderLock, lockName } from '../../src/files/folderLock.js'
import { resume, train } from '../../src/train/train.js'
import { characters, contents, refused, stopAt, temporary, tiny, trainTiny } from './tinyRun.js'

test('a run at work refuses a second one, resumed or new, and nothing of it is touched', async (t) => {
  const folder = join(await temporary(t), 'run')
  let tried: Promise<unknown> | undefined
  const { train: data } = await characters()
  await stopAt(t, 4, folder)
  const before = await contents(folder)
  const lock = await FolderLock.take(folder, 'trained')
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
