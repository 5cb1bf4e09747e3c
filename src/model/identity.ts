import { createHash } from 'node:crypto'
import { NPairError } from '../errors.js'
import type { BundleDescription } from './description.js'
import { isViews, sight, type Views } from './views.js'

/** Which model made embeddings, and how: only embeddings of which all of this is equal can be compared. */
export interface ModelIdentity {
  /** SHA-256 of the weights. */
  readonly weights: string
  /** SHA-256 of what else makes numbers of an image: network, decoding, normalisation, precision. */
  readonly definition: string
  /** What an image is seen in. */
  readonly views: Views
}

/** The identity of a bundle that is loaded with some views. */
export function modelIdentity(description: BundleDescription, views: Views): ModelIdentity {
  const { weights, net, ingest, preprocess, precision } = description
  const definition = createHash('sha256').update(JSON.stringify({ net, ingest, preprocess, precision })).digest('hex')
  return { weights, definition, views: { ...views, shifts: [...views.shifts] } }
}

/** Whether a value that was read from a file is an identity. */
export function isModelIdentity(value: unknown): value is ModelIdentity {
  const { weights, definition, views } = (value ?? {}) as Partial<ModelIdentity>
  const isHash = (hash: unknown) => typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash)
  return isHash(weights) && isHash(definition) && views !== undefined && isViews(views)
}

/**
 * Refuses embeddings of another model than those of an index.
 *
 * @param index - of the model that made the index's; undefined for an index that is tied to none
 * @param model - of the model that made the others; undefined for vectors of which nobody says
 * @throws NPairError `INDEX_MODEL` with what differs of both
 */
export function requireSameModel(index: ModelIdentity | undefined, model: ModelIdentity | undefined): void {
  if (index === undefined && model === undefined) return
  const told = ({ weights, definition, views }: ModelIdentity) => ({
    weights: `weights ${weights}`,
    definition: `definition ${definition}`,
    views: sight(views),
  })
  const [own, other] = [index && told(index), model && told(model)]
  const parts = ['weights', 'definition', 'views'] as const
  const differing = parts.filter((part) => own?.[part] !== other?.[part])
  if (differing.length === 0) return
  const shown = parts.filter((part) => part === 'weights' || differing.includes(part))
  const what = (told: typeof own) =>
    told === undefined ? 'no model that is known' : `the model with ${shown.map((part) => told[part]).join(', ')}`
  throw new NPairError(
    'INDEX_MODEL',
    `The index holds embeddings of ${what(own)}, and these are of ${what(other)}: they cannot be compared. Build the index anew with this model, or take the model that it was built with`,
  )
}
