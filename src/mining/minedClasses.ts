import type { MinedForm } from '../config/batch.js'
import type { Dataset } from '../data/dataset.js'
import { NPairError } from '../errors.js'
import { Random } from '../random.js'
import { usableClasses } from '../sampling/usableClasses.js'
import type { BatchSource, Mined, Miner, MiningEngine } from './batchSource.js'
import type { HardNegativeClasses } from './hardNegativeClasses.js'

/** Streams of draws beside those of the rows of batches, 0, 1, …; the engine breaks ties with 0xfffffffd. */
const lanes = { candidates: 0xffffffff, first: 0xfffffffe, fill: 0xfffffffc, images: 0x80000000 } as const

/** What decides which classes are mined, beside the network. */
export interface ClassMining {
  readonly data: Dataset
  readonly batch: MinedForm
  readonly seed: number
  /** Of the run. */
  readonly steps: number
}

/**
 * Batches of hard negative classes, as `batch.mining` describes them.
 *
 * @throws NPairError `DATA_CLASSES` if the data has too few classes for a batch
 */
export function minedClasses(mining: ClassMining): Miner {
  const { data, batch } = mining
  const [count, images, option] =
    'pairs' in batch
      ? ([batch.pairs, 2, 'batch.pairs'] as const)
      : ([batch.classes, batch.imagesPerClass, 'batch.classes'] as const)
  const { classes } = usableClasses(data, { count, images, option, small: batch.smallClasses })
  return { start: (engine) => new MinedClasses(mining, { count, images, classes }, engine) }
}

/** Classes of a batch, images of each, and the classes with so many: label → positions in the data. */
interface Form {
  readonly count: number
  readonly images: number
  readonly classes: ReadonlyMap<number, Int32Array>
}

class MinedClasses implements BatchSource {
  readonly mines = true
  readonly #data: Dataset
  readonly #plan: HardNegativeClasses
  readonly #form: Form
  readonly #seed: number
  readonly #steps: number
  readonly #accumulate: number
  readonly #engine: MiningEngine
  #mined: Mined | undefined

  constructor({ data, batch, seed, steps }: ClassMining, form: Form, engine: MiningEngine) {
    this.#data = data
    this.#plan = batch.mining
    this.#form = form
    this.#seed = seed
    this.#steps = steps
    this.#accumulate = batch.accumulate ?? 1
    this.#engine = engine
  }

  /** The step that the batches of `step` are mined at. */
  #start(step: number): number {
    return step - (step % this.#plan.every)
  }

  nextStart(step: number): number {
    return this.#start(step) + this.#plan.every
  }

  state(step: number): Mined | undefined {
    return step !== this.#start(step) && this.#mined?.step === this.#start(step) ? this.#mined : undefined
  }

  async restore(step: number, mined: Mined | undefined): Promise<void> {
    const { count, classes } = this.#form
    const start = this.#start(step)
    const isBatch = (batch: unknown) =>
      Array.isArray(batch) && batch.length === count && batch.every((label) => classes.has(label))
    const given: unknown = mined?.step === start ? mined.classes : undefined
    const whole = Array.isArray(given) && given.length === this.#batches(start) && given.every(isBatch)
    if (step !== start && !whole)
      throw new NPairError(
        'CHECKPOINT_CORRUPT',
        `The checkpoint of step ${step} lacks the classes mined at step ${start}`,
      )
    this.#mined = step === start ? undefined : mined
  }

  async close(): Promise<void> {}

  async batch(number: number): Promise<Int32Array> {
    const start = this.#start(Math.floor(number / this.#accumulate))
    if (this.#mined?.step !== start) this.#mined = { step: start, classes: await this.#mine(start) }
    const labels = this.#mined.classes[number - start * this.#accumulate] as readonly number[]
    const ids = new Int32Array(labels.length * this.#form.images)
    labels.forEach((label, row) => {
      const chosen = this.#imagesOf(label, this.#form.images, new Random(this.#seed, 'mining', number, row))
      chosen.forEach((id, k) => {
        ids[k * labels.length + row] = id
      })
    })
    return ids
  }

  /** How many batches are mined at step `start`. */
  #batches(start: number): number {
    return Math.min(this.#plan.every, this.#steps - start) * this.#accumulate
  }

  async #mine(start: number): Promise<number[][]> {
    const { score, imagesPerClass } = this.#plan
    const usable = [...this.#form.classes.keys()]
    const order = new Random(this.#seed, 'mining', start, lanes.candidates).permutation(usable.length)
    const labels = order.slice(0, this.#plan.candidates).map((c) => usable[c] as number)
    const images = new Int32Array(imagesPerClass * labels.length)
    labels.forEach((label, c) => {
      const random = new Random(this.#seed, 'mining', start, lanes.images + label)
      this.#imagesOf(label, imagesPerClass, random).forEach((id, k) => {
        images[k * labels.length + c] = id
      })
    })
    const firstBatch = start * this.#accumulate
    const firsts = this.#firsts(firstBatch, this.#batches(start), labels.length)
    const count = Math.min(this.#form.count, labels.length)
    const selection = JSON.stringify({ score, imagesPerClass, count, seed: this.#seed, firstBatch })
    const chosen = await this.#engine.mine(images, labels, selection, firsts)
    const others = order.slice(labels.length).map((c) => usable[c] as number)
    return Array.from(firsts, (_, i) => {
      const batch = Array.from(chosen.subarray(i * count, (i + 1) * count), (c) => labels[c] as number)
      if (count === this.#form.count) return batch
      const fill = new Random(this.#seed, 'mining', firstBatch + i, lanes.fill).permutation(others.length)
      return [...batch, ...Array.from(fill.subarray(0, this.#form.count - count), (c) => others[c] as number)]
    })
  }

  /** The candidate that each batch begins with: no two batches with the same one before all have been first. */
  #firsts(firstBatch: number, batches: number, candidates: number): Int32Array {
    let left: number[] = []
    return Int32Array.from({ length: batches }, (_, i) => {
      if (left.length === 0) left = Array.from({ length: candidates }, (_, c) => c)
      const [first] = left.splice(new Random(this.#seed, 'mining', firstBatch + i, lanes.first).below(left.length), 1)
      return first as number
    })
  }

  /** Ids of so many different images of a class. */
  #imagesOf(label: number, count: number, random: Random): number[] {
    const positions = this.#form.classes.get(label) as Int32Array
    const chosen = new Set<number>()
    while (chosen.size < count) chosen.add(random.below(positions.length))
    return Array.from(chosen, (i) => this.#data.images[positions[i] as number] as number)
  }
}
