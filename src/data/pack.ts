import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { NPairError } from '../errors.js'
import { type FeatureIngest, rowBytes } from './featureIngest.js'
import type { IngestOptions } from './ingestOptions.js'
import { type HashedSection, type PackHeader, whatIsWrong } from './packHeader.js'

/** A pack: decoded uint8 images, or float32 features, in one file that is never changed once it has its name. */
export interface PackInfo {
  readonly path: string
  /** The content's name: SHA-256 of the header, which holds the hash of everything else, without the list of skipped images. */
  readonly sha256: string
  /** Images. */
  readonly count: number
  readonly height: number
  readonly width: number
  /** 1 (grey) or 3 (RGB); of features, the numbers of a row. */
  readonly channels: number
  /** How files became these pixels, or what the features are. */
  readonly ingest: IngestOptions | FeatureIngest
}

/** An image that was left out because it is broken. */
export interface SkippedImage {
  /** Within the source. */
  readonly path: string
  readonly reason: string
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
  readonly skipped: readonly SkippedImage[]
}

export const packMagic = 'NPAIRPAK'
/** The versions of packs of images and of features. */
export const packVersions = { images: 1, features: 2 } as const
export const prefixBytes = 48

/**
 * Reads a pack's index; the images stay where they are.
 *
 * @throws NPairError `NOT_FOUND`; `PACK_CORRUPT` naming the place, or both versions
 */
export async function openPack(path: string): Promise<PackIndex> {
  return withFile(path, async (file) => {
    const header = await readHeader(file, path)
    const { count, height, width, channels, ingest, classes, superClasses, superClassOf } = header
    const labels = await readSection(file, path, 'labels', header.labels)
    const names = await readSection(file, path, 'names', header.names)
    const skipped = parsed(await readSection(file, path, 'skipped', header.skipped))
    const { skipped: _, ...content } = header
    const index = {
      labels: Int32Array.from({ length: count }, (_, i) => labels.readInt32LE(4 * i)),
      names: names.toString('utf8').split('\0'),
    }
    if (index.labels.some((label) => label < 0 || label >= classes.length))
      throw corrupt(path, 'the labels section names classes that there are not')
    if (index.names.length !== count)
      throw corrupt(path, `the names section holds ${index.names.length} of ${count} names`)
    if (!Array.isArray(skipped)) throw corrupt(path, 'the skipped section is no list')
    return {
      info: { path, sha256: sha256(JSON.stringify(content)), count, height, width, channels, ingest },
      ...{ ...index, classes, superClasses, superClassOf: Int32Array.from(superClassOf), skipped },
    }
  })
}

/**
 * Reads images, `[height, width, channels]` uint8 each, or rows of features, float32le, after a look at the checksums of the blocks
 * they lie in.
 *
 * @param rows - rows of the pack (an image id modulo `count`)
 * @throws NPairError `NOT_FOUND`; `PACK_CORRUPT` naming the block
 */
export async function readPackImages(path: string, rows: ArrayLike<number>): Promise<Uint8Array[]> {
  return withFile(path, async (file) => {
    const header = await readHeader(file, path)
    const imageBytes = rowBytes(header.ingest)
    const images: Uint8Array[] = new Array(rows.length)
    let block: { index: number; bytes: Buffer } | undefined
    // In the order of the file, so that no block is read twice and one at a time is held.
    for (const i of Array.from(rows, (_, i) => i).sort((a, b) => (rows[a] as number) - (rows[b] as number))) {
      const row = rows[i] as number
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
        if (block?.index !== index) block = { index, bytes: await readBlock(file, path, header, index) }
        const part = block.bytes.subarray(position - index * header.blockBytes).subarray(0, imageBytes - at)
        image.set(part, at)
        at += part.length
      }
      images[i] = image
    }
    return images
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

async function readHeader(file: FileHandle, path: string): Promise<PackHeader> {
  const prefix = Buffer.alloc(prefixBytes)
  const { bytesRead } = await file.read(prefix, 0, prefixBytes, 0)
  if (bytesRead < prefixBytes || prefix.toString('latin1', 0, 8) !== packMagic)
    throw corrupt(path, `this is no pack (its first bytes are not ${packMagic})`)
  const version = prefix.readUInt32LE(8)
  if (version !== packVersions.images && version !== packVersions.features)
    throw corrupt(
      path,
      `this pack has version ${version}, and this npair reads versions ${Object.values(packVersions).join(' and ')}`,
    )
  const json = await readAt(file, path, prefixBytes, prefix.readUInt32LE(12), 'the header')
  if (sha256(json) !== prefix.toString('hex', 16, 48)) throw corrupt(path, 'the header does not match its checksum')
  const found = parsed(json)
  const wrong = whatIsWrong(found)
  if (wrong !== undefined) throw corrupt(path, `the header contradicts itself (${wrong})`)
  const header = found as PackHeader
  if (version !== (header.numbers ? packVersions.features : packVersions.images))
    throw corrupt(path, `the header contradicts itself (version ${version})`)
  const { size } = await file.stat()
  const end = header.skipped.offset + header.skipped.bytes
  if (size < end) throw corrupt(path, `the file is cut off at ${size} of ${end} bytes`)
  return header
}

async function readSection(file: FileHandle, path: string, name: string, section: HashedSection): Promise<Buffer> {
  const bytes = await readAt(file, path, section.offset, section.bytes, `the ${name} section`)
  if (sha256(bytes) !== section.sha256) throw corrupt(path, `the ${name} section does not match its checksum`)
  return bytes
}

async function readBlock(file: FileHandle, path: string, header: PackHeader, index: number): Promise<Buffer> {
  const { images, blockBytes, blocks } = header
  const at = index * blockBytes
  const length = Math.min(blockBytes, images.bytes - at)
  const bytes = await readAt(file, path, images.offset + at, length, `block ${index} of the images`)
  if (sha256(bytes) !== blocks[index]) throw corrupt(path, `block ${index} of the images does not match its checksum`)
  return bytes
}

async function readAt(file: FileHandle, path: string, offset: number, length: number, place: string): Promise<Buffer> {
  // Before a damaged length asks for gigabytes of memory.
  if (offset + length > (await file.stat()).size) throw corrupt(path, `${place} is cut off`)
  const bytes = Buffer.alloc(length)
  for (let at = 0; at < length; ) {
    const { bytesRead } = await file.read(bytes, at, length - at, offset + at)
    if (bytesRead === 0) throw corrupt(path, `${place} is cut off`)
    at += bytesRead
  }
  return bytes
}

/** What a section says in JSON; undefined where it says nothing. */
function parsed(json: Buffer): unknown {
  try {
    return JSON.parse(json.toString('utf8'))
  } catch {
    return undefined
  }
}

function corrupt(path: string, place: string): NPairError {
  return new NPairError('PACK_CORRUPT', `${path}: ${place}`)
}

/** In hexadecimal digits. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}
