import { crc32 } from 'node:zlib'
import type { Entry, ZipFile } from 'yauzl'
import { NPairError } from '../../errors.js'

/** A file in a zip archive. */
export interface ZipEntry {
  /** With slashes. */
  readonly name: string
  readonly bytes: number
  readonly entry: Entry
}

/** An archive that is open. */
export interface Zip {
  readonly entries: readonly ZipEntry[]
  /** The whole content of a file, checked against its CRC; what is thrown says why it cannot be had. */
  read(entry: ZipEntry): Promise<Uint8Array>
  close(): Promise<void>
}

/** Larger files in an archive are no images. */
const largestEntry = 1 << 28

/**
 * Opens a zip archive and lists its files.
 *
 * @throws NPairError `DATA_EMPTY` where it is no whole zip archive
 */
export async function readZip(path: string): Promise<Zip> {
  const broken = (error: Error): never => {
    const text = `${path} is no whole zip archive: ${error.message}`
    throw new NPairError('DATA_EMPTY', text, { option: 'data.path', cause: error })
  }
  const file = await openArchive(path).catch(broken)
  const entries = await list(file).catch((error: Error) => {
    file.close()
    return broken(error)
  })
  return {
    entries,
    read: async ({ entry, bytes }) => {
      if (bytes > largestEntry) throw new Error(`it has ${bytes} bytes, too many for an image`)
      const whole = await content(file, entry)
      if (crc32(whole) !== entry.crc32) throw new Error('it does not match its checksum in the archive')
      return whole
    },
    close: async () => file.close(),
  }
}

/** An archive that stays open until it is closed. */
async function openArchive(path: string): Promise<ZipFile> {
  const { open } = await import('yauzl')
  return new Promise((resolve, reject) => {
    open(path, { lazyEntries: true, autoClose: false }, (error, file) => (error ? reject(error) : resolve(file)))
  })
}

function list(file: ZipFile): Promise<ZipEntry[]> {
  return new Promise((resolve, reject) => {
    const entries: ZipEntry[] = []
    file.on('entry', (entry: Entry) => {
      // No file of a disk can have such a name, and packs part names by it.
      if (entry.fileName.includes('\0')) return reject(new Error('the name of a file in it holds a NUL'))
      if (!entry.fileName.endsWith('/')) entries.push({ name: entry.fileName, bytes: entry.uncompressedSize, entry })
      file.readEntry()
    })
    file.on('end', () => resolve(entries))
    file.on('error', reject)
    file.readEntry()
  })
}

function content(file: ZipFile, entry: Entry): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    file.openReadStream(entry, (error, stream) => {
      if (error) return reject(error)
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => resolve(Buffer.concat(parts)))
      stream.on('error', reject)
    })
  })
}
