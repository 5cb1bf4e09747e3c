import { batchRows } from '../config/batch.js'
import type { Dataset } from '../data/dataset.js'
import type { BatchSource } from '../mining/batchSource.js'
import type { BindingBlock } from '../native/binding.js'
import { checkBatch } from './checkBatch.js'
import { largestSuperClass } from './largestSuperClass.js'
import type { StepMetrics } from './metricsLog.js'
import type { TrainPlan } from './plan.js'

/** What a block of steps is trained on. */
export interface Block {
  /** Steps done before it. */
  readonly first: number
  /** `[steps · accumulate · rows]` ids, batch after batch. */
  readonly images: Int32Array
  /** `[steps · accumulate · rows]` */
  readonly labels: Int32Array
  /** `[steps]` learning rates. */
  readonly rates: Float64Array
}

/**
 * Takes the batches of `rates.length` steps from their source.
 *
 * @param labelOf - label of each image id, see `labelsById`
 * @throws what `checkBatch` has against a batch; what the source throws
 */
export async function takeBlock(
  batches: BatchSource,
  plan: TrainPlan,
  labelOf: Int32Array,
  first: number,
  rates: Float64Array,
): Promise<Block> {
  const { accumulate = 1 } = plan.batch
  const rows = batchRows(plan.batch)
  const images = new Int32Array(rates.length * accumulate * rows)
  for (let i = 0; i < rates.length * accumulate; i++) {
    const batch = first * accumulate + i
    images.set(checkBatch(await batches.batch(batch), labelOf, plan, batch), i * rows)
  }
  return { first, images, labels: images.map((id) => labelOf[id] as number), rates }
}

/**
 * The lines of metrics.jsonl that a block gives, by their place in it.
 *
 * @param seconds - how long all of it took
 * @param mining - how long of that its batches were mined, where they are
 */
export function blockMetrics(
  { first, images, labels, rates }: Block,
  told: BindingBlock,
  { plan, data }: { plan: TrainPlan; data: Dataset },
  seconds: number,
  mining: number | undefined,
): (i: number) => StepMetrics {
  const time = Date.now()
  const perStep = images.length / rates.length
  return (i) => ({
    step: first + i + 1,
    loss: told.losses[i] as number,
    l2: told.l2[i] as number,
    norm: told.norms[i] as number,
    gradientNorm: told.gradientNorms[i] as number,
    learningRate: rates[i] as number,
    ...(plan.guard && { cosine: told.cosines[i] as number }),
    ...(mining !== undefined && {
      miningShare: mining / seconds,
      ...largestSuperClass(data, labels.subarray(i * perStep, (i + 1) * perStep)),
    }),
    imagesPerSecond: Math.round(images.length / seconds),
    time,
  })
}

/** `[4 · count]` label of each image id, turned ones included; -1 where the dataset does not have the image. */
export function labelsById({ pack, images, labels }: Dataset): Int32Array {
  const byId = new Int32Array(4 * pack.count).fill(-1)
  images.forEach((id, i) => {
    byId[id] = labels[i] as number
  })
  return byId
}
