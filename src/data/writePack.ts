import { createHash, randomUUID } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { NPairError } from '../errors.js'
import { type FeatureIngest, isFeatures, rowBytes, shapeOf } from './featureIngest.js'
import type { IngestOptions } from './ingestOptions.js'
import { packMagic, packVersions, prefixBytes, type SkippedImage, sha256 } from './pack.js'
import type { PackHeader } from './packHeader.js'

/** What stands in a pack beside pixels and options. */
export interface PackContent extends Pick<PackHeader, 'classes' | 'superClasses' | 'superClassOf'> {
  readonly labels: Int32Array
  readonly names: readonly string[]
  readonly skipped: readonly SkippedImage[]
}

const blockBytes = 1 << 20
const pageBytes = 4096

/**
 * Writes a pack as its images come: to a temporary name in the same folder, synced, then renamed. Of the pixels no more
 * than a block is held.
 *
 * @param most - the content if no image is skipped: the header stands before the images but is known after them, and
 *   this says how much room it may need
 * @param images - in order, `[height, width, channels]` uint8 each; rows of features as float32le, any number of them at a time
 * @param content - asked for when all images have come
 * @throws NPairError `NOT_WRITABLE`, and whatever `images` throws; nothing is left behind
 */
export async function writePack(
  path: string,
  ingest: IngestOptions | FeatureIngest,
  most: PackContent,
  images: AsyncIterable<Uint8Array>,
  content: () => PackContent,
): Promise<void> {
  // Others may write the same pack at the same time; whoever is last wins, and all have written the same.
  const temporary = `${path}.tmp-${randomUUID()}`
  try {
    const file = await writing(path, () => open(temporary, 'wx'))
    try {
      const offset = Math.ceil((prefixBytes + headerRoom(ingest, most)) / pageBytes) * pageBytes
      const written = await writeImages(path, file, offset, images)
      await writing(path, async () => {
        await writeRest(file, offset, written, ingest, content())
        await file.sync()
      })
    } finally {
      await file.close()
    }
    await writing(path, () => rename(temporary, path))
  } catch (error) {
    // Whatever goes wrong here, what went wrong before is what matters.
    await rm(temporary, { force: true }).catch(() => {})
    throw error
  }
}

interface WrittenImages {
  readonly bytes: number
  readonly blocks: readonly string[]
}

async function writeImages(
  path: string,
  file: FileHandle,
  offset: number,
  images: AsyncIterable<Uint8Array>,
): Promise<WrittenImages> {
  const block = Buffer.alloc(blockBytes)
  const blocks: string[] = []
  let filled = 0
  const flush = async (): Promise<void> => {
    const whole = block.subarray(0, filled)
    await writing(path, () => writeAt(file, whole, offset + blocks.length * blockBytes))
    blocks.push(sha256(whole))
  }
  for await (const image of images)
    for (let at = 0; at < image.length; ) {
      const part = image.subarray(at, at + blockBytes - filled)
      block.set(part, filled)
      filled += part.length
      at += part.length
      if (filled < blockBytes) continue
      await flush()
      filled = 0
    }
  const bytes = blocks.length * blockBytes + filled
  if (filled > 0) await flush()
  return { bytes, blocks }
}

/** Everything that follows the images, then the header before them. */
async function writeRest(
  file: FileHandle,
  offset: number,
  images: WrittenImages,
  ingest: IngestOptions | FeatureIngest,
  { labels, names, skipped, ...index }: PackContent,
): Promise<void> {
  let end = offset + images.bytes
  const append = async (bytes: Buffer) => {
    await writeAt(file, bytes, end)
    const section = { offset: end, bytes: bytes.length, sha256: sha256(bytes) }
    end += bytes.length
    return section
  }
  const labelBytes = Buffer.alloc(4 * labels.length)
  labels.forEach((label, i) => {
    labelBytes.writeInt32LE(label, 4 * i)
  })
  const header = headerBytes(ingest, names.length, index, {
    images: { offset, bytes: images.bytes },
    labels: await append(labelBytes),
    names: await append(Buffer.from(names.join('\0'))),
    skipped: await append(Buffer.from(JSON.stringify(skipped))),
    blocks: images.blocks,
  })
  const prefix = Buffer.alloc(prefixBytes)
  prefix.write(packMagic, 'latin1')
  prefix.writeUInt32LE(isFeatures(ingest) ? packVersions.features : packVersions.images, 8)
  prefix.writeUInt32LE(header.length, 12)
  createHash('sha256').update(header).digest().copy(prefix, 16)
  await writeAt(file, Buffer.concat([prefix, header]), 0)
}

function headerBytes(
  ingest: IngestOptions | FeatureIngest,
  count: number,
  { classes, superClasses, superClassOf }: Pick<PackContent, 'classes' | 'superClasses' | 'superClassOf'>,
  sections: Pick<PackHeader, 'images' | 'labels' | 'names' | 'skipped' | 'blocks'>,
): Buffer {
  const [height, width, channels] = shapeOf(ingest)
  const shape = { count, height, width, channels, ...(isFeatures(ingest) && { numbers: 'float32' as const }) }
  const index = { classes, superClasses, superClassOf }
  return Buffer.from(JSON.stringify({ ...shape, ...index, ingest, ...sections, blockBytes } satisfies PackHeader))
}

/** Bytes of a header with every image, the longest numbers and the length of real hashes: no real one has more. */
function headerRoom(ingest: IngestOptions | FeatureIngest, most: PackContent): number {
  const blocks = Math.ceil((most.names.length * rowBytes(ingest)) / blockBytes)
  const section = { offset: Number.MAX_SAFE_INTEGER, bytes: Number.MAX_SAFE_INTEGER, sha256: '0'.repeat(64) }
  return headerBytes(ingest, most.names.length, most, {
    ...{ images: section, labels: section, names: section, skipped: section },
    blocks: new Array<string>(blocks).fill(section.sha256),
  }).length
}

async function writeAt(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; )
    at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten
}

async function writing<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    throw new NPairError('NOT_WRITABLE', `Cannot write ${path}: ${text}`, { cause: error })
  }
}
