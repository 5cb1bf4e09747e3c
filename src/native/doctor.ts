import { spawn } from 'node:child_process'
import { cpus, release } from 'node:os'
import { join } from 'node:path'
import { NPairError } from '../errors.js'
import { packageFolder } from '../files/packageFolder.js'
import { version } from '../version.js'
import type { BindingEnvironment } from './binding.js'
import { type FoundLibtorch, findLibtorch } from './find.js'
import type { Loaded } from './load.js'
import { readManifest } from './manifest.js'
import { glibcVersion, platformName } from './platform.js'

/** What `npair doctor` finds out; `--json` prints just this. */
export interface Diagnosis {
  readonly npair: string
  readonly node: string
  /** For example `linux-x64-gnu`. */
  readonly platform: string
  readonly system: string
  /** glibc's version; null where there is none. */
  readonly glibc: string | null
  readonly processor: string
  readonly processors: number
  /** The version of libtorch that this npair's addon fits. */
  readonly needs: string
  /** What was found, with what was skipped; null where `problem` says why there is none. */
  readonly libtorch: FoundLibtorch | null
  /** What loading it in a process of its own gave; null where that was not tried or failed. */
  readonly load: {
    readonly addon: string
    readonly loader: string
    readonly threads: number
    readonly cpuCapability: string
    readonly cudaDevices: number
    /** Why CUDA is not used; null if it is. */
    readonly withoutCuda: string | null
  } | null
  /** Why npair cannot be used here; null if it can. */
  readonly problem: { readonly code: string; readonly message: string } | null
}

/** A driver that hangs must not hang the doctor; a cold disk may take half a minute. */
const probeSeconds = 120

/** What the process that tries the load prints. */
type Probed = { environment: BindingEnvironment; loaded: Loaded } | { error: { code: string; message: string } }

/** Looks over what npair needs on this machine. Never throws for what it finds: that is the result. */
export async function diagnose(): Promise<Diagnosis> {
  const about = {
    npair: version(),
    node: process.versions.node,
    platform: platformName(),
    system: `${process.platform} ${release()}`,
    glibc: glibcVersion() ?? null,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    processors: cpus().length,
    needs: readManifest().version,
  }
  let libtorch: FoundLibtorch
  try {
    libtorch = await findLibtorch()
  } catch (error) {
    if (!(error instanceof NPairError)) throw error
    return { ...about, libtorch: null, load: null, problem: { code: error.code, message: error.message } }
  }
  const probed = await tryLoad()
  if ('error' in probed) return { ...about, libtorch, load: null, problem: probed.error }
  const { environment, loaded } = probed
  const { threads, cpuCapability, cudaDevices } = environment
  const { addon, loader, withoutCuda = null } = loaded
  return {
    ...about,
    libtorch,
    load: { addon, loader, threads, cpuCapability, cudaDevices, withoutCuda },
    problem: null,
  }
}

/** In a process of its own, so that a crash is a finding. */
function tryLoad(): Promise<Probed> {
  const fromSources = import.meta.url.endsWith('.ts')
  const script = join(packageFolder(), fromSources ? 'src/native/probe.ts' : 'dist/native/probe.js')
  // From the sources, node needs the options that made it read TypeScript here.
  const options = process.execArgv.filter((option) => !option.startsWith('--inspect'))
  const limits = { timeout: probeSeconds * 1000, killSignal: 'SIGKILL' } as const
  const child = spawn(process.execPath, [...options, script], { ...limits, stdio: ['ignore', 'pipe', 'pipe'] })
  let [output, errors] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-4000)
  })
  return new Promise((resolve) => {
    const failed = (message: string) => resolve({ error: { code: 'ADDON_LOAD', message } })
    child.on('error', ({ message }) => failed(`the process that tries the load did not start: ${message}`))
    child.on('close', (code, signal) => {
      // A crash at the very end still is one.
      const probed = code === 0 ? lastLine(output) : undefined
      if (probed) return resolve(probed)
      const how = signal === null ? `ended with code ${code}` : `was killed by ${signal}`
      failed(`the process that tried the load ${how}: ${errors.trim() || 'it said nothing'}`)
    })
  })
}

/** What the probe printed; libraries may have printed before it. Undefined if it came to no end. */
function lastLine(output: string): Probed | undefined {
  try {
    return JSON.parse(output.trimEnd().split('\n').at(-1) ?? '')
  } catch {
    return undefined
  }
}

/** A diagnosis as lines for people. */
export function describeDiagnosis(diagnosis: Diagnosis): string {
  const { libtorch, load, problem } = diagnosis
  const glibc = diagnosis.glibc === null ? 'no glibc' : `glibc ${diagnosis.glibc}`
  const rows: [string, string][] = [
    ['npair', diagnosis.npair],
    ['Node.js', diagnosis.node],
    ['platform', `${diagnosis.platform} (${diagnosis.system}, ${glibc})`],
    ['processor', `${diagnosis.processors} x ${diagnosis.processor}`],
  ]
  if (libtorch) {
    rows.push(['libtorch', `${libtorch.build} (${libtorch.variant}) from ${libtorch.source}: ${libtorch.root}`])
    for (const { where, why } of libtorch.skipped) rows.push(['  skipped', `${where}: ${why}`])
  } else {
    rows.push(['libtorch', `none (npair needs exactly ${diagnosis.needs})`])
  }
  if (load) {
    const cuda = load.withoutCuda === null ? `${load.cudaDevices} devices` : `not used: ${load.withoutCuda}`
    rows.push(['addon', load.addon], ['loader', load.loader])
    rows.push(['threads', `${load.threads} (${load.cpuCapability})`], ['CUDA', cuda])
  }
  const verdict = problem
    ? `npair cannot be used here: ${problem.message} [${problem.code}]`
    : 'npair can be used here.'
  return [...rows.map(([name, text]) => `${name.padEnd(10)} ${text}`), verdict].join('\n')
}

/**
 * `npair doctor`: prints the diagnosis.
 *
 * @returns the exit code: 1 where npair cannot be used
 */
export async function runDoctor({ json = false }: { readonly json?: boolean } = {}): Promise<number> {
  const diagnosis = await diagnose()
  console.log(json ? JSON.stringify(diagnosis, null, 2) : describeDiagnosis(diagnosis))
  return diagnosis.problem === null ? 0 : 1
}
