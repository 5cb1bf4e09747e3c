import { createHash } from 'node:crypto'
import { open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { NPairError } from '../errors.js'
import { clearLeftovers, makeFolder, notWritable, writeFileAtomic } from '../files/atomic.js'
import { FolderLock, lockName } from '../files/folderLock.js'
import { sha256 as sha256Of } from '../files/sha256.js'
import { isModelIdentity, type ModelIdentity } from '../model/identity.js'
import type { Metric } from '../native/gallery.js'
import type { ApproximateOptions } from './graph.js'
import type { IndexEntry } from './indexOptions.js'
import type { OpenFile } from './segment.js'

/** index.json of a saved index; the rows lie beside it in a file of float32 `[count, size]`, nothing else in it. */
export interface IndexDescription {
  readonly format: 'npair-index'
  /** 1 had no model and no checksum. */
  readonly version: 1 | 2
  /** Different each time it is saved. */
  readonly generation: number
  readonly metric: Metric
  readonly size: number
  /** Of the model that made the rows; missing where it is tied to none. */
  readonly model?: ModelIdentity | undefined
  readonly count: number
  /** Name of the file of the rows, and its SHA-256. */
  readonly rows: string
  readonly sha256: string
  /** A graph of all rows for approximate search; missing where there is none. */
  readonly graph?: GraphDescription | undefined
  /** `[count]` */
  readonly entries: readonly IndexEntry[]
  /** SHA-256 of the JSON of all the others, in their order. */
  readonly checksum?: string
}

/** The file of a graph, its SHA-256, and what it was built with. */
export interface GraphDescription extends Required<ApproximateOptions> {
  readonly file: string
  readonly sha256: string
}

const descriptionName = 'index.json'

/** Files that a generation of an index has beside index.json. */
const generationFile = /^(rows-\d+\.f32|graph-\d+\.usearch)$/

/** Which index a folder holds. Its generation alone would not tell: one that is removed and built anew begins at 1 again. */
export interface SavedState {
  readonly generation: number
  /** SHA-256 of index.json. */
  readonly sha256: string
}

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
  const unchanged = async () => (await hasItsName(named)) && (await hasItsName(rows))
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

async function hasItsName({ path, handle }: OpenFile): Promise<boolean> {
  const [opened, found] = await Promise.all([handle.stat(), stat(path).catch(() => undefined)])
  return opened.dev === found?.dev && opened.ino === found.ino
}

async function openDescription(folder: string): Promise<OpenFile> {
  const path = join(folder, descriptionName)
  const handle = await open(path).catch((error: Error) => {
    throw new NPairError('NOT_FOUND', `Cannot read the index ${path}: ${error.message}`, { cause: error })
  })
  return { path, handle }
}

async function readDescription({
  path,
  handle,
}: OpenFile): Promise<{ description: IndexDescription; state: SavedState }> {
  const text = await handle.readFile('utf8').catch((error: Error) => {
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
  if (found.version !== 1 && found.version !== 2)
    throw corrupt(`has version ${found.version}; this npair reads versions 1 and 2: build the index anew`)
  const { generation, metric, size, model, count, rows, sha256, graph, entries } = found
  const whole = (x: unknown): x is number => Number.isSafeInteger(x) && (x as number) >= 0
  const named = typeof rows === 'string' && /^rows-\d+\.f32$/.test(rows) && typeof sha256 === 'string'
  const known = ['cosine', 'dot', 'euclidean'].includes(metric as string)
  const isList = Array.isArray(entries) && entries.every((e) => typeof e?.id === 'string')
  const listed = isList && entries.length === count && new Set(entries.map(({ id }) => id)).size === count
  const tied = model === undefined || (found.version === 2 && isModelIdentity(model))
  const linked = graph === undefined || (found.version === 2 && isGraph(graph))
  if (
    (found.checksum === undefined) !== (found.version === 1) ||
    !tied ||
    !linked ||
    !whole(generation) ||
    !whole(size) ||
    size < 1 ||
    !whole(count) ||
    !named ||
    !known ||
    !listed
  )
    throw corrupt('is damaged: a field is missing or does not fit the others')
  if (found.version === 2 && checksumOf(found) !== found.checksum) throw corrupt('was altered: its SHA-256 is another')
  return { description: found as IndexDescription, state: { generation, sha256: textHash(text) } }
}

const textHash = (text: string) => createHash('sha256').update(text).digest('hex')

/** What the checksum of a description has to be. */
export function checksumOf({ checksum: _, ...rest }: Partial<Record<keyof IndexDescription, unknown>>): string {
  return textHash(JSON.stringify(rest))
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

function isGraph(value: unknown): value is GraphDescription {
  const { file, sha256, connectivity, expansion } = (value ?? {}) as Partial<GraphDescription>
  const within = (x: unknown, least: number) =>
    Number.isSafeInteger(x) && (x as number) >= least && (x as number) < 2 ** 16
  const named = typeof file === 'string' && /^graph-\d+\.usearch$/.test(file) && typeof sha256 === 'string'
  return named && within(connectivity, 2) && within(expansion, 1)
}

async function checkGraph(folder: string, { file, sha256 }: GraphDescription): Promise<void> {
  const path = join(folder, file)
  const found = await sha256Of(path).catch((error: Error) => {
    throw new NPairError('INDEX_CORRUPT', `Cannot read ${path}: ${error.message}`, { cause: error })
  })
  if (found !== sha256) throw new NPairError('INDEX_CORRUPT', `${path} was altered: its SHA-256 is another`)
}

/**
 * Writes an index whole or not at all: the rows under a new name, then index.json over the old one. Readers keep what they have mapped.
 *
 * @param loaded - what the folder must hold; undefined where it must hold nothing
 * @param parts - the rows in order, some at a time
 * @param graph - of all these rows, if there is one
 * @returns what the folder holds now
 * @throws NPairError `RUN_LOCKED` while another writes; `OUTPUT_EXISTS` if the folder holds another; `NOT_WRITABLE`
 */
export async function writeIndex(
  folder: string,
  loaded: SavedState | undefined,
  parts: AsyncIterable<Float32Array>,
  what: Pick<IndexDescription, 'metric' | 'size' | 'model' | 'entries'>,
  graph: (Required<ApproximateOptions> & { save(path: string): void }) | undefined,
): Promise<SavedState> {
  await makeFolder(folder)
  const lock = await FolderLock.take(folder, 'written')
  try {
    await clearLeftovers(folder)
    await refuseOthers(folder, loaded)
    const generation = (loaded?.generation ?? 0) + 1
    const rows = `rows-${generation}.f32`
    const sha256 = await writeRows(join(folder, rows), parts)
    const linked = graph && (await writeGraph(folder, generation, graph))
    const description: IndexDescription = {
      ...{ format: 'npair-index', version: 2, generation, metric: what.metric, size: what.size, model: what.model },
      ...{ count: what.entries.length, rows, sha256, graph: linked, entries: what.entries },
    }
    const text = `${JSON.stringify({ ...description, checksum: checksumOf(description) })}\n`
    await writeFileAtomic(join(folder, descriptionName), text)
    const old = (await readdir(folder)).filter(
      (name) => generationFile.test(name) && name !== rows && name !== linked?.file,
    )
    for (const name of old) await notWritable(folder, () => rm(join(folder, name), { force: true }))
    return { generation, sha256: textHash(text) }
  } finally {
    await lock.release()
  }
}

async function refuseOthers(folder: string, loaded: SavedState | undefined): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name !== lockName && !generationFile.test(name))
  if (loaded === undefined) {
    if (names.length > 0)
      throw new NPairError('OUTPUT_EXISTS', `${folder} already holds ${names[0]}: save into a new folder`)
    return
  }
  const named = await openDescription(folder)
  const { state } = await readDescription(named).finally(() => named.handle.close())
  if (state.sha256 === loaded.sha256) return
  const which =
    state.generation === loaded.generation
      ? 'it was built anew'
      : `generation ${state.generation}, not ${loaded.generation}`
  throw new NPairError('OUTPUT_EXISTS', `${folder} was saved by another since it was loaded (${which}): load it anew`)
}

async function writeGraph(
  folder: string,
  generation: number,
  graph: Required<ApproximateOptions> & { save(path: string): void },
): Promise<GraphDescription> {
  const file = `graph-${generation}.usearch`
  const path = join(folder, file)
  const temporary = `${path}.tmp-${process.pid}`
  return notWritable(path, async () => {
    graph.save(temporary)
    const written = await open(temporary, 'r+')
    await written.sync().finally(() => written.close())
    const sha256 = await sha256Of(temporary)
    await rename(temporary, path)
    return { file, sha256, connectivity: graph.connectivity, expansion: graph.expansion }
  })
}

/** @returns SHA-256 */
async function writeRows(path: string, parts: AsyncIterable<Float32Array>): Promise<string> {
  const temporary = `${path}.tmp-${process.pid}`
  const hash = createHash('sha256')
  try {
    return await notWritable(path, async () => {
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
  } catch (error) {
    // Best effort: the error that matters is the one reported.
    await rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
}
