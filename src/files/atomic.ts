import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { NPairError } from '../errors.js'

/** Writes a file whole or not at all: to a temporary name beside it, synced, then renamed. */
export async function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  await writeFilesAtomic([[path, content]])
}

/** Writes files that belong together: all of them are on the disk under temporary names before the first gets its own. */
export async function writeFilesAtomic(
  files: readonly (readonly [path: string, content: string | Uint8Array])[],
): Promise<void> {
  for (const [path] of files) await refuseFolder(path)
  try {
    for (const [path, content] of files) await notWritable(path, () => writeSynced(temporaryName(path), content))
    for (const [path] of files) await notWritable(path, () => rename(temporaryName(path), path))
  } catch (error) {
    // Best effort: the error that matters is the one reported.
    for (const [path] of files) await rm(temporaryName(path), { force: true }).catch(() => undefined)
    throw error
  }
  for (const folder of new Set(files.map(([path]) => dirname(path)))) await notWritable(folder, () => sync(folder))
}

/**
 * Fills a folder under a temporary name, then gives it its own; what `path` held before is replaced. The folder that it lies
 * in must be there: one that has vanished is not made again in passing.
 */
export async function writeFolderAtomic(path: string, fill: (folder: string) => Promise<void>): Promise<void> {
  const temporary = temporaryName(path)
  const old = `${temporary}-old`
  try {
    await notWritable(path, async () => {
      await rm(temporary, { recursive: true, force: true })
      await rm(old, { recursive: true, force: true })
      await mkdir(temporary)
    })
    await fill(temporary)
    await notWritable(path, async () => {
      // Whoever filled it need not have synced: a rename that survives a power cut must not lead to empty files.
      for (const name of await readdir(temporary)) await sync(join(temporary, name))
      await sync(temporary)
      await replaceFolder(temporary, path, old)
    })
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined)
    throw error
  }
  await notWritable(path, async () => {
    await sync(dirname(path))
    await rm(old, { recursive: true, force: true })
  })
}

/** Removes a folder as a whole: at no moment does its name stand for a part of it. */
export async function removeFolder(path: string): Promise<void> {
  const temporary = temporaryName(path)
  await notWritable(path, async () => {
    await rm(temporary, { recursive: true, force: true })
    try {
      await rename(path, temporary)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
    await rm(temporary, { recursive: true, force: true })
  })
}

/**
 * Removes what writers left behind that died on the way; a folder whose replacement had not got its name yet is put back.
 *
 * @param folder - what the files and folders were written into; nobody else may be writing there
 * @throws NPairError `NOT_WRITABLE`
 */
export async function clearLeftovers(folder: string): Promise<void> {
  await notWritable(folder, async () => {
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    for (const name of names) {
      const [, own, old] = /^(.+)\.tmp-\d+(-old)?$/.exec(name) ?? []
      if (own === undefined) continue
      if (old !== undefined && !names.includes(own)) await rename(join(folder, name), join(folder, own))
      else await rm(join(folder, name), { recursive: true, force: true })
    }
  })
}

/** Makes a folder and its parents, and syncs them: what is synced in a folder that a power cut takes away is lost, too. */
export async function makeFolder(path: string): Promise<void> {
  const first = await notWritable(path, () => mkdir(path, { recursive: true }))
  if (first === undefined) return
  await notWritable(path, async () => {
    for (let made = resolve(path); made.length >= resolve(first).length; made = dirname(made)) await sync(dirname(made))
  })
}

/** Runs `write`; whatever the system says against it becomes `NOT_WRITABLE` with the path. */
export async function notWritable<T>(path: string, write: () => Promise<T>): Promise<T> {
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

const temporaryName = (path: string) => `${path}.tmp-${process.pid}`

/** Two renames: at no moment is half of a folder under its name, and the old one is deleted when the new one is there. */
async function replaceFolder(from: string, to: string, old: string): Promise<void> {
  const replaced = await rename(to, old).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )
  try {
    await rename(from, to)
  } catch (error) {
    if (replaced) await rename(old, to)
    throw error
  }
}

/** A rename onto a folder fails, but only when other files have got their names already. */
async function refuseFolder(path: string): Promise<void> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (isFolder) throw new NPairError('NOT_WRITABLE', `Cannot write ${path}: it is a folder`)
}

async function writeSynced(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, 'w')
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A file's content survives a power cut once it is synced, a rename once its folder is. */
async function sync(path: string): Promise<void> {
  const opened = await open(path, 'r')
  try {
    await opened.sync()
  } finally {
    await opened.close()
  }
}
