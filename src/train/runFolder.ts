import { readdir, readFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { NPairError } from '../errors.js'
import { clearLeftovers, makeFolder, writeFileAtomic } from '../files/atomic.js'
import { lockName } from '../files/folderLock.js'
import { engine } from '../native/engine.js'
import { gpuNames } from '../native/gpuNames.js'
import { loadedAddon } from '../native/load.js'
import { version } from '../version.js'
import { planFormat, type TrainPlan, wrongInPlan } from './plan.js'

/**
 * Writes `config.json` (the plan) and `environment.json` (what it runs on) into the locked folder of a new run.
 *
 * The plan comes first: a folder without one is no run, and one with nothing else begins at its first step.
 *
 * @throws NPairError `OUTPUT_EXISTS` if the folder holds anything; `NOT_WRITABLE`
 */
export async function createRunFolder(run: string, plan: TrainPlan): Promise<void> {
  await checkOutput(run)
  await clearLeftovers(run)
  await writeFileAtomic(join(run, 'config.json'), `${JSON.stringify(plan, null, 2)}\n`)
  await makeFolder(join(run, 'checkpoints'))
  await writeEnvironment(run, plan)
}

/**
 * Refuses a folder that holds anything: a run is never written over. What a process leaves that is killed before its plan
 * is written is nothing.
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
  const others = names.filter((name) => name !== lockName && !/^config\.json\.tmp-\d+$/.test(name))
  if (others.length > 0)
    throw new NPairError(
      'OUTPUT_EXISTS',
      `${run} is not empty (${others.slice(0, 3).join(', ')}): name another output`,
      { option: 'output' },
    )
}

/** What a run ran on: content of environment.json. */
export type Environment = Readonly<Record<string, string | number | boolean>>

/** What figures depend on beyond the plan. */
export async function writeEnvironment(run: string, plan: TrainPlan): Promise<Environment> {
  const { cpuCapability, amx, cudaDevices } = await (await engine()).environment()
  const environment: Environment = {
    npair: version(),
    libtorch: loadedAddon()?.libtorch.build ?? 'unknown',
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    processor: cpus()[0]?.model ?? 'unknown',
    cpuCapability,
    amx,
    ...instructionLimits(),
    cudaDevices,
    ...(plan.device === 'cuda' && { gpu: await gpuNames() }),
    threads: plan.threads,
    device: plan.device,
    precision: plan.precision,
    layout: 'channels_last',
    seed: plan.seed,
    started: new Date().toISOString(),
  }
  await writeFileAtomic(join(run, 'environment.json'), `${JSON.stringify(environment, null, 2)}\n`)
  return environment
}

/** What processors are told from outside to compute with: what oneDNN may use (by either of its names), and MKL's reproducible kernels. */
function instructionLimits(): Environment {
  const { ONEDNN_MAX_CPU_ISA, DNNL_MAX_CPU_ISA, MKL_CBWR } = process.env
  // Not left out where nothing is set: then one that is set when the run goes on would pass for one that was not recorded.
  return { oneDnnMaxCpuIsa: ONEDNN_MAX_CPU_ISA ?? DNNL_MAX_CPU_ISA ?? 'unset', mklCbwr: MKL_CBWR ?? 'unset' }
}

/** environment.json as it is; undefined where it is missing or unreadable, which costs nothing but a notice. */
export async function readEnvironment(run: string): Promise<Environment | undefined> {
  try {
    const found: unknown = JSON.parse(await readFile(join(run, 'environment.json'), 'utf8'))
    return typeof found === 'object' && found !== null ? (found as Environment) : undefined
  } catch {
    return undefined
  }
}

/** What the bits of a result depend on, with the words for it. */
const decisive = {
  npair: 'npair',
  libtorch: 'libtorch',
  platform: 'platform',
  processor: 'processor',
  cpuCapability: 'instruction set',
  amx: 'bfloat16 tiles (AMX)',
  oneDnnMaxCpuIsa: 'ONEDNN_MAX_CPU_ISA',
  mklCbwr: 'MKL_CBWR',
  gpu: 'GPU',
  threads: 'threads',
  device: 'device',
} as const

/** What of `now` differs from `before` so that a resumed run may end with other bits; undefined where nothing does. */
export function environmentChange(before: Environment, now: Environment): string | undefined {
  const changes = Object.entries(decisive).flatMap(([key, words]) =>
    // An older npair may not have recorded it.
    before[key] === undefined || before[key] === now[key] ? [] : [`${words} ${now[key]} instead of ${before[key]}`],
  )
  return changes.length === 0 ? undefined : changes.join(', ')
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
  const wrong = wrongInPlan(plan)
  if (wrong !== undefined)
    throw new NPairError('CHECKPOINT_CORRUPT', `${path} is altered: ${wrong} is missing or wrong`)
  return plan
}
