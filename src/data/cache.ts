import { createHash } from 'node:crypto'
import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { NPairError } from '../errors.js'
import { cacheFolder } from '../native/cacheFolder.js'

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
  const path = join(folder, `${createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 24)}.pack`)
  return {
    path,
    exists: await stat(path).then(
      () => true,
      () => false,
    ),
  }
}
