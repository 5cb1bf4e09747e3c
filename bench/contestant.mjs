// A program that works when it is told to and says how long it took: one line in, one line out.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export const python = fileURLToPath(new URL('../.cache/bench/bin/python', import.meta.url))

/** Starts a script of bench/pytorch; its first line is its version. */
export async function pythonContestant(script, args) {
  const path = fileURLToPath(new URL(`pytorch/${script}`, import.meta.url))
  const child = spawn(python, [path, ...args.map(String)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`${script} ended before it answered`)
    return value
  }
  const version = await next()
  return {
    version,
    /** @returns seconds */
    async run(count) {
      child.stdin.write(`${count}\n`)
      return Number(await next())
    },
    close: () => child.stdin.end(),
  }
}
