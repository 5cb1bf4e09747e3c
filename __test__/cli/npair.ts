import '../train/ownCache.js'
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What a command said and how it ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command line as a user does: the committed bin, from dist. */
export function npair(...args: string[]): Promise<Ended> {
  return started(...args).ended
}

/** The same, to send signals to; `says` waits for a text on stderr. */
export function started(...args: string[]): {
  child: ChildProcess
  ended: Promise<Ended>
  says: (what: RegExp) => Promise<void>
} {
  const child = spawn(process.execPath, ['bin/npair.mjs', ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  const waiting = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    for (const look of waiting) look()
  })
  const ended = new Promise<Ended>((done) => {
    child.on('close', (code, signal) => done({ code, signal, stdout, stderr }))
  })
  const says = async (what: RegExp) => {
    const said = new Promise<void>((done) => {
      const look = () => {
        if (!what.test(stderr)) return
        waiting.delete(look)
        done()
      }
      waiting.add(look)
      look()
    })
    const early = ended.then(({ code, stderr }) => {
      if (!what.test(stderr)) throw new Error(`ended with ${code} before saying ${what}: ${stderr}`)
    })
    await Promise.race([said, early])
  }
  return { child, ended, says }
}
