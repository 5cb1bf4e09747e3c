import type { ZodLibrary } from './check.js'

/** Losses by type; a loss of one's own is a function, which no file holds. */
export function lossSchema(z: ZodLibrary) {
  const temperature = z.number().gt(0).exactOptional().describe('Inner products are divided by it. Default 1.')
  const normalize = z.boolean().exactOptional().describe('Compare embeddings of length 1. Default false.')
  const classes = z.int().min(2).exactOptional().describe('Default: the classes of the data.')
  const scale = z.number().gt(0).exactOptional().describe('Default 64.')
  const l2 = z.number().min(0).exactOptional().describe('Weight of the mean of |f|^2. Default 0.')
  const pair = {
    l2: z.number().min(0).exactOptional().describe('Weight of the penalty on norms. Default 5e-3.'),
    l2Convention: z
      .enum(['sum', 'mean', 'quarter'])
      .exactOptional()
      .describe('sum: mean|f|^2 + mean|f+|^2 (default); mean: half of it; quarter: a quarter of it.'),
    l2Of: z.enum(['squaredNorm', 'norm']).exactOptional().describe('Default squaredNorm.'),
    temperature,
    normalize,
    queries: z.enum(['anchors', 'symmetric', 'all']).exactOptional().describe('Who asks. Default anchors.'),
  }
  return z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('nPairMc'),
      ...pair,
      sameClass: z
        .enum(['error', 'mask', 'soft', 'sum'])
        .exactOptional()
        .describe("What further images of a query's class are. Default error: there are none."),
    }),
    z.strictObject({ type: z.literal('nPairOvo'), ...pair, sameClass: z.enum(['error', 'mask']).exactOptional() }),
    z.strictObject({
      type: z.literal('supCon'),
      temperature: temperature.describe('Inner products are divided by it. Default 0.1.'),
      normalize: normalize.describe('Compare embeddings of length 1. Default true.'),
    }),
    z.strictObject({
      type: z.literal('contrastive'),
      margin: z.number().gt(0).exactOptional().describe('Default 1.'),
      normalize,
    }),
    z.strictObject({
      type: z.literal('triplet'),
      form: z.enum(['hinge', 'smooth']).exactOptional().describe('Default hinge.'),
      margin: z.number().gt(0).exactOptional().describe('Of the hinge, on squared distances. Default 0.2.'),
      triplets: z
        .enum(['paper', 'all', 'hard', 'semiHard', 'distanceWeighted', 'given'])
        .exactOptional()
        .describe('Which ones a batch gives. Default paper.'),
      average: z.enum(['all', 'active']).exactOptional().describe('Default all.'),
      ...{ normalize, l2 },
    }),
    z.strictObject({
      type: z.literal('tripletMargin'),
      margin: z.number().gt(0).exactOptional().describe('On distances. Default 1.'),
      p: z.number().min(1).exactOptional().describe('Of the norm. Default 2.'),
      eps: z.number().min(0).exactOptional().describe('Default 1e-6.'),
      swap: z.boolean().exactOptional().describe('Default false.'),
      triplets: z
        .enum(['given', 'paper', 'hard', 'semiHard', 'distanceWeighted'])
        .exactOptional()
        .describe('Default given.'),
    }),
    z.strictObject({
      type: z.literal('tuplet'),
      negatives: z.int().min(1).describe('N - 1: how many negatives each query has.'),
      ideal: z.boolean().exactOptional().describe('One negative of every other class. Default false.'),
      ...{ temperature, normalize, l2 },
    }),
    z.strictObject({ type: z.literal('softmax'), classes }),
    z.strictObject({
      ...{ type: z.literal('arcFace'), classes, scale },
      margin: z.number().gt(0).lt(Math.PI).exactOptional().describe('Radians. Default 0.5.'),
    }),
    z.strictObject({
      ...{ type: z.literal('cosFace'), classes, scale },
      margin: z.number().gt(0).max(1).exactOptional().describe('Default 0.35.'),
    }),
    z.strictObject({
      ...{ type: z.literal('proxyAnchor'), classes },
      alpha: z.number().gt(0).exactOptional().describe('Default 32.'),
      margin: z.number().min(0).max(1).exactOptional().describe('Default 0.1.'),
    }),
  ])
}
