/** What shells report of a process that a signal ended: 128 and its number. */
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const

/** The exit code of work that was stopped: by Ctrl-C unless it was SIGTERM. */
let code: number = exitCodes.SIGINT

/** The exit code that goes with an error of code `ABORTED`. */
export function interruptedCode(): number {
  return code
}

/** Runs `work` with a signal that the first Ctrl-C (or SIGTERM) aborts; the second leaves at once. `notice` says so. */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  notice = 'Stopping after this block of steps (Ctrl-C again: at once, without saving) …',
): Promise<T> {
  const controller = new AbortController()
  const onSignal = (name: NodeJS.Signals) => {
    code = name === 'SIGTERM' ? exitCodes.SIGTERM : exitCodes.SIGINT
    if (controller.signal.aborted) process.exit(code)
    controller.abort()
    process.stderr.write(`\n${notice}\n`)
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  try {
    return await work(controller.signal)
  } finally {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}
