import { setImmediate } from 'node:timers/promises'
import { requireInteger, requireNames } from '../config/require.js'
import type { Embeddings } from '../embeddings.js'
import { NPairError } from '../errors.js'
import type { Metric } from '../native/gallery.js'

/** Options of {@link Index.approximate}. */
export interface ApproximateOptions {
  /** Neighbours that a row is linked to, an integer >= 2 (M of HNSW): more find more, and take time and memory. Default 16. */
  readonly connectivity?: number
  /** Rows that are looked at for a new row's neighbours, an integer >= 1 (efConstruction). Default 128. */
  readonly expansion?: number
}

/** What a graph is made of. */
export interface GraphShape extends Required<ApproximateOptions> {
  readonly metric: Metric
  readonly size: number
}

export function resolveApproximate(options: ApproximateOptions): Required<ApproximateOptions> {
  requireNames('', options, ['connectivity', 'expansion'])
  const { connectivity = 16, expansion = 128 } = options
  requireInteger('connectivity', connectivity, 2)
  requireInteger('expansion', expansion, 1)
  return { connectivity, expansion }
}

const kinds = { cosine: 'cos', dot: 'ip', euclidean: 'l2sq' } as const

/** usearch computes on the calling thread: after so long others have their turn. */
const sliceMs = 10

/**
 * A graph of neighbours (HNSW, Malkov and Yashunin 2018) by the package usearch. It keeps the rows in bfloat16, since what it finds
 * is scored again, and says nothing of how near they are.
 */
export class Graph {
  readonly shape: GraphShape
  readonly #native: import('usearch').Index
  readonly #threads: number

  private constructor(shape: GraphShape, native: import('usearch').Index, threads: number) {
    this.shape = shape
    this.#native = native
    this.#threads = threads
  }

  /**
   * @param name - of the package
   * @throws NPairError `DEPENDENCY_MISSING`
   */
  static async create(shape: GraphShape, threads: number, name = 'usearch'): Promise<Graph> {
    const { Index, MetricKind, ScalarKind } = await load(name)
    const native = new Index({
      dimensions: shape.size,
      metric: kinds[shape.metric] as (typeof MetricKind)[keyof typeof MetricKind],
      quantization: 'bf16' as (typeof ScalarKind)[keyof typeof ScalarKind],
      connectivity: shape.connectivity,
      expansion_add: shape.expansion,
      expansion_search: 0,
      multi: false,
    })
    return new Graph(shape, native, threads)
  }

  get count(): number {
    return this.#native.size()
  }

  /** @param rows - `[n, size]`, whose keys are `first`, `first + 1`, … */
  async add(first: number, rows: Float32Array): Promise<void> {
    const { size } = this.shape
    await inSlices(rows.length / size, (from, to) => {
      const keys = BigUint64Array.from({ length: to - from }, (_, i) => BigInt(first + from + i))
      this.#native.add(keys, rows.subarray(from * size, to * size), this.#threads)
    })
  }

  /** @returns `[queries, count]` keys of likely neighbours, −1 where there are fewer */
  async search(queries: Embeddings, count: number): Promise<Int32Array> {
    const found = new Int32Array(queries.count * count).fill(-1)
    await inSlices(queries.count, (from, to) => {
      const rows = queries.data.subarray(from * queries.size, to * queries.size)
      const matches = this.#native.search(rows, count, this.#threads)
      // Of a single query it gives as many as there are, of several the places that are left over as well.
      const counts = 'counts' in matches ? (matches.counts as BigUint64Array) : [BigInt(matches.keys.length)]
      Array.from(counts, Number).forEach((n, i) => {
        for (let j = 0; j < n; j++) found[(from + i) * count + j] = Number(matches.keys[i * count + j])
      })
    })
    return found
  }

  save(path: string): void {
    this.#native.save(path)
  }

  /** A file that is damaged may end the process: its checksum comes first. */
  load(path: string): void {
    this.#native.load(path)
  }
}

/**
 * For whoever has much to do before a graph is built.
 *
 * @throws NPairError `DEPENDENCY_MISSING`
 */
export async function requireUsearch(): Promise<void> {
  await load('usearch')
}

async function load(name: string): Promise<typeof import('usearch')> {
  try {
    return (await import(name)) as typeof import('usearch')
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND'
    const what = missing ? 'is not installed' : `does not load (${(error as Error).message})`
    throw new NPairError(
      'DEPENDENCY_MISSING',
      `Approximate search needs the package ${name}, which ${what}: npm install ${name}`,
      {
        cause: error,
      },
    )
  }
}

/** Does items `from` to `to` at a time, as many as take some milliseconds. */
async function inSlices(count: number, work: (from: number, to: number) => void): Promise<void> {
  let slice = 8
  for (let from = 0; from < count; ) {
    const to = Math.min(count, from + slice)
    const start = performance.now()
    work(from, to)
    const ratio = sliceMs / Math.max(0.1, performance.now() - start)
    slice = Math.max(1, Math.min(4096, Math.round((to - from) * Math.min(4, ratio))))
    from = to
    await setImmediate()
  }
}
