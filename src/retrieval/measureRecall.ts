import { requireInteger, requireNames } from '../config/require.js'
import { Embeddings } from '../embeddings.js'
import { invalidOption } from '../errors.js'
import { Random } from '../random.js'
import type { Approximation } from './approximation.js'
import type { Hit, RecallOptions, RowSample } from './indexOptions.js'
import { likelyHits, resolveCandidates } from './likelyHits.js'
import { type ApproximateRecall, approximateRecall } from './recall.js'
import type { Segments } from './segments.js'
import { requireEmbeddings } from './topK.js'

/**
 * Searches some queries both ways.
 *
 * @param of - `[q, d]` queries, or how many rows of the index to draw
 * @throws NPairError `INVALID_OPTION`
 */
export async function measureRecall(
  segments: Segments,
  approximation: Approximation,
  of: Embeddings | RowSample,
  options: RecallOptions = {},
): Promise<ApproximateRecall> {
  requireNames('', options, ['k', 'candidates'])
  const { k = 10 } = options
  requireInteger('k', k, 1)
  const candidates = resolveCandidates(k, options)
  if (!(of instanceof Embeddings)) return ofOwnRows(segments, approximation, of, k, candidates)
  requireEmbeddings('queries', of, approximation.shape.size)
  if (of.count === 0) throw invalidOption('queries', 'at least one', of.count)
  const found = await likelyHits(segments, approximation, of, k, candidates)
  return approximateRecall(await segments.search(of, k), found, { k, candidates })
}

/** A row that asks for its neighbours is not one of them, and takes no place of theirs. */
async function ofOwnRows(
  segments: Segments,
  approximation: Approximation,
  of: RowSample,
  k: number,
  candidates: number,
): Promise<ApproximateRecall> {
  requireNames('queries', of, ['sample', 'seed'])
  const { sample = 400, seed = 0 } = of
  requireInteger('queries.sample', sample, 1)
  requireInteger('queries.seed', seed, 0)
  if (segments.count < 2) throw invalidOption('queries', 'Embeddings for an index of less than 2 rows', of)
  const { rows, ids } = await segments.sample(sample, new Random(seed, 'protocol'))
  const others = (hits: Hit[][]) => hits.map((own, query) => own.filter(({ id }) => id !== ids[query]).slice(0, k))
  const found = await likelyHits(segments, approximation, rows, k + 1, candidates + 1)
  const exact = await segments.search(rows, k + 1)
  return approximateRecall(others(exact), others(found), { k, candidates })
}
