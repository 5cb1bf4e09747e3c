import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { basename, dirname } from 'node:path'

/** What a stub library holds and needs. */
export interface Stub {
  /** C. */
  readonly source?: string
  /** Paths of libraries, linked by their names. */
  readonly needed?: readonly string[]
  /** Handed on to what it needs (DT_RPATH), as torch's wheels have it. */
  readonly rpath?: string
  /** For its own needs only (DT_RUNPATH). */
  readonly runpath?: string
}

/** Compiles a shared library of some kilobytes: real enough for the system's loader. */
export function compileLibrary(path: string, { source = '', needed = [], rpath, runpath }: Stub = {}): void {
  mkdirSync(dirname(path), { recursive: true })
  const search =
    rpath !== undefined
      ? [`-Wl,--disable-new-dtags,-rpath,${rpath}`]
      : runpath !== undefined
        ? [`-Wl,--enable-new-dtags,-rpath,${runpath}`]
        : []
  const args = [
    ...['-shared', '-fPIC', '-nostdlib', `-Wl,-soname,${basename(path)}`, '-Wl,--no-as-needed', ...search],
    ...['-Wl,--allow-shlib-undefined', '-o', path, '-x', 'c', '-', '-x', 'none', ...needed],
  ]
  execFileSync(process.env.CC || 'cc', args, { input: `${source}\n` })
}
