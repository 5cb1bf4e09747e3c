import type { Dataset } from '../data/dataset.js'
import type { Embeddings } from '../embeddings.js'
import { NPairError } from '../errors.js'
import { viewSentence } from '../model/views.js'
import type { Embedder, Protocol } from './protocol.js'
import type { EvaluationResult } from './result.js'

/**
 * Embeds the protocol's images and judges the embeddings. Images that the source left out as broken or missing are counted
 * (`skippedImages`) and noted.
 *
 * @param embedder - a model, or anything else with `embedDataset`
 * @param protocol - from `protocols.verification(…)`, `.retrieval(…)`, `.oneShot(…)`, or one's own
 * @returns plain JSON; print it with `formatTable(result)`
 * @throws NPairError `NON_FINITE` if an embedding holds NaN or an infinity; the message names the image
 */
export async function evaluate(embedder: Embedder, protocol: Protocol): Promise<EvaluationResult> {
  const result = await protocol.judge(await embedAll(embedder, protocol), await embedCohort(embedder, protocol))
  const seen = embedder.views === undefined ? '' : viewSentence(embedder.views)
  return withSkipped({ ...result, definition: `${result.definition}${seen}` }, protocol.dataset)
}

/** The result, saying what the data lacks: a pack knows that of its whole source, not of a part. */
function withSkipped(result: EvaluationResult, dataset: Dataset): EvaluationResult {
  const { skipped } = dataset.summary
  if (skipped.length === 0) return result
  const named = skipped.slice(0, 5).map(({ path }) => path)
  const note =
    `${skipped.length} images of the whole source could not be read and are not in the data: ` +
    `${named.join(', ')}${skipped.length > named.length ? ', …' : ''}.`
  return {
    ...result,
    counts: { ...result.counts, skippedImages: skipped.length },
    notes: [...result.notes, note],
  }
}

/** The embeddings of the protocol's images, checked. */
export async function embedAll(embedder: Embedder, protocol: Pick<Protocol, 'dataset'>): Promise<Embeddings> {
  const embeddings = await embedder.embedDataset(protocol.dataset)
  requireRows(embeddings, protocol.dataset)
  return embeddings
}

/** The embeddings of the protocol's cohort, checked; undefined where it has none. */
export async function embedCohort(
  embedder: Embedder,
  { cohort }: Pick<Protocol, 'cohort'>,
): Promise<Embeddings | undefined> {
  return cohort && embedAll(embedder, { dataset: cohort })
}

/** One finite row an image, or no figure at all. */
function requireRows(embeddings: Embeddings, dataset: Dataset): void {
  if (embeddings.count !== dataset.length)
    throw new NPairError(
      'INVALID_OPTION',
      `Expected ${dataset.length} embeddings, one an image, but received ${embeddings.count}`,
    )
  for (let i = 0; i < embeddings.count; i++)
    if (!embeddings.row(i).every(Number.isFinite))
      throw new NPairError('NON_FINITE', `The embedding of ${dataset.imageName(i)} holds a number that is not finite`)
}
