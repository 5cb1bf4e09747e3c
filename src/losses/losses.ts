export { type ArcFace, type ArcFaceOptions, type ArcFacePlan, arcFace } from './arcFace.js'
export { type Contrastive, type ContrastiveOptions, type ContrastivePlan, contrastive } from './contrastive.js'
export { type CosFace, type CosFaceOptions, type CosFacePlan, cosFace } from './cosFace.js'
export { type AnyLoss, create, type LossOptions, type LossPlan, types } from './create.js'
export { type Custom, type CustomOptions, type CustomPlan, type CustomValue, custom } from './custom.js'
export type {
  DoubleEmbeddings,
  Labels,
  Loss,
  LossParameters,
  LossValue,
  ParametricLoss,
  ParametricLossValue,
} from './loss.js'
export { type NPairMc, type NPairMcOptions, type NPairMcPlan, nPairMc } from './nPairMc.js'
export { type NPairOvo, type NPairOvoOptions, type NPairOvoPlan, nPairOvo } from './nPairOvo.js'
export type { PairOptions, ResolvedPairOptions } from './pairOptions.js'
export { type ProxyAnchor, type ProxyAnchorOptions, type ProxyAnchorPlan, proxyAnchor } from './proxyAnchor.js'
export { type Softmax, type SoftmaxOptions, type SoftmaxPlan, softmax } from './softmax.js'
export { type SupCon, type SupConOptions, type SupConPlan, supCon } from './supCon.js'
export { type Triplet, type TripletOptions, type TripletPlan, triplet } from './triplet.js'
export {
  type TripletMargin,
  type TripletMarginOptions,
  type TripletMarginPlan,
  tripletMargin,
} from './tripletMargin.js'
export { type Tuplet, type TupletOptions, type TupletPlan, tuplet } from './tuplet.js'
