import { createHash } from 'node:crypto'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { NPairError } from '../errors.js'
import { cacheFolder } from '../native/cacheFolder.js'

/** A file that is being written is touched far more often than this. */
const deadAfterMs = 24 * 3600 * 1000

/**
 * The path of the pack for a key, in a folder that exists.
 *
 * @param key - plain data that decides the content: source, files with size and time, options
 * @throws NPairError `NOT_WRITABLE`
 */
export async function packPath(cache: string | undefined, key: unknown): Promise<{ path: string; exists: boolean }> {
  const folder = join(cache ?? cacheFolder(), 'packs')
  await mkdir(folder, { recursive: true }).catch((error: Error) => {
    throw new NPairError('NOT_WRITABLE', `Cannot make ${folder}: ${error.message}`, { cause: error })
  })
  await removeDead(folder)
  const path = join(folder, `${createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 24)}.pack`)
  return { path, exists: (await modified(path)) !== undefined }
}

/** Removes what processes that were killed have left half-written. */
async function removeDead(folder: string): Promise<void> {
  const temporary = (await readdir(folder))
    .filter((name) => name.includes('.pack.tmp-'))
    .map((name) => join(folder, name))
  for (const path of temporary) {
    const last = await modified(path)
    // Another process may do the same at the same time, and a cache that cannot be written is none of a reader's business.
    if (last !== undefined && Date.now() - last > deadAfterMs) await rm(path, { force: true }).catch(() => {})
  }
}

async function modified(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  )
}
