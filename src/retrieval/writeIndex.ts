import { createHash } from 'node:crypto'
import { open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { NPairError } from '../errors.js'
import { clearLeftovers, makeFolder, notWritable, writeFileAtomic } from '../files/atomic.js'
import { FolderLock, lockName } from '../files/folderLock.js'
import { sha256 as sha256Of } from '../files/sha256.js'
import { formatDescription, type GraphDescription, type IndexDescription } from './indexDescription.js'
import { descriptionName, openDescription, readDescription, type SavedState, stateOf } from './savedState.js'

/** Files that a generation of an index has beside index.json. */
const generationFile = /^(rows-\d+\.f32|graph-\d+\.usearch)$/

/** A graph, and what is said of it. */
export interface GraphToSave extends Omit<GraphDescription, 'file' | 'sha256'> {
  save(path: string): void
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
  graph: GraphToSave | undefined,
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
      ...{ format: 'npair-index', version: 3, generation, metric: what.metric, size: what.size, model: what.model },
      ...{ count: what.entries.length, rows, sha256, graph: linked, entries: what.entries },
    }
    const text = formatDescription(description)
    await writeFileAtomic(join(folder, descriptionName), text)
    const old = (await readdir(folder)).filter(
      (name) => generationFile.test(name) && name !== rows && name !== linked?.file,
    )
    for (const name of old) await notWritable(folder, () => rm(join(folder, name), { force: true }))
    return stateOf(description, text)
  } finally {
    await lock.release()
  }
}

/**
 * For whoever has much to do before a new index is there to be written.
 *
 * @throws NPairError `OUTPUT_EXISTS` if the folder holds anything else
 */
export async function refuseFull(folder: string): Promise<void> {
  // One that is not there is made; what else is wrong with it is told in making it.
  const names = await readdir(folder).catch((): string[] => [])
  // What a writer left that died is cleared away.
  const other = names.find((name) => name !== lockName && !generationFile.test(name) && !/\.tmp-\d+(-old)?$/.test(name))
  if (other !== undefined)
    throw new NPairError('OUTPUT_EXISTS', `${folder} already holds ${other}: save into a new folder`)
}

async function refuseOthers(folder: string, loaded: SavedState | undefined): Promise<void> {
  if (loaded === undefined) return refuseFull(folder)
  const named = await openDescription(folder)
  const { state } = await readDescription(named).finally(() => named.handle.close())
  if (state.sha256 === loaded.sha256) return
  const which =
    state.generation === loaded.generation
      ? 'it was built anew'
      : `generation ${state.generation}, not ${loaded.generation}`
  throw new NPairError('OUTPUT_EXISTS', `${folder} was saved by another since it was loaded (${which}): load it anew`)
}

async function writeGraph(folder: string, generation: number, graph: GraphToSave): Promise<GraphDescription> {
  const file = `graph-${generation}.usearch`
  const path = join(folder, file)
  const temporary = `${path}.tmp-${process.pid}`
  return notWritable(path, async () => {
    graph.save(temporary)
    const written = await open(temporary, 'r+')
    await written.sync().finally(() => written.close())
    const sha256 = await sha256Of(temporary)
    await rename(temporary, path)
    const { connectivity, expansion, recall } = graph
    return { file, sha256, connectivity, expansion, recall }
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
