import type { Dataset } from '../data/dataset.js'
import { invalidOption } from '../errors.js'
import { type ClusteringPlan, clustering } from './clustering.js'
import { type IdentificationPlan, identification } from './identification.js'
import { type ListsPlan, lists } from './lists.js'
import { type OneShotPlan, oneShot } from './oneShot.js'
import { type PairsPlan, pairs } from './pairs.js'
import type { Protocol } from './protocol.js'
import { type RecognitionPlan, recognition } from './recognition.js'
import { type ReIdPlan, reId } from './reId.js'
import { type RetrievalPlan, retrieval } from './retrieval.js'
import type { ScoreNormShare } from './scoreNorm.js'
import { type VerificationPlan, verification } from './verification.js'

/** A protocol as plain data: its type, and those options that differ from the defaults. */
export type ProtocolOptions =
  | (Partial<Omit<VerificationPlan, 'scoreNorm'>> &
      Pick<VerificationPlan, 'type'> & { readonly scoreNorm?: ScoreNormShare })
  | (Partial<RetrievalPlan> & Pick<RetrievalPlan, 'type'>)
  | (Partial<ClusteringPlan> & Pick<ClusteringPlan, 'type'>)
  | (Partial<IdentificationPlan> & Pick<IdentificationPlan, 'type'>)
  | (Partial<ReIdPlan> & Pick<ReIdPlan, 'type'>)
  | (Partial<RecognitionPlan> & Pick<RecognitionPlan, 'type'>)
  | (Partial<OneShotPlan> & Pick<OneShotPlan, 'type'>)
  | (Partial<Omit<PairsPlan, 'scoreNorm'>> & Pick<PairsPlan, 'type' | 'path'> & { readonly scoreNorm?: ScoreNormShare })
  | (Partial<ListsPlan> & Pick<ListsPlan, 'type' | 'gallery' | 'probes'>)

/** The types that {@link create} knows. */
export const types = [
  'verification',
  'retrieval',
  'clustering',
  'identification',
  'reId',
  'recognition',
  'oneShot',
  'pairs',
  'lists',
] as const

/**
 * The protocol that a plan describes, on a dataset: how config files, `resume` and the command line name one.
 *
 * @example protocols.create({ type: 'oneShot', ways: 5 }, split.test)
 * @throws NPairError as the protocol's own factory
 */
export function create(plan: ProtocolOptions, dataset: Dataset): Protocol {
  if (typeof plan !== 'object' || plan === null) throw invalidOption('protocol', 'an object with a type', plan)
  switch (plan.type) {
    case 'verification':
      return verification(dataset, withoutType(plan))
    case 'retrieval':
      return retrieval(dataset, withoutType(plan))
    case 'clustering':
      return clustering(dataset, withoutType(plan))
    case 'identification':
      return identification(dataset, withoutType(plan))
    case 'reId':
      return reId(dataset, withoutType(plan))
    case 'recognition':
      return recognition(dataset, withoutType(plan))
    case 'oneShot':
      return oneShot(dataset, withoutType(plan))
    case 'pairs':
      return pairs(dataset, withoutType(plan))
    case 'lists':
      return lists(dataset, withoutType(plan))
    default:
      throw invalidOption('protocol.type', types.map((t) => `'${t}'`).join(', '), (plan as { type?: unknown }).type)
  }
}

function withoutType<P extends { type: string }>({ type: _, ...options }: P): Omit<P, 'type'> {
  return options
}
