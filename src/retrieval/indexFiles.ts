import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { NPairError } from '../errors.js'
import { clearLeftovers, makeFolder, notWritable, writeFileAtomic } from '../files/atomic.js'
import type { Metric } from '../native/gallery.js'
import { lockName, RunLock } from '../train/runLock.js'
import type { IndexEntry } from './searchIndex.js'

/** index.json of a saved index; the rows lie beside it in a file of float32 `[count, size]`, nothing else in it. */
export interface IndexDescription {
  readonly format: 'npair-index'
  readonly version: 1
  /** Different each time it is saved. */
  readonly generation: number
  readonly metric: Metric
  readonly size: number
  readonly count: number
  /** Name of the file of the rows, and its SHA-256. */
  readonly rows: string
  readonly sha256: string
  /** `[count]` */
  readonly entries: readonly IndexEntry[]
}

const descriptionName = 'index.json'

/**
 * Reads index.json and looks the rows over.
 *
 * @throws NPairError `NOT_FOUND`, `INDEX_CORRUPT`
 */
export async function readIndex(
  folder: string,
  verify: boolean,
): Promise<{ description: IndexDescription; path: string }> {
  for (let attempt = 1; ; attempt++) {
    const description = await readDescription(folder)
    const path = join(folder, description.rows)
    try {
      await checkRows(path, description, verify)
      return { description, path }
    } catch (error) {
      // A writer may have put a new generation in its place just now.
      const replaced = (error as NodeJS.ErrnoException).code === 'ENOENT'
      if (!replaced) throw error
      if (attempt === 3) throw new NPairError('INDEX_CORRUPT', `${path} is missing`, { cause: error })
    }
  }
}

async function readDescription(folder: string): Promise<IndexDescription> {
  const path = join(folder, descriptionName)
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new NPairError('NOT_FOUND', `Cannot read the index ${path}: ${error.message}`, { cause: error })
  })
  const corrupt = (what: string) => new NPairError('INDEX_CORRUPT', `${path} ${what}`)
  let found: Partial<Record<keyof IndexDescription, unknown>>
  try {
    found = JSON.parse(text)
  } catch {
    throw corrupt('is no JSON: truncated or altered')
  }
  if (typeof found !== 'object' || found === null || found.format !== 'npair-index')
    throw corrupt('is no index of npair')
  if (found.version !== 1) throw corrupt(`has version ${found.version}; this npair reads version 1`)
  const { generation, metric, size, count, rows, sha256, entries } = found
  const whole = (x: unknown): x is number => Number.isSafeInteger(x) && (x as number) >= 0
  const named = typeof rows === 'string' && /^rows-\d+\.f32$/.test(rows) && typeof sha256 === 'string'
  const known = ['cosine', 'dot', 'euclidean'].includes(metric as string)
  const listed = Array.isArray(entries) && entries.length === count && entries.every((e) => typeof e?.id === 'string')
  if (!whole(generation) || !whole(size) || size < 1 || !whole(count) || !named || !known || !listed)
    throw corrupt('is damaged: a field is missing or does not fit the others')
  return found as IndexDescription
}

async function checkRows(path: string, { count, size, sha256 }: IndexDescription, verify: boolean): Promise<void> {
  const expected = 4 * count * size
  const found = (await stat(path)).size
  if (found !== expected)
    throw new NPairError('INDEX_CORRUPT', `${path} has ${found} bytes instead of ${expected}: truncated or altered`)
  if (!verify) return
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer)
  if (hash.digest('hex') !== sha256)
    throw new NPairError('INDEX_CORRUPT', `${path} was altered: its SHA-256 is another`)
}

/**
 * Writes an index whole or not at all: the rows under a new name, then index.json over the old one. Readers keep what they have mapped.
 *
 * @param loaded - generation that the folder must hold; undefined where it must hold nothing
 * @param parts - the rows in order, some at a time
 * @returns the new generation
 * @throws NPairError `RUN_LOCKED` while another writes; `OUTPUT_EXISTS` if the folder holds another generation; `NOT_WRITABLE`
 */
export async function writeIndex(
  folder: string,
  loaded: number | undefined,
  parts: AsyncIterable<Float32Array>,
  what: Pick<IndexDescription, 'metric' | 'size' | 'entries'>,
): Promise<number> {
  await makeFolder(folder)
  const lock = await RunLock.take(folder, 'written')
  try {
    await clearLeftovers(folder)
    await refuseOthers(folder, loaded)
    const generation = (loaded ?? 0) + 1
    const rows = `rows-${generation}.f32`
    const sha256 = await writeRows(join(folder, rows), parts)
    const description: IndexDescription = {
      ...{ format: 'npair-index', version: 1, generation, metric: what.metric, size: what.size },
      ...{ count: what.entries.length, rows, sha256, entries: what.entries },
    }
    await writeFileAtomic(join(folder, descriptionName), `${JSON.stringify(description)}\n`)
    const old = (await readdir(folder)).filter((name) => /^rows-\d+\.f32$/.test(name) && name !== rows)
    for (const name of old) await notWritable(folder, () => rm(join(folder, name), { force: true }))
    return generation
  } finally {
    await lock.release()
  }
}

async function refuseOthers(folder: string, loaded: number | undefined): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name !== lockName && !/^rows-\d+\.f32$/.test(name))
  if (loaded === undefined) {
    if (names.length > 0)
      throw new NPairError('OUTPUT_EXISTS', `${folder} already holds ${names[0]}: save into a new folder`)
    return
  }
  const { generation } = await readDescription(folder)
  if (generation !== loaded)
    throw new NPairError(
      'OUTPUT_EXISTS',
      `${folder} was saved by another since it was loaded (generation ${generation}, not ${loaded}): load it anew`,
    )
}

/** @returns SHA-256 */
async function writeRows(path: string, parts: AsyncIterable<Float32Array>): Promise<string> {
  const temporary = `${path}.tmp-${process.pid}`
  const hash = createHash('sha256')
  return notWritable(path, async () => {
    const file = await open(temporary, 'w')
    try {
      for await (const part of parts) {
        const bytes = new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
        hash.update(bytes)
        await file.writeFile(bytes)
      }
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
    return hash.digest('hex')
  })
}
