import { readdir, readFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { NPairError } from '../errors.js'
import { makeFolder, writeFileAtomic } from '../files/atomic.js'
import { engine } from '../native/engine.js'
import { version } from '../version.js'
import { planFormat, type TrainPlan } from './plan.js'

/**
 * Makes the folder of a new run and writes `config.json` (the plan) and `environment.json` (what it ran on).
 *
 * @throws NPairError `OUTPUT_EXISTS` if the folder holds anything; `NOT_WRITABLE`
 */
export async function createRunFolder(run: string, plan: TrainPlan): Promise<void> {
  await checkOutput(run)
  await makeFolder(join(run, 'checkpoints'))
  await writeFileAtomic(join(run, 'config.json'), `${JSON.stringify(plan, null, 2)}\n`)
  await writeEnvironment(run, plan)
}

/**
 * Refuses a folder that holds anything: a run is never written over.
 *
 * @throws NPairError `OUTPUT_EXISTS`; `NOT_WRITABLE` if the path is no folder
 */
export async function checkOutput(run: string): Promise<void> {
  const names = await readdir(run).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return []
    throw new NPairError('NOT_WRITABLE', `Cannot write ${run}: ${error.message}`, { option: 'output', cause: error })
  })
  if (names.includes('config.json'))
    throw new NPairError(
      'OUTPUT_EXISTS',
      `${run} already holds a run: go on with it by \`npair resume ${run}\`, or name another output`,
      { option: 'output' },
    )
  if (names.length > 0)
    throw new NPairError(
      'OUTPUT_EXISTS',
      `${run} is not empty (${names.slice(0, 3).join(', ')}): name another output`,
      { option: 'output' },
    )
}

/** What figures depend on beyond the plan. */
export async function writeEnvironment(run: string, plan: TrainPlan): Promise<void> {
  const { cpuCapability, amx, cudaDevices } = await (await engine()).environment()
  const environment = {
    npair: version(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    processor: cpus()[0]?.model ?? 'unknown',
    cpuCapability,
    amx,
    cudaDevices,
    threads: plan.threads,
    device: plan.device,
    precision: plan.precision,
    layout: 'channels_last',
    seed: plan.seed,
    started: new Date().toISOString(),
  }
  await writeFileAtomic(join(run, 'environment.json'), `${JSON.stringify(environment, null, 2)}\n`)
}

/**
 * The plan of a run folder.
 *
 * @throws NPairError `NOT_FOUND` if the folder holds no run; `CHECKPOINT_CORRUPT` if config.json is damaged or newer
 */
export async function readPlan(run: string): Promise<TrainPlan> {
  const path = join(run, 'config.json')
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new NPairError('NOT_FOUND', `${run} holds no run: ${error.message}`, { cause: error })
  })
  let plan: TrainPlan
  try {
    plan = JSON.parse(text)
  } catch (error) {
    throw new NPairError('CHECKPOINT_CORRUPT', `${path} is cut off or altered`, { cause: error })
  }
  if ((plan?.format as number) !== planFormat)
    throw new NPairError(
      'CHECKPOINT_CORRUPT',
      `${path} has format ${plan?.format}, and this npair reads format ${planFormat}`,
    )
  return plan
}
