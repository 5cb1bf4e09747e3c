/**
 * How work ends that a signal stopped in order, with everything saved. A person who presses Ctrl-C knows (130, as shells
 * report it); what sends SIGTERM is a scheduler that wants the machine, and 75 (EX_TEMPFAIL of sysexits.h: try again later)
 * asks it to start the work again: `npair resume` goes on from where this ended.
 */
const exitCodes = { SIGINT: 130, SIGTERM: 75 } as const

/** How work ends that a second signal ended at once, with nothing saved: as if nothing had caught the signal. */
const atOnce = { SIGINT: 130, SIGTERM: 143 } as const

type Signal = keyof typeof exitCodes

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
    const signal: Signal = name === 'SIGTERM' ? 'SIGTERM' : 'SIGINT'
    if (controller.signal.aborted) process.exit(atOnce[signal])
    code = exitCodes[signal]
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
