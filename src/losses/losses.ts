export { create, type LossOptions, types } from './create.js'
export type { DoubleEmbeddings, Labels, Loss, LossValue } from './loss.js'
export { type NPairMc, type NPairMcOptions, type NPairMcPlan, nPairMc } from './nPairMc.js'
