import type { Dataset } from '../data/dataset.js'
import { isFeatures } from '../data/featureIngest.js'
import { ingestDifference } from '../data/ingestDifference.js'
import { invalidOption, NPairError } from '../errors.js'
import type { Model } from '../model/model.js'
import type { Embedder } from '../protocols/protocol.js'
import { type SourceFlags, source } from './source.js'

/**
 * A second model on the images that a first one is judged on: where it wants them decoded otherwise they are, so that each model
 * sees them as it was trained.
 *
 * @param data - of the first model
 * @param path - where it came from
 * @param cohort - decodes the images of `--cohort` for the second model
 * @throws NPairError `INVALID_OPTION` for a model of features beside one of images; `DATA_CLASSES` where other images can be decoded
 */
export async function sameImages(
  model: Model,
  data: Dataset,
  path: string,
  flags: SourceFlags,
  cohort: () => Promise<Dataset>,
): Promise<Embedder> {
  const { ingest } = model.description
  if (ingestDifference(data.pack.ingest, ingest) === undefined) return model
  const kind = (features: boolean) => (features ? 'a model of features' : 'a model of images')
  if (isFeatures(ingest) !== isFeatures(data.pack.ingest))
    throw invalidOption('--against', `${kind(isFeatures(data.pack.ingest))}, as the first,`, kind(isFeatures(ingest)))
  const own = await source(path, flags, { ...ingest, type: data.plan.type })
  const rows = ({ length, labels, classes }: Dataset, name: (i: number) => string) =>
    JSON.stringify(Array.from({ length }, (_, i) => [name(i), classes[labels[i] as number]]))
  if (rows(own, (i) => own.imageName(i)) !== rows(data, (i) => data.imageName(i)))
    throw new NPairError('DATA_CLASSES', `${path} gives other images for the second model than for the first`, {
      option: '--against',
    })
  const { ModelOnOwnImages } = await import('../report/modelOnOwnImages.js')
  return new ModelOnOwnImages(model, async (dataset) => (dataset === data ? own : cohort()))
}
