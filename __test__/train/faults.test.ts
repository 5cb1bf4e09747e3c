import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { datasets } from '../../src/data/datasets.js'
import { NPairError } from '../../src/errors.js'
import { writeFilesAtomic } from '../../src/files/atomic.js'
import { listCheckpoints, lookAtCheckpoint } from '../../src/train/checkpoint.js'
import { readMetrics } from '../../src/train/metricsLog.js'
import { readPlan } from '../../src/train/runFolder.js'
import { resume, type TrainInput } from '../../src/train/train.js'
import { characters, contents, outcome, refused, temporary, trainTiny } from './tinyRun.js'

const canMount = (() => {
  const folder = join(tmpdir(), `npair-mount-${process.pid}`)
  mkdirSync(folder)
  try {
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]).status !== 0) return false
    return spawnSync('umount', [folder]).status === 0
  } finally {
    rmSync(folder, { recursive: true })
  }
})()
const onSmallDisk = canMount ? test : test.skip

/** A disk of so many kilobytes, and what makes it larger. */
async function smallDisk(t: ExecutionContext, kilobytes: number) {
  const disk = await mkdtemp(join(tmpdir(), 'npair-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', disk])
  t.teardown(() => {
    execFileSync('umount', [disk])
    return rm(disk, { recursive: true })
  })
  return { disk, grow: () => execFileSync('mount', ['-o', 'remount,size=16m', disk]) }
}

/** Every checkpoint is whole and every line a step, told once. */
async function isWhole(t: ExecutionContext, run: string): Promise<void> {
  const plan = await readPlan(run)
  for (const step of await listCheckpoints(run)) t.is((await lookAtCheckpoint(run, step, plan)).damage, undefined)
  if (!readdirSync(run).includes('metrics.jsonl')) return
  const told = (await readMetrics(run)).flatMap((line) => ('loss' in line ? [line.step] : []))
  t.deepEqual(
    told,
    Array.from(told, (_, i) => i + 1),
  )
}

/** Saves all the time, and judges. */
async function busy(): Promise<Partial<TrainInput>> {
  const { test: validationData } = await characters()
  const validation = { every: 3, protocol: { type: 'retrieval' as const } }
  return { validationData, validation, checkpointEvery: 1, keepCheckpoints: 20 }
}

onSmallDisk('a disk that fills up, wherever: a named error, nothing lost, the same end (needs root)', async (t) => {
  const options = await busy()
  const whole = join(await temporary(t), 'whole')
  await trainTiny(whole, options)
  let full = 0
  for (const kilobytes of [4, 12, 28, 60, 100, 180, 400]) {
    const { disk, grow } = await smallDisk(t, kilobytes)
    const run = join(disk, 'run')
    const error = await trainTiny(run, options).then(
      () => undefined,
      (error: unknown) => error,
    )
    if (error !== undefined) {
      full++
      t.true(error instanceof NPairError && error.code === 'NOT_WRITABLE', `${kilobytes}k: ${error}`)
      t.regex(`${error}`, /no space left on device/i)
    }
    const begun = await readPlan(run).then(
      () => true,
      () => false,
    )
    if (begun) await isWhole(t, run)
    grow()
    if (begun) await (await resume(run)).model.close()
    else await trainTiny(run, options)
    t.deepEqual(await outcome(run), await outcome(whole), `${kilobytes}k`)
    t.deepEqual(readdirSync(run).sort(), readdirSync(whole).sort(), `${kilobytes}k`)
  }
  t.true(full >= 4, `the disk was full ${full} times`)
})

onSmallDisk(
  'a full disk under the cache, and under a result: a named error, and nothing half-written (needs root)',
  async (t) => {
    const { disk, grow } = await smallDisk(t, 24)
    const options = { alphabets: 2, characters: 4, drawings: 4, cache: disk }
    await refused(t, () => datasets.characters(options), 'NOT_WRITABLE', /no space left on device/)
    t.deepEqual(await readdir(join(disk, 'packs')), [])
    const files = ['a', 'b'].map((name): [string, Uint8Array] => [join(disk, name), new Uint8Array(16_384)])
    await refused(t, () => writeFilesAtomic(files), 'NOT_WRITABLE', /no space left on device/)
    t.deepEqual(await readdir(disk), ['packs'])
    grow()
    t.is((await datasets.characters(options)).length, 32)
  },
)

for (const [what, vanish] of [
  ['removed', (run: string) => rm(run, { recursive: true })],
  ['moved', (run: string) => rename(run, `${run}-moved`)],
  [
    'replaced',
    async (run: string) => {
      await rename(run, `${run}-moved`)
      await mkdir(run)
      await writeFile(join(run, 'config.json'), 'of somebody else')
    },
  ],
] as const)
  test(`an output folder that is ${what} in the middle: a named error, and nothing is written there`, async (t) => {
    const folder = await temporary(t)
    const run = join(folder, 'run')
    let gone: Promise<object> | undefined
    const onProgress = ({ step }: { step: number }) => {
      if (step === 5) gone = vanish(run).then(() => contents(folder))
    }
    const options = { ...(await busy()), onProgress, steps: 60 }
    await refused(t, () => trainTiny(run, options), 'NOT_WRITABLE', /run(\/.*)?: /)
    const here = Object.keys((await gone) ?? {}).filter((path) => !path.startsWith(`${run}-moved`))
    t.deepEqual(
      Object.keys(await contents(folder)).filter((path) => !path.startsWith(`${run}-moved`)),
      here,
    )
    if (what === 'removed') return
    const moved = `${run}-moved`
    await isWhole(t, moved)
    const again = await resume(moved)
    t.is(again.last?.step, 60)
    await again.model.close()
  })

test('a parent that is a file is refused before anything is computed', async (t) => {
  const folder = await temporary(t)
  await writeFile(join(folder, 'file'), '')
  await refused(t, () => trainTiny(join(folder, 'file')), 'NOT_WRITABLE', /Cannot write .*file: ENOTDIR/)
  await refused(t, () => trainTiny(join(folder, 'file/run')), 'NOT_WRITABLE', /Cannot write .*file\/run/)
  t.is(readFileSync(join(folder, 'file'), 'utf8'), '')
})
