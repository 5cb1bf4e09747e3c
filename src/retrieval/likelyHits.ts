import { requireInteger } from '../config/require.js'
import type { Embeddings } from '../embeddings.js'
import type { Approximation } from './approximation.js'
import type { Hit } from './indexOptions.js'
import { noHits, type Segments } from './segments.js'

/** The k nearest among the likely neighbours that a graph names, and the rows that it does not link. */
export async function likelyHits(
  segments: Segments,
  approximation: Approximation,
  queries: Embeddings,
  k: number,
  candidates: number,
): Promise<Hit[][]> {
  const hits = noHits(queries)
  await approximation.search(queries, candidates, hits)
  return segments.search(queries, k, { hits, except: (segment) => approximation.covers(segment) })
}

/** How many likely neighbours are scored for each query. */
export function resolveCandidates(
  k: number,
  { candidates = Math.max(128, 2 * k) }: { candidates?: number | undefined },
): number {
  requireInteger('candidates', candidates, k)
  return candidates
}
