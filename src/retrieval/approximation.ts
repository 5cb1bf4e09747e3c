import { Embeddings } from '../embeddings.js'
import { NPairError } from '../errors.js'
import { engine } from '../native/engine.js'
import { Graph, type GraphShape } from './graph.js'
import type { Hit } from './indexOptions.js'
import type { ApproximateRecall } from './recall.js'
import type { Segment } from './segment.js'

/** Queries that are looked up together. */
const queriesAtATime = 1024

/** Rows of a segment that a graph links: the keys from `first` on are the rows `rows`. */
interface Linked {
  readonly segment: Segment
  readonly first: number
  readonly rows: Int32Array
}

/** A graph over the rows of some segments, that were not removed when it was built; keys count through them. */
export class Approximation {
  readonly #graph: Graph
  readonly #linked: readonly Linked[]
  /** What was measured when the graph was built; undefined where nothing was. */
  recall: ApproximateRecall | undefined

  private constructor(graph: Graph, linked: readonly Linked[]) {
    this.#graph = graph
    this.#linked = linked
  }

  /** @throws NPairError `DEPENDENCY_MISSING` */
  static async build(segments: readonly Segment[], shape: GraphShape): Promise<Approximation> {
    const graph = await Graph.create(shape, await threads())
    const linked = link(segments)
    for (const segment of segments) for await (const rows of segment.parts()) await graph.add(graph.count, rows)
    return new Approximation(graph, linked)
  }

  /**
   * @param segment - of which no row was removed
   * @throws NPairError `DEPENDENCY_MISSING`; `INDEX_CORRUPT` for a graph of other rows, or one that this usearch does not read
   */
  static async load(path: string, segment: Segment, shape: GraphShape): Promise<Approximation> {
    const graph = await Graph.create(shape, await threads())
    const refuse = (what: string, cause?: unknown) =>
      new NPairError('INDEX_CORRUPT', `${path} ${what}: build it anew with index.approximate()`, { cause })
    try {
      graph.load(path)
    } catch (error) {
      throw refuse(`is not read by the usearch that is installed (${(error as Error).message})`, error)
    }
    if (graph.count !== segment.alive)
      throw refuse(`links ${graph.count} rows and not the ${segment.alive} of the index`)
    return new Approximation(graph, link([segment]))
  }

  get shape(): GraphShape {
    return this.#graph.shape
  }

  covers(segment: Segment): boolean {
    return this.#linked.some((linked) => linked.segment === segment)
  }

  /** Whether the graph links the very rows of these segments, none removed and none added since. */
  isOf(segments: readonly Segment[]): boolean {
    return (
      segments.length === this.#linked.length &&
      this.#linked.every(({ segment, rows }, i) => segment === segments[i] && segment.alive === rows.length)
    )
  }

  save(path: string): void {
    this.#graph.save(path)
  }

  /** Scores the likely neighbours exactly, and adds them to the hits of each query. */
  async search(queries: Embeddings, candidates: number, hits: Hit[][]): Promise<void> {
    for (let start = 0; start < queries.count; start += queriesAtATime) {
      const end = Math.min(queries.count, start + queriesAtATime)
      const some = new Embeddings(queries.data.subarray(start * queries.size, end * queries.size), queries.size)
      const keys = await this.#graph.search(some, candidates)
      for (const { segment, first, rows } of this.#linked) {
        const own = keys.map((key) => rows[key - first] ?? -1)
        await segment.score(some, own, hits.slice(start, end))
      }
    }
  }
}

function link(segments: readonly Segment[]): Linked[] {
  let first = 0
  return segments.map((segment) => {
    const linked = { segment, first, rows: Int32Array.from(segment.living()) }
    first += linked.rows.length
    return linked
  })
}

async function threads(): Promise<number> {
  return (await (await engine()).environment()).threads
}
