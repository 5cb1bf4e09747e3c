import { createHash } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { NPairError } from '../errors.js'
import type { IngestOptions } from './ingest.js'

/** A pack: decoded uint8 images in one file that is never changed once it has its name. */
export interface PackInfo {
  readonly path: string
  /** SHA-256 of the header, which holds the hash of everything else: the content's name. */
  readonly sha256: string
  /** Images. */
  readonly count: number
  readonly height: number
  readonly width: number
  readonly channels: 1 | 3
  /** How files became these pixels. */
  readonly ingest: IngestOptions
}

/** What a pack says of its images beside the pixels. */
export interface PackIndex {
  readonly info: PackInfo
  /** `[count]`: index into `classes` */
  readonly labels: Int32Array
  /** `[count]`: path of each image within its source */
  readonly names: readonly string[]
  readonly classes: readonly string[]
  readonly superClasses: readonly string[]
  /** Per class, index into `superClasses`; empty where the source has none. */
  readonly superClassOf: Int32Array
  /** Images that were left out because they are broken. */
  readonly skipped: readonly { path: string; reason: string }[]
}

/** The header: JSON between the fixed prefix and the images. The engine (crates/engine/src/pack.rs) reads it, too. */
interface Header {
  count: number
  height: number
  width: number
  channels: 1 | 3
  classes: string[]
  superClasses: string[]
  superClassOf: number[]
  skipped: { path: string; reason: string }[]
  ingest: IngestOptions
  images: Section
  labels: Section & { sha256: string }
  names: Section & { sha256: string }
  blockBytes: number
  /** SHA-256 of each block of the images */
  blocks: string[]
}

interface Section {
  offset: number
  bytes: number
}

const magic = 'NPAIRPAK'
/** The version written, and the only one read: there is no older one yet. */
const version = 1
/** Magic (8), version (u32le), length of the header (u32le), SHA-256 of the header (32). */
const prefixBytes = 48
const blockBytes = 1 << 20
const pageBytes = 4096

/** What {@link writePack} needs beside the pixels. */
export type PackContent = Pick<Header, 'classes' | 'superClasses' | 'superClassOf' | 'skipped' | 'ingest'> & {
  readonly labels: Int32Array
  readonly names: readonly string[]
}

/**
 * Writes a pack: to a temporary name in the same folder, synced, then renamed.
 *
 * The layout is: prefix | header | zeros up to a multiple of 4096 | images | labels (int32le) | names (UTF-8, one a line).
 *
 * @param pixels - the images in order, `[height, width, channels]` uint8 each
 * @throws NPairError `NOT_WRITABLE`
 */
export async function writePack(path: string, content: PackContent, pixels: readonly Uint8Array[]): Promise<void> {
  const { labels, names, ...rest } = content
  const [height, width] = content.ingest.size
  const imageBytes = height * width * content.ingest.channels
  const images = Buffer.concat(pixels, pixels.length * imageBytes)
  const labelBytes = Buffer.alloc(4 * labels.length)
  labels.forEach((label, i) => {
    labelBytes.writeInt32LE(label, 4 * i)
  })
  const nameBytes = Buffer.from(names.join('\n'))
  const blocks: string[] = []
  for (let at = 0; at < images.length; at += blockBytes) blocks.push(hex(images.subarray(at, at + blockBytes)))
  const build = (offset: number): Buffer => {
    const header: Header = {
      ...{ count: names.length, height, width, channels: content.ingest.channels, ...rest },
      images: { offset, bytes: images.length },
      labels: { offset: offset + images.length, bytes: labelBytes.length, sha256: hex(labelBytes) },
      names: { offset: offset + images.length + labelBytes.length, bytes: nameBytes.length, sha256: hex(nameBytes) },
      ...{ blockBytes, blocks },
    }
    return Buffer.from(JSON.stringify(header))
  }
  // The offset stands in the header whose length decides it: room for its digits is left.
  const offset = Math.ceil((prefixBytes + build(0).length + 64) / pageBytes) * pageBytes
  const header = build(offset)
  const head = Buffer.alloc(offset)
  head.write(magic, 'ascii')
  head.writeUInt32LE(version, 8)
  head.writeUInt32LE(header.length, 12)
  createHash('sha256').update(header).digest().copy(head, 16)
  header.copy(head, prefixBytes)
  await writeParts(path, [head, images, labelBytes, nameBytes])
}

