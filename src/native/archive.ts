import { createWriteStream } from 'node:fs'
import { copyFile, mkdir, open, readdir, rename, stat } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { crc32 } from 'node:zlib'
import type { Entry, ZipFile } from 'yauzl'
import { NPairError } from '../errors.js'
import { refuseIfAborted } from './refuseIfAborted.js'

/** One file of an archive. */
export interface ArchiveFile {
  /** With forward slashes, relative to the archive. */
  readonly path: string
  readonly bytes: number
  /** Writes it to a path whose folder exists. */
  extract(target: string): Promise<void>
}

/** Files that can be taken out one by one: a zip (a wheel is one), or a folder. */
export interface Archive {
  readonly path: string
  readonly files: readonly ArchiveFile[]
  close(): void
}

/**
 * Opens a zip or a wheel.
 *
 * Every file is checked against its CRC-32 as it is taken out; yauzl checks sizes and refuses paths that lead outside.
 *
 * @throws NPairError `SETUP_FAILED` if it is no zip, or is damaged
 */
export async function openZip(path: string): Promise<Archive> {
  const yauzl = await import('yauzl')
  const damaged = (cause: unknown, where = path) => {
    const reason = cause instanceof Error ? cause.message : String(cause)
    return new NPairError('SETUP_FAILED', `${where} is damaged or no zip archive: ${reason}. Fetch it again.`, {
      cause,
    })
  }
  const openFile = promisify<string, { lazyEntries: boolean; autoClose: boolean }, ZipFile>(yauzl.open)
  const zip = await openFile(path, { lazyEntries: true, autoClose: false }).catch((cause) => {
    throw damaged(cause)
  })
  const openStream = promisify(zip.openReadStream.bind(zip) as typeof zip.openReadStream)
  const file = (entry: Entry): ArchiveFile => ({
    path: entry.fileName,
    bytes: entry.uncompressedSize,
    async extract(target) {
      let crc = 0
      const check = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          crc = crc32(chunk, crc)
          done(null, chunk)
        },
      })
      // Errors of writing (a full disk) are told apart from those of reading by their system code.
      try {
        await pipeline(await openStream(entry), check, createWriteStream(target, { mode: 0o644 }))
      } catch (cause) {
        throw (cause as NodeJS.ErrnoException).syscall ? cause : damaged(cause, `${path}: ${entry.fileName}`)
      }
      if (crc !== entry.crc32) throw damaged('its checksum is wrong', `${path}: ${entry.fileName}`)
    },
  })
  try {
    const files = await new Promise<ArchiveFile[]>((resolve, reject) => {
      const list: ArchiveFile[] = []
      zip.on('entry', (entry: Entry) => {
        if (!entry.fileName.endsWith('/')) list.push(file(entry))
        zip.readEntry()
      })
      zip.on('end', () => resolve(list))
      zip.on('error', reject)
      zip.readEntry()
    })
    return { path, files, close: () => zip.close() }
  } catch (cause) {
    zip.close()
    throw damaged(cause)
  }
}

/**
 * A folder as an archive.
 *
 * @param move - take files out by renaming them: for a folder of our own on the same disk
 */
export async function openFolder(path: string, { move = false } = {}): Promise<Archive> {
  const files: ArchiveFile[] = []
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const full = join(folder, entry.name)
      // Follows links: Python packages are often links into a store.
      const found = await stat(full).catch(() => undefined)
      if (found?.isDirectory() && !entry.isSymbolicLink()) await walk(full)
      else if (found?.isFile()) files.push(fileOf(path, full, found.size, move))
    }
  }
  await walk(path)
  return { path, files, close: () => {} }
}

/** Given files below a folder as an archive. */
export async function openFiles(path: string, fullPaths: readonly string[]): Promise<Archive> {
  const files = fullPaths.map(async (full) => fileOf(path, full, (await stat(full)).size, false))
  return { path, files: await Promise.all(files), close: () => {} }
}

function fileOf(base: string, full: string, bytes: number, move: boolean): ArchiveFile {
  const extract = (target: string) => (move ? rename(full, target) : copyFile(full, target))
  return { path: relative(base, full).replaceAll('\\', '/'), bytes, extract }
}

/** Takes files out, each to the path that `target` names below `folder`. */
export async function unpack(
  files: readonly ArchiveFile[],
  folder: string,
  target: (path: string) => string,
  onBytes: (done: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const folders = new Set<string>()
  let done = 0
  for (const file of files) {
    refuseIfAborted(signal)
    const to = join(folder, target(file.path))
    if (!folders.has(dirname(to))) await mkdir(dirname(to), { recursive: true })
    folders.add(dirname(to))
    await file.extract(to)
    done += file.bytes
    onBytes(done)
  }
}

/** Waits until a file, or the names in a folder, are on the disk. */
export async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
