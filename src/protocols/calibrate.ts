import { allowedImpostors } from '../config/falseAcceptRate.js'
import { requireInteger, requireNames, requireNumber } from '../config/require.js'
import type { Dataset } from '../data/dataset.js'
import type { Embeddings } from '../embeddings.js'
import { NPairError } from '../errors.js'
import { pairWeights } from '../metrics/bootstrap.js'
import { pairCosines } from '../metrics/cosine.js'
import type { Interval } from '../metrics/interval.js'
import { roc, type TarAtFar, tarAtFar } from '../metrics/roc.js'
import { type Calibration, saveCalibration } from '../model/calibration.js'
import { Model, type ModelOptions } from '../model/model.js'
import { embedAll } from './evaluate.js'
import { type IntervalOptions, intervals, resolveIntervals } from './intervals.js'
import { largestClass } from './largestClass.js'
import { type VerificationPairs, verificationPairs } from './verificationPairs.js'

/** Options of {@link calibrate}. */
export interface CalibrateOptions extends IntervalOptions, ModelOptions {
  /** False accept rate that the threshold is to keep, in (0, 1]. */
  readonly far: number
  /** Above this many impostor pairs a seeded sample of about so many is taken. Default 1000000. */
  readonly maxImpostorPairs?: number
  /** Above this many genuine pairs a seeded sample of so many is taken. Default 200000. */
  readonly maxGenuinePairs?: number
}

const known = 'far maxImpostorPairs maxGenuinePairs bootstrap seed device mirror shifts crops fusion'.split(' ')

/**
 * Measures the threshold at which a model keeps a false accept rate, and puts it into the bundle with the rates that it
 * really has there: `model.verify` and `model.identify` decide by it. An earlier one is replaced, whole or not at all.
 *
 * @param path - a bundle or a run folder
 * @param dataset - images of classes that the model was not trained on: on those it was, rates come out too good
 * @returns what was put into the bundle
 * @throws NPairError `FAR_UNRESOLVED` where 1 impostor pair is a larger rate than `far`; `DATA_CLASSES`; `INVALID_OPTION`;
 *   `NON_FINITE`; `NOT_WRITABLE`; as `Model.load`
 */
export async function calibrate(path: string, dataset: Dataset, options: CalibrateOptions): Promise<Calibration> {
  requireNames('', options, known)
  const { far, maxImpostorPairs = 1_000_000, maxGenuinePairs = 200_000 } = options
  requireNumber('far', far, 'in (0, 1]', (x) => x > 0 && x <= 1)
  requireInteger('maxImpostorPairs', maxImpostorPairs, 1)
  requireInteger('maxGenuinePairs', maxGenuinePairs, 1)
  const resampling = resolveIntervals('calibrate', options)
  const pairs = calibrationPairs(dataset, { maxImpostorPairs, maxGenuinePairs, seed: resampling.seed })
  requireResolved(pairs, far)
  const { device, mirror, shifts, crops, fusion } = options
  const model = await Model.load(path, {
    ...(device !== undefined && { device }),
    ...(mirror !== undefined && { mirror }),
    ...(shifts !== undefined && { shifts }),
    ...(crops !== undefined && { crops }),
    ...(fusion !== undefined && { fusion }),
  })
  try {
    const embeddings = await embedAll(model, { dataset })
    const { type, path: from, pack } = dataset.plan
    const calibration: Calibration = {
      ...measureThreshold(embeddings, dataset, pairs, far, resampling),
      classes: dataset.classes.length,
      views: { ...model.views, shifts: [...model.views.shifts] },
      data: { type, ...(from === undefined ? {} : { path: from }), pack },
    }
    await saveCalibration(path, calibration, model.description.weights)
    return calibration
  } finally {
    await model.close()
  }
}

/** All pairs, or samples of them: one fold that holds every class. */
function calibrationPairs(
  dataset: Dataset,
  { maxImpostorPairs, maxGenuinePairs, seed }: { maxImpostorPairs: number; maxGenuinePairs: number; seed: number },
): VerificationPairs {
  const byClass = dataset.byClass()
  const existing = byClass.reduce((sum, images) => sum + (images.length * (images.length - 1)) / 2, 0)
  if (byClass.length < 2 || existing === 0)
    throw new NPairError(
      'DATA_CLASSES',
      `A calibration needs two classes, one of them with two images; the data has ${byClass.length} classes, ` +
        `the largest of ${largestClass(byClass)}`,
    )
  const impostorsPerGenuine = Math.ceil(maxImpostorPairs / Math.min(existing, maxGenuinePairs))
  return verificationPairs(byClass, { folds: 1, impostorsPerGenuine, maxGenuinePairs, seed })
}

function requireResolved({ same }: VerificationPairs, far: number): void {
  const impostors = same.reduce((count, own) => count + 1 - own, 0)
  if (allowedImpostors(far, impostors) < 1)
    throw new NPairError(
      'FAR_UNRESOLVED',
      `A false accept rate of ${far} cannot be measured on ${impostors} impostor pairs, one of which is ${(1 / impostors).toPrecision(3)}: ` +
        `take more images, or a rate of at least ${(1 / impostors).toPrecision(3)}`,
      { option: 'far' },
    )
}

/**
 * Threshold and rates; the intervals keep the threshold, and draw classes.
 *
 * @param pairs - that resolve the target
 */
export function measureThreshold(
  embeddings: Embeddings,
  { labels, classes }: Dataset,
  pairs: VerificationPairs,
  target: number,
  resampling: Required<IntervalOptions>,
): Pick<Calibration, 'threshold' | 'target' | 'far' | 'tar' | 'genuinePairs' | 'impostorPairs'> {
  const scores = pairCosines(embeddings, pairs.first, pairs.second)
  const curve = roc(scores, pairs.same)
  const at = tarAtFar(curve, target) as TarAtFar // the pairs resolve it: requireResolved
  const lower = curve.thresholds[curve.thresholds.indexOf(at.threshold) + 1]
  // Between two scores, since the last bits of one differ with the batch that an image is embedded in. Where not even the
  // highest score keeps the rate, the threshold is infinite, and only that: nothing would ever be the same.
  if (!Number.isFinite(at.threshold))
    throw new NPairError(
      'FAR_UNRESOLVED',
      `No threshold keeps a false accept rate of ${target}: more impostor pairs than that share the highest score, ${lower}`,
      { option: 'far' },
    )
  const middle = lower === undefined ? at.threshold : (at.threshold + lower) / 2
  const threshold = middle === lower ? at.threshold : middle // neighbouring floats have no midpoint
  const accepted = Uint8Array.from(scores, (score) => (score >= threshold ? 1 : 0))
  const side = (positions: Int32Array) => positions.map((i) => labels[i] as number)
  const [first, second] = [side(pairs.first), side(pairs.second)]
  const [far, tar] = intervals(classes.length, 2, resampling, (weights) => {
    const own = pairWeights(first, second, weights)
    const [all, called] = [
      [0, 0],
      [0, 0],
    ] as [[number, number], [number, number]]
    for (let p = 0; p < own.length; p++) {
      const kind = pairs.same[p] as 0 | 1
      all[kind] += own[p] as number
      called[kind] += (own[p] as number) * (accepted[p] as number)
    }
    return [called[0] / all[0], called[1] / all[1]]
  })
  const rate = (value: number, interval: Interval | undefined) => (interval ? { value, interval } : { value })
  return {
    ...{ threshold, target, far: rate(at.far, far), tar: rate(at.tar, tar) },
    ...{ genuinePairs: curve.genuine, impostorPairs: curve.impostor },
  }
}
