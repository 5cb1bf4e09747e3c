// A program that works when it is told to and says how long it took: one line in, one line out.
import { spawn } from 'node:child_process'
import { readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const path = (name) => fileURLToPath(new URL(name, import.meta.url))

export const python = process.env.NPAIR_BENCH_PYTHON ?? path('../.cache/bench/bin/python')

/** Starts a script of bench/pytorch; its first line is its version. */
export async function pythonContestant(script, args) {
  const started = await contestant(python, [path(`pytorch/${script}`), ...args])
  peers.add(started.version.split(',')[0])
  return started
}

/** What npair ran beside since this was last cleared, with its version: `PyTorch 2.11.0`. */
export const peers = new Set()

/** Starts an example of crates/engine, which `buildExamples` built. Its threads wait as PyTorch's do: by libgomp's own rule. */
export const rustContestant = (example, args) =>
  contestant(path(`../target/${triple}/release/examples/${example}`), args, {
    ...process.env,
    LD_LIBRARY_PATH: `${realpathSync(path('../.libtorch'))}/lib`,
  })

// The target that the addon is built for, so that tch is compiled once.
export const triple = 'x86_64-unknown-linux-gnu'

async function contestant(command, args, env = process.env) {
  const child = spawn(command, args.map(String), { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const gone = new Promise((_, reject) => {
    child.on('error', reject)
    child.on('close', (code) => reject(new Error(`${command} ${args[0]} ended with ${code} before it answered`)))
  })
  // Whoever waits for an answer hears of it; nobody waits after the end.
  gone.catch(() => {})
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => {
    const { value, done } = await Promise.race([lines.next(), gone])
    return done ? gone : value
  }
  const version = await next()
  return {
    version,
    /** @returns seconds */
    async run(count) {
      child.stdin.write(`${count}\n`)
      return Number(await next())
    },
    /** Processor seconds so far, of all threads, in ticks of 10 ms. */
    cpuSeconds: () => cpuSeconds(child.pid),
    /** Bytes in memory now, and the most since `forgetPeak`. */
    memory: () => memory(child.pid),
    forgetPeak: () => writeFileSync(`/proc/${child.pid}/clear_refs`, '5'),
    close: () => child.stdin.end(),
  }
}

function cpuSeconds(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name before the last bracket may hold blanks.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const bytes = (name) => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1])
  return { now: bytes('VmRSS'), peak: bytes('VmHWM') }
}
