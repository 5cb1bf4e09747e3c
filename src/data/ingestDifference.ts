import { isDeepStrictEqual } from 'node:util'
import { NPairError } from '../errors.js'
import type { Dataset } from './dataset.js'
import { type FeatureIngest, isFeatures } from './featureIngest.js'
import type { IngestOptions } from './ingestOptions.js'

/** What decides pixels or rows; what becomes of a broken image does not. */
const decisive = ['size', 'channels', 'interpolation', 'fit', 'background', 'centre', 'features', 'normalize'] as const

/**
 * What makes `found` another input than `expected`, in words: `size 14x14 instead of 28x28`; undefined where nothing does.
 *
 * @example ingestDifference({ features: 8, normalize: true }, { features: 8, normalize: false }) // 'normalize true instead of false'
 */
export function ingestDifference(
  found: IngestOptions | FeatureIngest,
  expected: IngestOptions | FeatureIngest,
): string | undefined {
  const kind = (ingest: object) => ('features' in ingest ? 'features' : 'images')
  if (isFeatures(found) !== isFeatures(expected)) return `${kind(found)} instead of ${kind(expected)}`
  const value = (ingest: object, name: (typeof decisive)[number]) => {
    const own: unknown = {
      centre: false,
      ...ingest,
      ...('size' in ingest && { size: (ingest.size as number[]).join('x') }),
    }
    return (own as Record<string, unknown>)[name]
  }
  const differences = decisive
    .filter((name) => !isDeepStrictEqual(value(found, name), value(expected, name)))
    .map((name) => `${name} ${value(found, name)} instead of ${value(expected, name)}`)
  return differences.length === 0 ? undefined : differences.join(', ')
}

/**
 * Refuses data that was decoded otherwise than a network was trained on: the figures would be of something else.
 *
 * @param option - name of the dataset in the message
 * @throws NPairError `INVALID_OPTION`
 */
export function requireSameIngest(option: string, dataset: Dataset, expected: IngestOptions | FeatureIngest): void {
  const { ingest } = dataset.pack
  const difference = ingestDifference(ingest, expected)
  if (difference !== undefined)
    throw new NPairError(
      'INVALID_OPTION',
      `Expected data decoded as the model was trained on for ${option} but received ${difference}`,
      { option },
    )
}
