import { type Variant, wheelBytes } from './manifest.js'
import { planSetup, type SetupOptions, type SetupPlan, type SetupProgress, type SetupResult, setup } from './setup.js'
import { megabytes } from './staging.js'

/** Seconds between two lines where there is no terminal. */
const plainEvery = 10
const barWidth = 24
/** What of a stream is used here. */
type Stream = { readonly isTTY?: boolean; write(text: string): unknown }

const verbs = { fetch: 'fetching', verify: 'checking', unpack: 'unpacking' } as const

/**
 * Shows a setup's progress: a bar on a terminal, which stays behind as a line when its step is over;
 * elsewhere a line as a step begins, and one now and then.
 *
 * @returns what to call with the progress, and at the end what leaves the terminal at the start of a line
 */
export function showSetupProgress(stream: Stream = process.stderr): {
  readonly show: (progress: SetupProgress) => void
  readonly end: () => void
} {
  let current: string | undefined
  let written = 0
  const end = () => {
    if (stream.isTTY && current !== undefined) stream.write('\n')
    current = undefined
  }
  const show = ({ doing, what, done, total }: SetupProgress) => {
    const step = `${verbs[doing]} ${what}`
    const isNew = step !== current
    const isLast = total > 0 && done >= total
    const now = performance.now()
    if (!isNew && !(isLast && stream.isTTY) && now - written < (stream.isTTY ? 100 : plainEvery * 1000)) return
    if (isNew) end()
    current = step
    written = now
    const amount = total > 0 ? `${megabytes(done)} of ${megabytes(total)}` : done > 0 ? megabytes(done) : ''
    if (!stream.isTTY) {
      stream.write(`${step}${amount && ` (${amount})`}\n`)
      return
    }
    const filled = total > 0 ? Math.round((barWidth * done) / total) : 0
    const bar = total > 0 ? `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}] ` : ''
    stream.write(`\r\x1b[2K${bar}${step} ${amount}`)
  }
  return { show, end }
}

/** What `npair setup --dry-run` prints. */
export function describePlan(plan: SetupPlan): string {
  const title = `libtorch ${plan.version} for ${plan.device === 'cpu' ? 'the CPU' : 'CUDA and the CPU'}`
  if (plan.ready) return `${title} is set up already: ${plan.folder}`
  if (plan.from !== undefined) return `${title} would be unpacked from ${plan.from} to ${plan.folder}`
  const rows = plan.wheels.map((wheel) => {
    const size = `${wheel.bytes === undefined ? 'about ' : ''}${megabytes(wheelBytes(wheel))}`
    return `  ${wheel.name} ${wheel.version}  ${size}  ${wheel.license}\n    ${wheel.file}\n    sha256 ${wheel.sha256}`
  })
  const total = plan.wheels.reduce((sum, wheel) => sum + wheelBytes(wheel), 0)
  return [
    `${title} would be fetched, ${megabytes(total)} in ${plan.wheels.length} wheels:`,
    ...rows,
    `to ${plan.folder}`,
  ].join('\n')
}

/** What `npair setup` prints when it is done. */
export function describeResult({ libtorch, already }: SetupResult): string {
  const state = already ? 'is set up already' : 'is set up'
  return `libtorch ${libtorch.build} (${libtorch.variant}) ${state}: ${libtorch.root}`
}

/** `npair setup`: the flags as the command line has them, and a signal that stops it and removes what is half done. */
export async function runSetup(
  flags: {
    readonly device: Variant
    readonly from?: string
    readonly headers?: boolean
    readonly dryRun?: boolean
  },
  signal: AbortSignal,
): Promise<void> {
  const { device, from, headers = false, dryRun = false } = flags
  const options: SetupOptions = { device, headers, ...(from !== undefined && { from }) }
  if (dryRun) {
    console.log(describePlan(planSetup(options)))
    return
  }
  const progress = showSetupProgress()
  try {
    const result = await setup({ ...options, signal, onProgress: progress.show })
    progress.end()
    console.log(describeResult(result))
  } finally {
    progress.end()
  }
}
