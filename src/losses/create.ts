import { requireObject, requireWord } from '../config/require.js'
import { within } from '../config/within.js'
import { type ArcFace, type ArcFaceOptions, type ArcFacePlan, arcFace } from './arcFace.js'
import { type Contrastive, type ContrastiveOptions, type ContrastivePlan, contrastive } from './contrastive.js'
import { type CosFace, type CosFaceOptions, type CosFacePlan, cosFace } from './cosFace.js'
import type { CustomPlan } from './custom.js'
import { type NPairMc, type NPairMcOptions, type NPairMcPlan, nPairMc } from './nPairMc.js'
import { type NPairOvo, type NPairOvoOptions, type NPairOvoPlan, nPairOvo } from './nPairOvo.js'
import { type ProxyAnchor, type ProxyAnchorOptions, type ProxyAnchorPlan, proxyAnchor } from './proxyAnchor.js'
import { type Softmax, type SoftmaxOptions, type SoftmaxPlan, softmax } from './softmax.js'
import { type SupCon, type SupConOptions, type SupConPlan, supCon } from './supCon.js'
import { type Triplet, type TripletOptions, type TripletPlan, triplet } from './triplet.js'
import {
  type TripletMargin,
  type TripletMarginOptions,
  type TripletMarginPlan,
  tripletMargin,
} from './tripletMargin.js'
import { type Tuplet, type TupletOptions, type TupletPlan, tuplet } from './tuplet.js'

/** A loss as config files name it: its type, and those options that differ from the defaults. */
export type LossOptions =
  | ({ readonly type: 'nPairMc' } & NPairMcOptions)
  | ({ readonly type: 'nPairOvo' } & NPairOvoOptions)
  | ({ readonly type: 'supCon' } & SupConOptions)
  | ({ readonly type: 'contrastive' } & ContrastiveOptions)
  | ({ readonly type: 'triplet' } & TripletOptions)
  | ({ readonly type: 'tripletMargin' } & TripletMarginOptions)
  | ({ readonly type: 'tuplet' } & TupletOptions)
  | ({ readonly type: 'softmax' } & SoftmaxOptions)
  | ({ readonly type: 'arcFace' } & ArcFaceOptions)
  | ({ readonly type: 'cosFace' } & CosFaceOptions)
  | ({ readonly type: 'proxyAnchor' } & ProxyAnchorOptions)

/** Any loss that options describe. */
export type AnyLoss =
  | NPairMc
  | NPairOvo
  | SupCon
  | Contrastive
  | Triplet
  | TripletMargin
  | Tuplet
  | Softmax
  | ArcFace
  | CosFace
  | ProxyAnchor

/** A loss as the plan of a run holds it. */
export type LossPlan =
  | NPairMcPlan
  | NPairOvoPlan
  | SupConPlan
  | ContrastivePlan
  | TripletPlan
  | TripletMarginPlan
  | TupletPlan
  | SoftmaxPlan
  | ArcFacePlan
  | CosFacePlan
  | ProxyAnchorPlan
  | CustomPlan

const factories = {
  ...{ nPairMc, nPairOvo, supCon, contrastive, triplet, tripletMargin, tuplet },
  ...{ softmax, arcFace, cosFace, proxyAnchor },
}

/** The types that {@link create} knows. */
export const types = Object.keys(factories) as LossOptions['type'][]

/**
 * The loss that options or a recorded plan describe.
 *
 * @throws NPairError as the loss's own factory
 */
export function create<O extends LossOptions>(options: O): Extract<AnyLoss, { type: O['type'] }> {
  requireObject('loss', options)
  requireWord('loss.type', options.type, types)
  const { type, ...own } = options
  const make = factories[type] as (options: object) => Extract<AnyLoss, { type: O['type'] }>
  return within('loss', () => make(own))
}