async function writeParts(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const temporary = `${path}.tmp-${process.pid}`
  try {
    const file = await open(temporary, 'w')
    try {
      for (const part of parts) await file.writeFile(part)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw new NPairError(
      'NOT_WRITABLE',
      `Cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
}

/**
 * Reads a pack's index; the images stay where they are.
 *
 * @throws NPairError `NOT_FOUND`; `PACK_CORRUPT` naming the place, or both versions
 */
export async function openPack(path: string): Promise<PackIndex> {
  return withFile(path, async (file) => {
    const { header, sha256 } = await readHeader(file, path)
    const { labels, names, ...rest } = header
    const labelBytes = await readSection(file, path, 'labels', labels)
    const nameBytes = await readSection(file, path, 'names', names)
    const { count, height, width, channels, ingest } = rest
    return {
      info: { path, sha256, count, height, width, channels, ingest },
      labels: Int32Array.from({ length: count }, (_, i) => labelBytes.readInt32LE(4 * i)),
      names: count === 0 ? [] : nameBytes.toString('utf8').split('\n'),
      classes: rest.classes,
      superClasses: rest.superClasses,
      superClassOf: Int32Array.from(rest.superClassOf),
      skipped: rest.skipped,
    }
  })
}

/**
 * Reads images, `[height, width, channels]` uint8 each, after a look at the checksums of the blocks they lie in.
 *
 * @param rows - rows of the pack (an image id modulo `count`)
 * @throws NPairError `PACK_CORRUPT` naming the block
 */
export async function readPackImages(path: string, rows: ArrayLike<number>): Promise<Uint8Array[]> {
  return withFile(path, async (file) => {
    const { header } = await readHeader(file, path)
    const { images, blocks } = header
    const imageBytes = header.height * header.width * header.channels
    const verified = new Map<number, Buffer>()
    const block = async (index: number): Promise<Buffer> => {
      const known = verified.get(index)
      if (known) return known
      const at = index * header.blockBytes
      const bytes = await readAt(
        file,
        path,
        images.offset + at,
        Math.min(header.blockBytes, images.bytes - at),
        `block ${index} of the images`,
      )
      if (hex(bytes) !== blocks[index]) throw corrupt(path, `block ${index} of the images does not match its checksum`)
      verified.set(index, bytes)
      return bytes
    }
    const result: Uint8Array[] = []
    for (const row of Array.from(rows)) {
      if (!Number.isInteger(row) || row < 0 || row >= header.count)
        throw new NPairError(
          'INVALID_OPTION',
          `Expected a row in [0, ${header.count}) of ${path} but received ${row}`,
          { option: 'rows' },
        )
      const image = new Uint8Array(imageBytes)
      for (let at = 0; at < imageBytes; ) {
        const position = row * imageBytes + at
        const index = Math.floor(position / header.blockBytes)
        const part = (await block(index)).subarray(position - index * header.blockBytes).subarray(0, imageBytes - at)
        image.set(part, at)
        at += part.length
      }
      result.push(image)
    }
    return result
  })
}

async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, 'r').catch((error: Error) => {
    throw new NPairError('NOT_FOUND', `Cannot read ${path}: ${error.message}`, { cause: error })
  })
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}

async function readHeader(file: FileHandle, path: string): Promise<{ header: Header; sha256: string }> {
  const prefix = Buffer.alloc(prefixBytes)
  const { bytesRead } = await file.read(prefix, 0, prefixBytes, 0)
  if (bytesRead < prefixBytes || prefix.toString('ascii', 0, 8) !== magic)
    throw corrupt(path, 'this is no pack (its first bytes are not NPAIRPAK)')
  const found = prefix.readUInt32LE(8)
  if (found !== version) throw corrupt(path, `this pack has version ${found}, and this npair reads version ${version}`)
  const json = await readAt(file, path, prefixBytes, prefix.readUInt32LE(12), 'the header')
  const sha256 = hex(json)
  if (sha256 !== prefix.toString('hex', 16, 48)) throw corrupt(path, 'the header does not match its checksum')
  const header: Header = JSON.parse(json.toString('utf8'))
  const { size } = await file.stat()
  const end = header.names.offset + header.names.bytes
  if (size < end) throw corrupt(path, `the file is cut off at ${size} of ${end} bytes`)
  return { header, sha256 }
}

async function readSection(file: FileHandle, path: string, name: string, section: Header['labels']): Promise<Buffer> {
  const bytes = await readAt(file, path, section.offset, section.bytes, `the ${name} section`)
  if (hex(bytes) !== section.sha256) throw corrupt(path, `the ${name} section does not match its checksum`)
  return bytes
}

async function readAt(file: FileHandle, path: string, offset: number, length: number, place: string): Promise<Buffer> {
  const { size } = await file.stat()
  if (offset + length > size) throw corrupt(path, `${place} is cut off`)
  const bytes = Buffer.alloc(length)
  await file.read(bytes, 0, length, offset)
  return bytes
}

function corrupt(path: string, place: string): NPairError {
  return new NPairError('PACK_CORRUPT', `${path}: ${place}`)
}

function hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
