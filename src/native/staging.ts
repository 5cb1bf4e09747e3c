import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, stat, statfs } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { NPairError } from '../errors.js'
import { flush } from './archive.js'

const prefix = '.setup-'
/**
 * Hours after which a temporary folder counts as left behind, where its process can't be asked: it is another machine's,
 * or its number was given to another process.
 */
const keep = 24

/**
 * Makes a temporary folder, on the same disk as what it becomes, and removes those that interrupted setups left.
 *
 * The name holds machine and process, so that a setup at work is never swept away.
 *
 * @throws NPairError `SETUP_FAILED` if nothing can be written there
 */
export async function makeStaging(base: string): Promise<string> {
  try {
    await mkdir(base, { recursive: true })
    await sweep(base)
    return await mkdtemp(join(base, `${prefix}${hostname()}-${process.pid}-`))
  } catch (cause) {
    throw fileError(base, cause)
  }
}

async function sweep(base: string): Promise<void> {
  for (const name of await readdir(base)) {
    if (!name.startsWith(prefix)) continue
    const path = join(base, name)
    const [, host, pid] = /^(.*)-(\d+)-[^-]+$/.exec(name.slice(prefix.length)) ?? []
    const isOver = host === hostname() && !isRunning(Number(pid))
    if (isOver || (await isOld(path))) await removeStaging(path)
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function isOld(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found !== undefined && Date.now() - found.mtimeMs > keep * 3600_000
}

/** Removes a temporary folder, even while a fetcher that outlived its setup still writes there. */
export async function removeStaging(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 5 })
}

/**
 * Moves a finished folder into place. What is there already gives way, unless it is as good: then another setup was faster.
 *
 * @param good - whether the folder in place is one to keep
 * @param aside - where a folder that gives way goes; on the same disk
 */
export async function moveIntoPlace(
  finished: string,
  place: string,
  good: () => boolean,
  aside: string,
): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    if (existsSync(place)) {
      if (good()) return
      // ENOENT: another setup has moved it away just now.
      await rename(place, join(aside, `replaced-${attempt}`)).catch(unless('ENOENT'))
    }
    try {
      await rename(finished, place)
      return await flush(dirname(place))
    } catch (error) {
      const busy = ['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')
      if (!busy || attempt === 4) throw error
    }
  }
}

function unless(code: string): (error: NodeJS.ErrnoException) => void {
  return (error) => {
    if (error.code !== code) throw error
  }
}

/**
 * Refuses to begin what the disk has no room for.
 *
 * @throws NPairError `SETUP_FAILED` with both numbers
 */
export async function checkSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize >= bytes) return
  throw new NPairError(
    'SETUP_FAILED',
    `The disk of ${folder} has ${megabytes(bavail * bsize)} free, and setup needs ${megabytes(bytes)} there. ` +
      'Free some space, or set NPAIR_CACHE to a folder on another disk.',
  )
}

/**
 * The named error for a file system's refusal, to write below `base` or to read elsewhere; what is none is given back as it is.
 */
export function fileError(base: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || !('syscall' in cause)) return cause
  const { code = '', message, path } = cause as NodeJS.ErrnoException
  const text = ['ENOSPC', 'EDQUOT'].includes(code)
    ? `The disk of ${base} is full. Free some space, or set NPAIR_CACHE to a folder on another disk.`
    : path?.startsWith(base) || base.startsWith(path ?? base)
      ? `Setup cannot write to ${base}: ${message}. Set NPAIR_CACHE to a folder that can be written.`
      : `Setup cannot read ${path}: ${message}.`
  return new NPairError('SETUP_FAILED', text, { cause })
}

/** `531 MB`; below one, `0.3 MB`. */
export function megabytes(bytes: number): string {
  const mega = bytes / 1e6
  return `${mega < 1 ? mega.toFixed(1) : Math.round(mega)} MB`
}
