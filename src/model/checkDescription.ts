import { isFeatures, requireFeatureIngest, shapeOf } from '../data/featureIngest.js'
import { resolveIngest } from '../data/ingestOptions.js'
import { resolveNet } from '../nets/create.js'
import { embeddingSize, layerShapes } from '../nets/shape.js'
import { whatIsWrongWithCalibration } from './checkCalibration.js'
import type { BundleDescription } from './description.js'
import { isShifts, requireShifts } from './views.js'

/** Bytes of the smallest number that weights come in, float16. */
const leastBytes = 2

/**
 * What of a bundle's description contradicts itself or is missing; undefined for a good one. Whoever wrote it may have erred, and
 * a size that is believed may ask for more memory than there is.
 *
 * @param weightsBytes - size of the file of weights
 */
export function whatIsWrong(value: unknown, weightsBytes: number): string | undefined {
  if (!isRecord(value)) return 'it is no object'
  // Nothing of it is believed yet: what follows looks at every part before it uses it, or throws.
  const description = value as Partial<BundleDescription> as BundleDescription
  const { net, ingest, preprocess, mirror, shifts, precision, trained } = description
  if (typeof mirror !== 'boolean') return 'mirror is not true or false'
  if (!isShifts(shifts)) return 'shifts is no list of numbers of pixels'
  if (!['float32', 'bfloat16', 'float64'].includes(precision as string)) return `precision is ${precision}`
  if (!isRecord(trained) || !isRecord(trained.data)) return 'trained is missing'
  try {
    if (!isRecord(ingest)) return 'ingest is missing'
    const features = isFeatures(ingest)
    if (features) requireFeatureIngest(ingest)
    const [height, width, channels] = shapeOf(features ? ingest : resolveIngest(ingest))
    const isPerChannel = (list: unknown) =>
      Array.isArray(list) &&
      (list.length === channels || (features && list.length === 1)) &&
      list.every((x) => Number.isFinite(x))
    if (typeof preprocess.invert !== 'boolean' || !isPerChannel(preprocess.mean) || !isPerChannel(preprocess.std))
      return 'preprocess is not invert, mean and std'
    // The layers are what counts: a preset of another npair may have others under the same name.
    const layers = { type: 'layers' as const, layers: net.layers, input: net.input }
    const checked = resolveNet(layers, { channels, height, width })
    requireShifts(shifts, checked.input)
    if (embeddingSize(checked) !== description.embeddingSize)
      return `its network gives ${embeddingSize(checked)} numbers and not ${description.embeddingSize}`
    const tensors = layerShapes(checked).flatMap((layer) => layer.tensors)
    const numbers = tensors.reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0)
    if (leastBytes * numbers > weightsBytes)
      return `its network has ${numbers} weights, more than ${weightsBytes} bytes hold`
    return description.calibration === undefined ? undefined : whatIsWrongWithCalibration(description.calibration)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
