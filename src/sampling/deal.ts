import { requireInteger } from '../config/require.js'
import { Random } from '../random.js'

/** A place in a batch: a class, and which of its images (or groups of them) is in it. */
export interface Slot {
  readonly c: number
  anchor: number
}

/** Epochs one after the other, of which one is kept at a time. */
export interface Deals {
  /** Batches of an epoch, T: what all classes have to show, divided by N and rounded up. */
  readonly epochLength: number
  /** The batch of a step, and the epoch that it is in. */
  batch(step: number): { readonly epoch: number; readonly slots: readonly Slot[] }
}

/**
 * Deals batches of N different classes, epoch by epoch.
 *
 * @param sizes - images (or groups of them) that each class has to show
 */
export function deals(sizes: readonly number[], n: number, seed: number): Deals {
  const epochLength = Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / n)
  let kept: { epoch: number; batches: Slot[][] } | undefined
  return {
    epochLength,
    batch(step) {
      requireInteger('step', step, 0)
      const epoch = Math.floor(step / epochLength)
      if (kept?.epoch !== epoch) kept = { epoch, batches: deal(sizes, n, epochLength, seed, epoch) }
      return { epoch, slots: kept.batches[step % epochLength] as Slot[] }
    },
  }
}

/**
 * An epoch: T batches of N different classes, of which class c has `sizes[c]` images (or groups of them) to show.
 *
 * Each class takes min(n_c, T) batches from a queue of random orders of all batches, passing over those that hold it already.
 * So the fullest batch is never more than one ahead of the emptiest, and none gets more than N.
 */
function deal(sizes: readonly number[], n: number, length: number, seed: number, epoch: number): Slot[][] {
  const random = new Random(seed, 'sampling', 2 * epoch, 0xffffffff)
  const batches: Slot[][] = Array.from({ length }, () => [])
  const ofClass: Slot[][] = sizes.map(() => [])
  const seat = (c: number, batch: Slot[]): void => {
    const slot = { c, anchor: 0 }
    ofClass[c]?.push(slot)
    batch.push(slot)
  }
  const queue = new BatchQueue(length, random)
  const turns = (c: number) => Math.min(sizes[c] as number, length)
  for (const c of random.permutation(sizes.length))
    for (const batch of queue.take(turns(c))) seat(c, batches[batch] as Slot[])
  for (const batch of batches) {
    const inside = new Set(batch.map((slot) => slot.c))
    while (batch.length < n) {
      const c = random.below(sizes.length)
      if (inside.has(c)) continue
      inside.add(c)
      seat(c, batch)
    }
  }
  ofClass.forEach((slots, c) => {
    const order = anchors(sizes[c] as number, epoch * turns(c), slots.length, seed, c)
    slots.forEach((slot, k) => {
      slot.anchor = order[k] as number
    })
  })
  for (const batch of batches) random.shuffle(batch)
  return batches
}

/**
 * `count` anchors of a class from its `first`-th since the run began: round after round through all its images, each round in
 * its own random order.
 */
function anchors(size: number, first: number, count: number, seed: number, c: number): number[] {
  const chosen: number[] = []
  for (let round = Math.floor(first / size); round * size < first + count; round++) {
    const order = new Random(seed, 'sampling', 0x80000000 + round, c).permutation(size)
    const start = round * size
    chosen.push(...order.subarray(Math.max(0, first - start), Math.min(size, first + count - start)))
  }
  return chosen
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
