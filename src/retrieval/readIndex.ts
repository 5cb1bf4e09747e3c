import { createHash } from 'node:crypto'
import type { Stats } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { NPairError } from '../errors.js'
import { sha256 as sha256Of } from '../files/sha256.js'
import type { GraphDescription, IndexDescription } from './indexDescription.js'
import { openDescription, readDescription, type SavedState } from './savedState.js'
import type { OpenFile } from './segment.js'

/**
 * Reads index.json and looks the rows over, and the graph where it is asked for. All is done again where a writer puts a new generation
 * in the place of this one meanwhile, so that description and rows belong together.
 *
 * @param take - what becomes of the open rows, that it is to close; where it fails, they are closed here
 * @throws NPairError `NOT_FOUND`, `INDEX_CORRUPT`
 */
export async function readIndex<T extends { close(): Promise<void> }>(
  folder: string,
  verify: boolean,
  graph: boolean,
  take: (rows: OpenFile, description: IndexDescription) => Promise<T>,
): Promise<{ description: IndexDescription; state: SavedState; taken: T }> {
  for (let attempt = 1; ; attempt++) {
    const named = await openDescription(folder)
    try {
      const { description, state } = await readDescription(named)
      const path = join(folder, description.rows)
      const handle = await open(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined
        throw new NPairError('INDEX_CORRUPT', `Cannot read ${path}: ${error.message}`, { cause: error })
      })
      const taken = handle && (await takeRows(named, { path, handle }, description, verify, graph, take))
      if (taken !== undefined) return { description, state, taken }
      if (attempt === 3) throw new NPairError('INDEX_CORRUPT', `${path} is missing, or replaced again and again`)
    } finally {
      await named.handle.close()
    }
  }
}

/** @returns undefined where another index is in the place of this one meanwhile */
async function takeRows<T extends { close(): Promise<void> }>(
  named: OpenFile,
  rows: OpenFile,
  description: IndexDescription,
  verify: boolean,
  graph: boolean,
  take: (rows: OpenFile, description: IndexDescription) => Promise<T>,
): Promise<T | undefined> {
  // Files get their names once. While an open one has its name, whoever opened that name meanwhile has the very same file.
  // What is open is looked at now: who fails to take it may have closed it.
  const files = await Promise.all(
    [named, rows].map(async ({ path, handle }) => ({ path, opened: await handle.stat() })),
  )
  const unchanged = async () => (await Promise.all(files.map(hasItsName))).every(Boolean)
  let taken: T
  try {
    await checkRows(rows, description, verify)
    // Without its checksum a damaged graph could end the process.
    if (graph && description.graph) await checkGraph(dirname(rows.path), description.graph)
    taken = await take(rows, description)
  } catch (error) {
    const replaced = !(await unchanged())
    await rows.handle.close()
    if (replaced) return undefined
    throw error
  }
  if (await unchanged()) return taken
  await taken.close()
  return undefined
}

async function hasItsName({ path, opened }: { path: string; opened: Stats }): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return opened.dev === found?.dev && opened.ino === found.ino
}

async function checkRows(
  { path, handle }: OpenFile,
  { count, size, sha256 }: IndexDescription,
  verify: boolean,
): Promise<void> {
  const expected = 4 * count * size
  const found = (await handle.stat()).size
  if (found !== expected)
    throw new NPairError('INDEX_CORRUPT', `${path} has ${found} bytes instead of ${expected}: truncated or altered`)
  if (!verify) return
  const hash = createHash('sha256')
  const stream = handle.createReadStream({ start: 0, autoClose: false, highWaterMark: 1 << 20 })
  for await (const chunk of stream) hash.update(chunk as Buffer)
  if (hash.digest('hex') !== sha256)
    throw new NPairError('INDEX_CORRUPT', `${path} was altered: its SHA-256 is another`)
}

async function checkGraph(folder: string, { file, sha256 }: GraphDescription): Promise<void> {
  const path = join(folder, file)
  const found = await sha256Of(path).catch((error: Error) => {
    throw new NPairError('INDEX_CORRUPT', `Cannot read ${path}: ${error.message}`, { cause: error })
  })
  if (found !== sha256) throw new NPairError('INDEX_CORRUPT', `${path} was altered: its SHA-256 is another`)
}
