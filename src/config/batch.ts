import {
  type HardNegativeClasses,
  type HardNegativeClassesOptions,
  hardNegativeClasses,
} from '../mining/hardNegativeClasses.js'
import type { SmallClasses } from '../sampling/usableClasses.js'
import type { ZodLibrary } from './check.js'
import { miningSchema } from './miningSchema.js'
import { within } from './within.js'

/** How classes are mined, as config files say it. */
export type MiningOptions = { readonly type: 'hardNegativeClasses' } & HardNegativeClassesOptions

/** What batches of every form may say. */
export interface AnyBatch {
  /**
   * k >= 1: the gradients of k batches are averaged to one step, for batches that do not fit into memory at once. Negatives
   * still come from the same batch only, so k batches of N pairs are not one of k·N. A step then asks the sampler for the
   * batches k·step … k·step + k − 1; `steps`, schedules and checkpoints count steps. 1 with a loss of your own. Default 1.
   */
  readonly accumulate?: number
  /**
   * Images that go through the network at once, for batches that do not fit into memory: gradient caching (`mini_batch_size` of
   * sentence-transformers' cached losses). All images are embedded chunk by chunk, the loss is that of the whole batch, and each
   * chunk goes through once more to take its share of the gradient: the same step but for rounding, for one more forward
   * pass. Where the batch has no more images, it goes through at once. Default: the whole batch at once.
   */
  readonly chunk?: number
  /**
   * Allows `chunk` for a network with batch norm, whose statistics are then those of each chunk: another step than that of the
   * whole batch. Running statistics move once a chunk, in the first pass. Default false: such a network is refused.
   */
  readonly normPerChunk?: boolean
  /**
   * What becomes of classes with fewer images than the batch takes of each: left out, counted in a notice, or refused
   * (`DATA_CLASSES`). Default `drop`.
   */
  readonly smallClasses?: SmallClasses
}

/** N pairs: an anchor and a positive of each of N classes, 2N images. */
export interface PairBatch extends AnyBatch {
  readonly type?: 'pairs'
  /** N ≥ 2. */
  readonly pairs: number
  /** Which N classes: by default all in turn, else those that are hard to tell apart (`mining.hardNegativeClasses`). */
  readonly mining?: MiningOptions
}

/** N pairs of all classes in turn. */
export type PlainPairs = Omit<PairBatch, 'mining'>

/** The same number of images of each of some classes. */
export interface ClassBalancedBatch extends AnyBatch {
  readonly type: 'classBalanced'
  /** P ≥ 2. */
  readonly classes: number
  /** M ≥ 2: P · M images. */
  readonly imagesPerClass: number
  /** Which P classes, as of pairs. */
  readonly mining?: MiningOptions
}

/** Queries with negatives of their own; one negative makes triplets. */
export interface TupletBatch extends AnyBatch {
  readonly type: 'tuplets'
  /** B ≥ 2: queries. */
  readonly tuplets: number
  /** K ≥ 1: B · (2 + K) images. */
  readonly negatives: number
}

/** What makes a batch. */
export type BatchOptions = PairBatch | ClassBalancedBatch | TupletBatch

/** A batch as plans hold it; without `accumulate` in plans of npair 0.1: one batch a step. */
export type Batch = Planned<Omit<PairBatch, 'type'>> | Planned<ClassBalancedBatch> | TupletBatch

/** A batch whose mining is resolved. */
type Planned<B extends { readonly mining?: MiningOptions }> = Omit<B, 'mining'> & {
  readonly mining?: HardNegativeClasses
}

/** A batch of mined classes. */
export type MinedForm = Exclude<Batch, TupletBatch> & { readonly mining: HardNegativeClasses }

/** Whether the classes of a batch are mined. */
export function isMined(batch: Batch): batch is MinedForm {
  return 'mining' in batch && batch.mining !== undefined
}

/** What batches of every form may say, as schemas. */
function everyBatch(z: ZodLibrary) {
  return {
    smallClasses: z
      .enum(['drop', 'refuse'])
      .exactOptional()
      .describe('What becomes of classes with too few images. Default drop.'),
    accumulate: z.int().min(1).exactOptional().describe('Batches whose gradients make one step. Default 1.'),
    chunk: z.int().min(1).exactOptional().describe('Images through the network at once. Default: all of a batch.'),
    normPerChunk: z.boolean().exactOptional().describe('Batch norm takes chunks by themselves. Default: refused.'),
  }
}

function pairsOnly(z: ZodLibrary) {
  return {
    type: z.literal('pairs').exactOptional(),
    pairs: z.int().min(2).describe('N: an anchor and a positive of each of N classes.'),
  }
}

/** The schema of {@link PlainPairs}. */
export function plainPairsSchema(z: ZodLibrary) {
  return z.strictObject({ ...pairsOnly(z), ...everyBatch(z) })
}

/** The schema of {@link BatchOptions}. */
export function batchSchema(z: ZodLibrary) {
  const every = everyBatch(z)
  const mining = miningSchema(z).exactOptional().describe('Which classes. Default: all in turn.')
  return z.discriminatedUnion('type', [
    z.strictObject({ ...pairsOnly(z), mining, ...every }),
    z.strictObject({
      type: z.literal('classBalanced'),
      classes: z.int().min(2).describe('P: different classes.'),
      imagesPerClass: z.int().min(2).describe('M: different images of each.'),
      ...{ mining, ...every },
    }),
    z.strictObject({
      type: z.literal('tuplets'),
      tuplets: z.int().min(2).describe('B: queries, of different classes.'),
      negatives: z.int().min(1).describe('K: negatives of each query, of different classes.'),
      ...every,
    }),
  ])
}

/** Pairs without their type, so that plans say what they always said. */
export function resolveBatch(options: BatchOptions): Batch {
  if (options.type === 'tuplets') return { accumulate: 1, ...options }
  const { mining, ...form } = options
  const mined = mining && { mining: within('batch', () => within('mining', () => hardNegativeClasses(mining))) }
  if (!('pairs' in form)) return { accumulate: 1, ...form, ...mined }
  const { type: _, ...pairs } = form
  return { accumulate: 1, ...pairs, ...mined }
}

/** What is wrong with the batch of a plan, by its name there; undefined where nothing is. */
export function wrongInBatch(batch: unknown): string | undefined {
  const plan = (batch ?? {}) as Readonly<Record<string, unknown>>
  const forms = { pairs: ['pairs'], classBalanced: ['classes', 'imagesPerClass'], tuplets: ['tuplets', 'negatives'] }
  const { type = 'pairs' } = plan
  const sizes = Object.entries(forms).find(([form]) => form === type)?.[1]
  if (!sizes) return 'batch.type'
  const { chunk = 1 } = plan
  const counts = { ...plan, chunk }
  const wrong = [...sizes, 'chunk'].find((size) => !isCount(counts[size as keyof typeof counts]))
  if (wrong) return `batch.${wrong}`
  const { mining } = plan as { readonly mining?: Partial<HardNegativeClasses> | null }
  if (mining === undefined || (mining?.type === 'hardNegativeClasses' && type !== 'tuplets')) return undefined
  return 'batch.mining'
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1
}

/** Images of a batch. */
export function batchRows(batch: Batch): number {
  if ('pairs' in batch) return 2 * batch.pairs
  return batch.type === 'tuplets' ? batch.tuplets * (2 + batch.negatives) : batch.classes * batch.imagesPerClass
}
