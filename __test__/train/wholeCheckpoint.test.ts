import { readdir, readFile, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { checkpointFolder, listCheckpoints } from '../../src/train/checkpoint.js'
import type { Notice } from '../../src/train/notice.js'
import { contents, copyOf, goOn, judged, outcome, refused, stopAt, temporary, trainTiny } from './tinyRun.js'

/** Every way in which a file of the checkpoint of a step may be cut off or missing, in a copy of the run folder. */
async function* damagedCopies(t: ExecutionContext, folder: string, step: number) {
  const names = (await readdir(checkpointFolder(folder, step))).sort()
  t.deepEqual(names, ['best.safetensors', 'optimizer.safetensors', 'state.json', 'weights.safetensors'])
  for (const name of names)
    for (const damage of ['cut', 'gone'] as const) {
      const copy = await copyOf(t, folder)
      const file = join(checkpointFolder(copy, step), name)
      if (damage === 'gone') await rm(file)
      else await truncate(file, (await readFile(file)).length - 3)
      yield { copy, name, damage }
    }
}

test('every file of the only checkpoint, cut off or missing, is named, and nothing is touched', async (t) => {
  const folder = join(await temporary(t), 'run')
  await stopAt(t, 6, folder, { ...(await judged()), keepCheckpoints: 1 })
  for await (const { copy, name, damage } of damagedCopies(t, folder, 6)) {
    const before = await contents(copy)
    const error = await refused(t, () => goOn(copy), 'CHECKPOINT_CORRUPT')
    t.true(error.message.includes(name) && error.message.includes('step-000006'), error.message)
    t.regex(error.message, /No checkpoint before it is whole: delete all of them to begin again/)
    t.deepEqual(await contents(copy), before, `${name} ${damage}`)
  }
})

test('where a checkpoint is damaged, the run goes on from the one before it, says so, and ends the same', async (t) => {
  const folder = await temporary(t)
  const [whole, stopped] = [join(folder, 'whole'), join(folder, 'run')]
  await trainTiny(whole, await judged())
  await stopAt(t, 6, stopped, await judged())
  t.deepEqual(await listCheckpoints(stopped), [5, 6])
  for await (const { copy, name, damage } of damagedCopies(t, stopped, 6)) {
    const told: Notice[] = []
    await goOn(copy, { onNotice: (notice) => told.push(notice) })
    t.deepEqual(
      told.map(({ code }) => code),
      ['CHECKPOINT_DAMAGED'],
    )
    const { message } = told[0] as Notice
    t.regex(
      message,
      /goes on from step 5: the checkpoint of step 6 is damaged \(.*\) and kept as .*step-000006.damaged/,
    )
    t.true(message.includes(name), message)
    t.deepEqual(await outcome(copy), await outcome(whole), `${name} ${damage}`)
    t.true((await readdir(join(copy, 'checkpoints'))).includes('step-000006.damaged'))
  }
})

test('a damaged checkpoint no longer counts as the newest: what is saved next is kept', async (t) => {
  const folder = await temporary(t)
  const [whole, stopped] = [join(folder, 'whole'), join(folder, 'run')]
  const change = {
    ...{ steps: 24, checkpointEvery: 10, keepCheckpoints: 1 },
    guard: { onDivergence: 'rollback' as const },
  }
  await trainTiny(whole, change)
  await stopAt(t, 10, stopped, change)
  // The first block after a start is one step.
  const oneStep = async () => {
    const controller = new AbortController()
    const hooks = { signal: controller.signal, onProgress: () => controller.abort() }
    await refused(t, () => goOn(stopped, hooks), 'ABORTED')
    return listCheckpoints(stopped)
  }
  t.deepEqual(
    [await oneStep(), await oneStep()],
    [
      [10, 11],
      [10, 12],
    ],
  )
  await rm(join(checkpointFolder(stopped, 12), 'weights.safetensors'))
  t.deepEqual(await oneStep(), [10, 11])
  await goOn(stopped)
  t.deepEqual(await outcome(stopped, 24), await outcome(whole, 24))
})
