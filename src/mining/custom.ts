import type { Batch } from '../config/batch.js'
import type { Dataset } from '../data/dataset.js'
import { Embeddings } from '../embeddings.js'
import { invalidOption, NPairError } from '../errors.js'
import type { BatchSource, Miner, MiningEngine } from './batchSource.js'

/** What a miner of one's own is given. */
export interface MiningContext {
  /** What is trained on. */
  readonly data: Dataset
  /** The form that batches must have. */
  readonly batch: Batch
  /** The run's. */
  readonly seed: number
  /** Number of the first batch that is asked for: 0, or more where the run is resumed or went back to a checkpoint. */
  readonly first: number
  /**
   * Embeddings of images by the network as it is now: in evaluation mode, without augmentation, batch statistics untouched.
   *
   * @param images - ids, as in `data.images`
   * @returns one row an image, in their order
   */
  embed(images: ArrayLike<number>): Promise<Embeddings>
  /**
   * Inner products of all rows with all others; of `normalized()` embeddings they are cosines.
   *
   * @param others - default: the rows themselves
   * @returns `[rows.count, others.count]`, row-major
   */
  similarities(rows: Embeddings, others?: Embeddings): Promise<Float32Array>
}

/** Batches of a miner of one's own, for `train({ …, sampler })`. */
export interface CustomMining {
  readonly type: 'custom'
  /** Called when the run begins, and anew when it is resumed or goes back to a checkpoint. */
  batches(context: MiningContext): AsyncIterable<Int32Array> | Iterable<Int32Array>
}

/**
 * A miner of one's own: an iterator of batches, most simply an async generator. Each batch is asked for when all steps before it
 * are done, so that `embed` shows the network that will be trained on it. A run that is resumed calls `batches` again, with the
 * number to go on from: to end with the same bits, batches must depend on their number, the context's seed and what `embed`
 * gives, and on nothing that an earlier batch left behind.
 *
 * @param batches - image ids in the form that the run's `batch` says, see {@link Sampler.batch}
 * @throws NPairError `INVALID_OPTION` if it is no function
 */
export function custom(batches: CustomMining['batches']): CustomMining {
  if (typeof batches !== 'function') throw invalidOption('batches', 'a function', batches)
  return Object.freeze({ type: 'custom' as const, batches })
}

/** Whether it is what {@link custom} gives. */
export function isCustomMining(value: unknown): value is CustomMining {
  const { type, batches } = (typeof value === 'object' && value !== null ? value : {}) as Partial<CustomMining>
  return type === 'custom' && typeof batches === 'function'
}

/** Asks a miner of the user's own for one batch after the other. */
export function customMiner(own: CustomMining, run: Pick<MiningContext, 'data' | 'batch' | 'seed'>): Miner {
  return { start: (engine) => new CustomBatches(own, run, engine) }
}

class CustomBatches implements BatchSource {
  readonly mines = true
  readonly #own: CustomMining
  readonly #run: Pick<MiningContext, 'data' | 'batch' | 'seed'>
  readonly #engine: MiningEngine
  #iterator: AsyncIterator<Int32Array> | Iterator<Int32Array> | undefined

  constructor(own: CustomMining, run: Pick<MiningContext, 'data' | 'batch' | 'seed'>, engine: MiningEngine) {
    this.#own = own
    this.#run = run
    this.#engine = engine
  }

  async batch(number: number): Promise<Int32Array> {
    this.#iterator ??= iteratorOf(this.#own.batches(this.#context(number)))
    const { done, value } = await this.#iterator.next()
    if (done)
      throw new NPairError('INVALID_OPTION', `Expected batch ${number} from the sampler but its iterator ended`, {
        option: 'sampler',
      })
    return value
  }

  nextStart(step: number): number {
    return step + 1
  }

  state(): undefined {
    return undefined
  }

  /** The next batch that is asked for begins anew. */
  restore(): Promise<void> {
    return this.close()
  }

  async close(): Promise<void> {
    const iterator = this.#iterator
    this.#iterator = undefined
    await iterator?.return?.()
  }

  #context(first: number): MiningContext {
    return Object.freeze({
      ...this.#run,
      first,
      embed: async (images: ArrayLike<number>) => {
        if (typeof images !== 'object' || images === null || !(images.length > 0))
          throw invalidOption('images', 'a list of image ids', images)
        const wrong = Array.from(images).find((id) => !Number.isInteger(id))
        if (wrong !== undefined) throw invalidOption('images', 'integers', wrong)
        const data = await this.#engine.embed(Int32Array.from(images))
        return new Embeddings(data, data.length / images.length)
      },
      similarities: async (rows: Embeddings, others: Embeddings = rows) => {
        for (const [name, value] of Object.entries({ rows, others }))
          if (!(value instanceof Embeddings)) throw invalidOption(name, 'Embeddings', value)
        if (rows.size !== others.size) throw invalidOption('others', `embeddings of ${rows.size} numbers`, others.size)
        return this.#engine.similarities(rows, others)
      },
    })
  }
}

function iteratorOf(batches: unknown): AsyncIterator<Int32Array> | Iterator<Int32Array> {
  const given = (batches ?? {}) as Partial<AsyncIterable<Int32Array> & Iterable<Int32Array>>
  const iterator = given[Symbol.asyncIterator]?.() ?? given[Symbol.iterator]?.()
  if (typeof iterator?.next !== 'function') throw invalidOption('sampler', 'batches(…) to give an iterable', batches)
  return iterator
}
