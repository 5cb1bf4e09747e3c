import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a made-up pip or uv does when it is asked for a wheel. */
export type Behaviour =
  /** Gives the wheels that lie in this folder; uv, which unpacks, gives all that lies there. */
  | { readonly from: string }
  /** Fails with this text. */
  | { readonly says: string }
  /** Writes a little, starts a process that holds its streams open, and never ends. */
  | 'hangs'

/**
 * Puts a program named `name` into a folder.
 *
 * It works as pip's `download` and uv's `pip install --target`, as far as npair uses them: the requirements file names the
 * wheel, and pip refuses one whose SHA-256 is another. What it was called with stands in `NAME.calls` beside it.
 */
export function makeFetcher(folder: string, name: 'pip3' | 'uv', behaviour: Behaviour): void {
  mkdirSync(folder, { recursive: true })
  const body = `#!${process.execPath}
const { appendFileSync, copyFileSync, cpSync, readdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs')
const { createHash } = require('node:crypto')
const { spawn } = require('node:child_process')
const args = process.argv.slice(2)
if (args.includes('--version')) process.exit(0)
appendFileSync(${JSON.stringify(callsOf(folder, name))}, JSON.stringify(args) + '\\n')
const behaviour = ${JSON.stringify(behaviour)}
const after = (option) => args[args.indexOf(option) + 1]
const [, wheel, version, sha256] = /^(.*)==(.*) --hash=sha256:(.*)$/m.exec(readFileSync(after('-r'), 'utf8'))
const into = after('${name === 'uv' ? '--target' : '-d'}')
if (behaviour === 'hangs') {
  writeFileSync(into + '/part', Buffer.alloc(100000))
  const started = spawn('/bin/sleep', ['60'], { stdio: 'inherit', detached: true })
  started.unref()
  const pids = ${JSON.stringify(join(folder, 'pids'))}
  writeFileSync(pids + '.new', JSON.stringify([process.pid, started.pid]))
  renameSync(pids + '.new', pids)
  setInterval(() => {}, 1000)
} else if (behaviour.says !== undefined) {
  console.error(behaviour.says)
  process.exit(1)
} else {
  if ('${name}' === 'uv') {
    cpSync(behaviour.from, into, { recursive: true })
    process.exit(0)
  }
  const file = readdirSync(behaviour.from).find((name) => name.startsWith(wheel.replaceAll('-', '_') + '-' + version))
  const path = behaviour.from + '/' + file
  if (createHash('sha256').update(readFileSync(path)).digest('hex') !== sha256) {
    console.error('ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.')
    process.exit(1)
  }
  copyFileSync(path, into + '/' + file)
}
`
  const path = join(folder, name)
  writeFileSync(path, body)
  chmodSync(path, 0o755)
}

const callsOf = (folder: string, name: string) => join(folder, `${name}.calls`)

/** Waits until a fetcher hangs, and returns its process number and that of what it started. */
export async function untilItHangs(folder: string): Promise<readonly [fetcher: number, started: number]> {
  const path = join(folder, 'pids')
  while (!existsSync(path)) await new Promise((done) => setTimeout(done, 20))
  return JSON.parse(readFileSync(path, 'utf8'))
}

/** The arguments of every call so far. */
export function callsTo(folder: string, name: 'pip3' | 'uv'): string[][] {
  return readFileSync(callsOf(folder, name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): string[] => JSON.parse(line))
}
