import type { Embeddings } from '../embeddings.js'
import type { Sampler } from '../sampling/sampler.js'

/** What makes the batches of a run, and may look at what it has learnt. */
export interface Miner {
  /** Before the first step, and with the state of the checkpoint that the run goes on from. */
  start(engine: MiningEngine): BatchSource
}

/** What of the engine miners use: the network that is being trained. */
export interface MiningEngine {
  /** `[images, d]` by the network as it is, in evaluation mode. */
  embed(images: Int32Array): Promise<Float32Array>
  /** See `trainerMine` of the binding. */
  mine(images: Int32Array, labels: Int32Array, selection: string, firsts: Int32Array): Promise<Int32Array>
  /** `[rows, others]` inner products. */
  similarities(rows: Embeddings, others: Embeddings): Promise<Float32Array>
}

/** Classes that were mined for the steps from `step` on, as checkpoints hold them. */
export interface Mined {
  readonly step: number
  /** Labels of each batch's classes, one list a batch. */
  readonly classes: readonly (readonly number[])[]
}

/** Where a run gets its batches from. */
export interface BatchSource {
  /** Whether the time that it takes is told as mining. */
  readonly mines: boolean
  /** Ids of the images of batch `number`, as {@link Sampler.batch}. */
  batch(number: number): Int32Array | Promise<Int32Array>
  /** The first step after `step` whose batches can only be had when all steps before it are done. */
  nextStart(step: number): number
  /** What a checkpoint after `step` steps must hold to go on from there; undefined: nothing. */
  state(step: number): Mined | undefined
  /** Goes on after `step` steps, with what `state` gave there. */
  restore(step: number, mined: Mined | undefined): Promise<void>
  /** No more batches are wanted. */
  close(): Promise<void>
}

/** Batches that are a function of their number alone. */
export function samplerSource(sampler: Sampler): BatchSource {
  return {
    mines: false,
    batch: (number) => sampler.batch(number),
    nextStart: () => Number.POSITIVE_INFINITY,
    state: () => undefined,
    restore: async () => {},
    close: async () => {},
  }
}
