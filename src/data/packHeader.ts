import { type FeatureIngest, requireFeatureIngest, shapeOf } from './featureIngest.js'
import { type IngestOptions, resolveIngest } from './ingestOptions.js'

/**
 * The header of a pack, JSON. The layout of the file is
 *
 *     prefix | header | zeros up to a multiple of 4096 | images | labels | names | skipped
 *
 * prefix: magic (8 bytes), version (u32le), length of the header (u32le), SHA-256 of the header (32); images:
 * `[height, width, channels]` uint8 each, or with `numbers: 'float32'` rows of features `[1, 1, channels]`, float32le; labels:
 * int32le; names: UTF-8 with a NUL between two, because a file's name may hold anything else; skipped: JSON. The engine
 * (crates/engine/src/pack.rs) reads it, too.
 */
export interface PackHeader {
  count: number
  height: number
  width: number
  channels: number
  /** Missing where there are images. */
  numbers?: 'float32'
  classes: readonly string[]
  superClasses: readonly string[]
  superClassOf: readonly number[]
  ingest: IngestOptions | FeatureIngest
  images: Section
  labels: HashedSection
  names: HashedSection
  skipped: HashedSection
  blockBytes: number
  /** SHA-256 of each block of the images */
  blocks: readonly string[]
}

export interface Section {
  offset: number
  bytes: number
}

export interface HashedSection extends Section {
  sha256: string
}

/**
 * What of a header contradicts itself or is missing, as the name of the field; undefined for a good one. Its checksum is right,
 * but whoever made the file may have erred, and a program that believes a length dies of it.
 */
export function whatIsWrong(value: unknown): string | undefined {
  if (!isRecord(value)) return 'it is no object'
  const { count, height, width, channels, blockBytes, images, blocks, classes, superClasses, superClassOf } = value
  if (!isCount(count) || count < 1) return 'count'
  if (!isCount(height) || !isCount(width) || height < 1 || width < 1) return 'height and width'
  const { numbers } = value
  if (numbers !== undefined && numbers !== 'float32') return 'numbers'
  if (!isCount(channels) || channels < 1 || (numbers === undefined && channels !== 1 && channels !== 3))
    return 'channels'
  if (!isCount(blockBytes) || blockBytes < 1) return 'blockBytes'
  const bytes = count * height * width * channels * (numbers === 'float32' ? Float32Array.BYTES_PER_ELEMENT : 1)
  if (!isSection(images) || images.bytes !== bytes) return 'images'
  if (!isTexts(blocks) || blocks.length !== Math.ceil(bytes / blockBytes)) return 'blocks'
  for (const name of ['labels', 'names', 'skipped']) {
    const section = value[name]
    if (!isSection(section) || !('sha256' in section) || typeof section.sha256 !== 'string') return name
  }
  if ((value.labels as Section).bytes !== 4 * count) return 'labels'
  if (!isTexts(classes) || classes.length < 1) return 'classes'
  if (!isTexts(superClasses)) return 'superClasses'
  const supers = superClasses.length === 0 ? 0 : classes.length
  const isSuper = (index: unknown) => isCount(index) && index < superClasses.length
  if (!Array.isArray(superClassOf) || superClassOf.length !== supers || !superClassOf.every(isSuper))
    return 'superClassOf'
  try {
    const [h, w, c] = shapeOf(checkedIngest(value.ingest, numbers === 'float32'))
    return h === height && w === width && c === channels ? undefined : 'ingest'
  } catch {
    return 'ingest'
  }
}

function checkedIngest(ingest: unknown, features: boolean): IngestOptions | FeatureIngest {
  if (!features) return resolveIngest(ingest as IngestOptions)
  requireFeatureIngest(ingest)
  return ingest
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isSection(value: unknown): value is Section {
  return isRecord(value) && isCount(value.offset) && isCount(value.bytes)
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string')
}
