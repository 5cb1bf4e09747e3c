import type { Dataset } from '../data/dataset.js'
import { Embeddings } from '../embeddings.js'
import { invalidOption } from '../errors.js'
import { evaluate } from './evaluate.js'
import type { Protocol } from './protocol.js'
import type { EvaluationResult, Figure } from './result.js'

/**
 * The figure that says which of two models is better.
 *
 * @param name - `validation.figure`; the protocol's headline where it is left out
 * @throws NPairError `INVALID_OPTION` where there is no such figure, or where it has no better direction
 */
export function decidingFigure({ figures, headline }: EvaluationResult, name = headline): Figure {
  const figure = figures[name]
  if (figure && figure.better !== 'none') return figure
  const known = Object.entries(figures).flatMap(([key, { better }]) => (better === 'none' ? [] : [key]))
  throw invalidOption('validation.figure', `one of ${known.join(', ')}`, name)
}

/**
 * Refuses a figure that a protocol does not give, before anything is trained. Which figures it gives does not depend on the
 * embeddings: these are points of a circle.
 *
 * @throws NPairError as {@link decidingFigure}
 */
export async function requireFigure(protocol: Protocol, name: string): Promise<void> {
  const embedDataset = async ({ length }: Dataset) =>
    new Embeddings(
      Float32Array.from({ length: 2 * length }, (_, k) => Math.cos(Math.floor(k / 2) - (k % 2) * (Math.PI / 2))),
      2,
    )
  decidingFigure(await evaluate({ embedDataset }, protocol), name)
}
