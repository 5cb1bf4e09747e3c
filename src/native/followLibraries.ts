import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readSharedLibrary } from './elf.js'

/** A library that another one cannot be loaded without, and that is nowhere to be found. */
export interface MissingLibrary {
  readonly library: string
  /** Path of the library that needs it. */
  readonly neededBy: string
}

// Where the loader looks when nothing else names a folder: the first two as glibc has it, then those of the distributions.
const systemFolders = ['/lib64', '/usr/lib64', '/lib', '/usr/lib', '/lib/x86_64-linux-gnu', '/usr/lib/x86_64-linux-gnu']

/** What a shared library needs, and what those need. */
export interface LibraryTree {
  /** Paths of the library itself and of what was found, without those of the system. */
  readonly found: readonly string[]
  readonly missing: readonly MissingLibrary[]
}

/**
 * Follows what a shared library needs, as the system's loader would, without loading anything.
 *
 * Libraries of the system are looked for, not followed: they came with what they need.
 *
 * @param path - absolute path of the library
 * @throws NPairError `LIBTORCH_CORRUPT` if the library, or one beside it that it needs, is truncated or no library
 */
export function followLibraries(path: string, env: NodeJS.ProcessEnv = process.env): LibraryTree {
  const fromEnvironment = (env.LD_LIBRARY_PATH ?? '').split(':').filter(Boolean)
  const missing: MissingLibrary[] = []
  // By name, since the loader takes a library that is loaded already wherever the name comes up again.
  const names = new Set<string>()
  const found: string[] = []
  const waiting: { path: string; inherited: readonly string[] }[] = [{ path, inherited: [] }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const neededBy = next.path
    found.push(neededBy)
    const { needed, rpath, runpath } = readSharedLibrary(neededBy)
    const origin = (folder: string): string => folder.replace(/\$ORIGIN|\$\{ORIGIN\}/g, dirname(neededBy))
    // A library that has a runpath is looked up without any rpath (ld.so(8)).
    const handedOn = [...rpath.map(origin), ...next.inherited]
    const folders = [...(runpath.length > 0 ? [] : handedOn), ...fromEnvironment, ...runpath.map(origin)]
    for (const library of needed) {
      if (names.has(library)) continue
      const at = folders.map((folder) => join(folder, library)).find((candidate) => existsSync(candidate))
      if (at !== undefined) waiting.push({ path: at, inherited: handedOn })
      else if (!isSystemLibrary(library)) missing.push({ library, neededBy })
      names.add(library)
    }
  }
  return { found, missing }
}

/** The first of what {@link followLibraries} does not find, in words; undefined if the library should load. */
export function whatIsMissing(path: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const [first] = followLibraries(path, env).missing
  return first && `${first.library} is missing, which ${first.neededBy} needs`
}

let listed: Set<string> | undefined

function isSystemLibrary(library: string): boolean {
  if (systemFolders.some((folder) => existsSync(join(folder, library)))) return true
  if (listed === undefined) {
    // Folders that ld.so.conf adds; asked only for what is in none of the usual ones.
    const { stdout } = spawnSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' })
    listed = new Set((stdout ?? '').split('\n').map((line) => line.trim().split(' ')[0] ?? ''))
  }
  return listed.has(library)
}
