import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What a command said and how it ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly errors: string
}

export const bin = fileURLToPath(new URL('../../bin/npair.mjs', import.meta.url))

/** Starts `npair` as a user would, with these variables over those of the process; undefined takes one away. */
export function start(
  args: readonly string[],
  env: Record<string, string | undefined> = {},
): {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
} {
  // What ava sets for itself is nothing to a user's npair.
  const { NODE_OPTIONS: _, ...rest } = process.env
  const child = spawn(process.execPath, [bin, ...args], { env: { ...rest, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, errors] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk
  })
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, out, errors }))
  })
  return { child, ended }
}

/** Runs `npair` to its end. */
export function npair(args: readonly string[], env: Record<string, string | undefined> = {}): Promise<Ended> {
  return start(args, env).ended
}
