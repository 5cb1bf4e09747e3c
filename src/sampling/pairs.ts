import type { Dataset } from '../data/dataset.js'
import { invalidOption, NPairError } from '../errors.js'
import { Random } from '../random.js'
import type { Sampler } from './sampler.js'

/** Options of {@link pairs}. */
export interface PairsOptions {
  /** N >= 2: classes in a batch, two images of each. */
  readonly pairs: number
  /** Default 0. */
  readonly seed?: number
}

/** A pair sampler, and what it found in the data. */
export interface PairSampler extends Sampler {
  /** Batches in an epoch: the images of classes with at least two, divided by N and rounded up. */
  readonly epochLength: number
  /** Classes left out because they have a single image. */
  readonly singletons: number
}

/**
 * Batches as in the paper (Sohn 2016, §3.2): N different classes, two different images of each.
 *
 * Coverage: where N divides the number of images and no class has more than T = ⌈images/N⌉ of them, every image is an
 * anchor exactly once an epoch of T batches. A class is at most once in a batch, so one with more than T images shows T
 * of them, the next T in the following epoch, and so on round. Where there are not enough images left to fill a batch, classes
 * that are not in it give one more anchor, the next in their own round. The positive is any other image of the class.
 *
 * @throws NPairError `DATA_CLASSES` if fewer than N classes have two images
 */
export function pairs(dataset: Dataset, options: PairsOptions): PairSampler {
  const { pairs: n, seed = 0 } = options
  if (!Number.isSafeInteger(n) || n < 2) throw invalidOption('batch.pairs', 'an integer >= 2', n)
  const all = dataset.byClass()
  const classes = all.filter((positions) => positions.length >= 2)
  if (classes.length < n)
    throw new NPairError(
      'DATA_CLASSES',
      `batch.pairs asks for ${n} classes with at least two images each, but the data has ${classes.length} ` +
        `(${all.length - classes.length} of ${all.length} classes have fewer)`,
      { option: 'batch.pairs' },
    )
  const epochLength = Math.ceil(classes.reduce((sum, positions) => sum + positions.length, 0) / n)
  let cached: { epoch: number; batches: Slot[][] } | undefined
  return {
    epochLength,
    singletons: all.length - classes.length,
    batch(step) {
      const epoch = Math.floor(step / epochLength)
      if (cached?.epoch !== epoch) cached = { epoch, batches: deal(classes, n, epochLength, seed, epoch) }
      const slots = cached.batches[step % epochLength] as Slot[]
      const images = new Int32Array(2 * n)
      slots.forEach(({ c, anchor }, row) => {
        const positions = classes[c] as Int32Array
        const other = new Random(seed, 'sampling', 2 * step + 1, row).below(positions.length - 1)
        images[row] = dataset.images[positions[anchor] as number] as number
        images[n + row] = dataset.images[positions[other < anchor ? other : other + 1] as number] as number
      })
      return images
    },
  }
}

/** A row of a batch: a class, and which of its images is the anchor. */
interface Slot {
  readonly c: number
  readonly anchor: number
}

/**
 * An epoch: T batches of N different classes.
 *
 * Classes, the largest first, take min(n_c, T) batches each from a queue of random orders of all batches, passing over those
 * that hold the class already: always the batches with most room, ties broken at random, which never gets stuck.
 */
function deal(classes: readonly Int32Array[], n: number, length: number, seed: number, epoch: number): Slot[][] {
  const random = new Random(seed, 'sampling', 2 * epoch, 0xffffffff)
  const order = [...random.permutation(classes.length)].sort(
    (a, b) => (classes[b] as Int32Array).length - (classes[a] as Int32Array).length,
  )
  const batches: Slot[][] = Array.from({ length }, () => [])
  const queue = new BatchQueue(length, random)
  for (const c of order) {
    const size = (classes[c] as Int32Array).length
    const turns = Math.min(size, length)
    const batchesOfClass = queue.take(turns)
    batchesOfClass.forEach((batch, k) => {
      batches[batch]?.push({ c, anchor: anchorAt(size, epoch * turns + k, seed, c) })
    })
  }
  fill(batches, classes, n, length, seed, epoch, random)
  for (const batch of batches) random.shuffle(batch)
  return batches
}

/** The k-th anchor of a class since the run began: round after round through all its images, each in its own random order. */
function anchorAt(size: number, k: number, seed: number, c: number): number {
  const round = Math.floor(k / size)
  return new Random(seed, 'sampling', 0x80000000 + round, c).permutation(size)[k % size] as number
}

/** Deals batches in random orders, never the same twice to one class. */
class BatchQueue {
  readonly #length: number
  readonly #random: Random
  #waiting: number[] = []

  constructor(length: number, random: Random) {
    this.#length = length
    this.#random = random
  }

  take(count: number): number[] {
    const taken = this.#waiting.splice(0, count)
    if (taken.length === count) return taken
    const mine = new Set(taken)
    const next = [...this.#random.permutation(this.#length)]
    const rest = next.filter((batch) => !mine.has(batch)).slice(0, count - taken.length)
    const used = new Set(rest)
    this.#waiting = next.filter((batch) => !used.has(batch))
    return [...taken, ...rest]
  }
}

/** Fills short batches with classes that are not in them. */
function fill(
  batches: Slot[][],
  classes: readonly Int32Array[],
  n: number,
  length: number,
  seed: number,
  epoch: number,
  random: Random,
): void {
  const extra = new Map<number, number>()
  for (const batch of batches) {
    const inside = new Set(batch.map((slot) => slot.c))
    while (batch.length < n) {
      const c = random.below(classes.length)
      if (inside.has(c)) continue
      inside.add(c)
      const size = (classes[c] as Int32Array).length
      const k = extra.get(c) ?? 0
      extra.set(c, k + 1)
      batch.push({ c, anchor: anchorAt(size, (epoch + 1) * Math.min(size, length) + k, seed, c) })
    }
  }
}
