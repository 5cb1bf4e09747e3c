import { Embeddings } from '../embeddings.js'
import type { KReciprocalOptions } from '../metrics/kReciprocal.js'
import { neighbourRanks } from '../metrics/neighbours.js'
import type { Relevance } from '../metrics/relevantRanks.js'
import { type Neighbourhoods, ReRanking } from '../metrics/reRanking.js'
import { scoreRows } from '../metrics/scoreRows.js'
import type { Gallery } from '../native/gallery.js'
import { isLarge, searched } from './searched.js'

/** Cosines that the engine hands over at a time. */
const mostCosines = 2 ** 22

/**
 * Ranks of each query's relevant images after k-reciprocal re-ranking, one query after another; where there is much to compare
 * the engine finds the neighbours and computes the cosines.
 */
export async function reRanked(
  queries: Embeddings,
  gallery: Embeddings,
  options: KReciprocalOptions,
  relevance: Relevance,
): Promise<Int32Array[]> {
  const all = ReRanking.images(queries, gallery, options.own)
  const known = isLarge(all, all) ? await neighbourhoods(all, ReRanking.neighbours(options)) : undefined
  const reRanking = new ReRanking(all, queries.count, gallery.count, options, known)
  const result: Int32Array[] = []
  const add = (cosines: ArrayLike<number>) => {
    const query = result.length
    const { order } = reRanking.ranking(query, cosines)
    const neighbours = { k: order.length, ids: order, scores: new Float64Array() }
    result.push(...neighbourRanks(neighbours, (_, image) => relevance(query, image)))
  }
  if (known) await searched(queries, gallery, (opened, rows) => cosinesOf(opened, rows, add))
  else for (const cosines of scoreRows(queries, gallery)) add(cosines)
  return result
}

/** Of each query after another with the whole gallery. */
async function cosinesOf(gallery: Gallery, queries: Embeddings, take: (cosines: Float64Array) => void): Promise<void> {
  const { count: width } = gallery
  const block = Math.max(1, Math.floor(mostCosines / width))
  const rows = Int32Array.from({ length: Math.min(block, queries.count) * width }, (_, i) => i % width)
  for (let first = 0; first < queries.count; first += block) {
    const count = Math.min(block, queries.count - first)
    const part = queries.data.subarray(first * queries.size, (first + count) * queries.size)
    const cosines = await gallery.scores(new Embeddings(part, queries.size), rows.subarray(0, count * width))
    for (let q = 0; q < count; q++) take(cosines.subarray(q * width, (q + 1) * width))
  }
}

/** The lowest cosine is that of the row nearest to the opposite. */
function neighbourhoods(all: Embeddings, k: number): Promise<Neighbourhoods> {
  return searched(all, all, async (opened, rows) => {
    const near = await opened.nearest(rows, k)
    const opposite = await opened.nearest(
      new Embeddings(
        rows.data.map((x) => -x),
        rows.size,
      ),
      1,
    )
    return { near, lowest: opposite.scores.map((score) => -score) }
  })
}
