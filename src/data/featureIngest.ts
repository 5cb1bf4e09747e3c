import { requireBoolean, requireInteger, requireNames } from '../config/require.js'
import type { IngestOptions } from './ingestOptions.js'

/** What rows of features are, in place of how files become pixels: part of the pack, the plan and the bundle. */
export interface FeatureIngest {
  /** D: numbers of a row. */
  readonly features: number
  /** Whether rows are brought to Euclidean length 1, before anything else. */
  readonly normalize: boolean
}

/** Whether what is ingested are features and no images. */
export function isFeatures(ingest: IngestOptions | FeatureIngest): ingest is FeatureIngest {
  return 'features' in ingest
}

/**
 * Checks what a file says of its features.
 *
 * @throws NPairError `INVALID_OPTION`
 */
export function requireFeatureIngest(ingest: unknown): asserts ingest is FeatureIngest {
  requireNames('', ingest, ['features', 'normalize'])
  requireInteger('features', ingest.features, 1)
  requireBoolean('normalize', ingest.normalize)
}

/** `[height, width, channels]` of what is ingested: a row of features is an image of one pixel with as many channels. */
export function shapeOf(ingest: IngestOptions | FeatureIngest): readonly [number, number, number] {
  return isFeatures(ingest) ? [1, 1, ingest.features] : [...ingest.size, ingest.channels]
}

/** Bytes of one image, or of one row of features. */
export function rowBytes(ingest: IngestOptions | FeatureIngest): number {
  const [height, width, channels] = shapeOf(ingest)
  return height * width * channels * (isFeatures(ingest) ? Float32Array.BYTES_PER_ELEMENT : 1)
}
