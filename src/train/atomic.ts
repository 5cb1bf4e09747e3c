import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { NPairError } from '../errors.js'

/** Writes a file whole or not at all: to a temporary name beside it, synced, then renamed. */
export async function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.tmp-${process.pid}`
  await notWritable(path, async () => {
    try {
      const file = await open(temporary, 'w')
      try {
        await file.writeFile(content)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
  })
  await syncFolder(dirname(path))
}

/** Fills a folder under a temporary name, then gives it its own; what `path` held before is replaced. */
export async function writeFolderAtomic(path: string, fill: (folder: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.tmp-${process.pid}`
  try {
    await notWritable(path, async () => {
      await rm(temporary, { recursive: true, force: true })
      await mkdir(temporary, { recursive: true })
    })
    await fill(temporary)
    await syncFolder(temporary)
    await notWritable(path, async () => {
      await rm(path, { recursive: true, force: true })
      await rename(temporary, path)
    })
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    throw error
  }
  await syncFolder(dirname(path))
}

/** Makes a folder and its parents. */
export async function makeFolder(path: string): Promise<void> {
  await notWritable(path, () => mkdir(path, { recursive: true }))
}

/** A rename survives a power cut only once its folder is synced. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function notWritable<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (error instanceof NPairError) throw error
    throw new NPairError(
      'NOT_WRITABLE',
      `Cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
}
