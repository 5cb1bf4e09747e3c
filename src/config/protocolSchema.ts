import type { ZodLibrary } from './check.js'

/** Protocols by type, as validation and config files name them. */
export function protocolSchema(z: ZodLibrary) {
  const positive = z.int().min(1)
  const resampling = { bootstrap: z.int().min(0).exactOptional(), seed: z.int().min(0).exactOptional() }
  return z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('verification'),
      folds: z.int().min(2).exactOptional(),
      impostorsPerGenuine: positive.exactOptional(),
      maxGenuinePairs: positive.exactOptional(),
      far: z.array(z.number().gt(0).max(1)).readonly().exactOptional(),
      score: z.literal('cosine').exactOptional(),
      ...resampling,
    }),
    z.strictObject({
      type: z.literal('retrieval'),
      at: z.array(positive).min(1).readonly().exactOptional(),
      ...resampling,
    }),
    z.strictObject({
      type: z.literal('identification'),
      ranks: z.array(positive).min(1).readonly().exactOptional(),
      far: z.array(z.number().gt(0).max(1)).readonly().exactOptional(),
      farRule: z.enum(['atMost', 'nthImpostor']).exactOptional(),
      unseen: z.number().min(0).lt(1).exactOptional(),
      galleryImages: z.enum(['one', 'allButOne']).exactOptional(),
      fusion: z.enum(['best', 'mean']).exactOptional(),
      ties: z.enum(['pessimistic', 'optimistic']).exactOptional(),
      count: z.enum(['identities', 'images']).exactOptional(),
      ...resampling,
    }),
    z.strictObject({
      type: z.literal('reId'),
      camera: z.string().exactOptional(),
      query: z.string().exactOptional(),
      junk: z.array(z.string()).readonly().exactOptional(),
      distractors: z.array(z.string()).readonly().exactOptional(),
      ranks: z.array(positive).min(1).readonly().exactOptional(),
      reRank: z.boolean().exactOptional(),
      ...resampling,
    }),
    z.strictObject({
      type: z.literal('recognition'),
      neighbours: positive.exactOptional(),
      negatives: z.array(positive).readonly().exactOptional(),
      ...resampling,
    }),
    z.strictObject({
      type: z.literal('oneShot'),
      ways: z.int().min(2).exactOptional(),
      shots: positive.exactOptional(),
      episodes: positive.exactOptional(),
      fewerWays: z.enum(['error', 'skip', 'all']).exactOptional(),
      ...resampling,
    }),
    z.strictObject({
      type: z.literal('pairs'),
      path: z.string().min(1),
      layout: z.enum(['lfw', 'table']).exactOptional(),
      far: z.array(z.number().gt(0).max(1)).readonly().exactOptional(),
      ...resampling,
    }),
    z.strictObject({
      type: z.literal('lists'),
      gallery: z.string().min(1),
      probes: z.string().min(1),
      ranks: z.array(positive).min(1).readonly().exactOptional(),
      far: z.array(z.number().gt(0).max(1)).readonly().exactOptional(),
      farRule: z.enum(['atMost', 'nthImpostor']).exactOptional(),
      fusion: z.enum(['best', 'mean']).exactOptional(),
      ties: z.enum(['pessimistic', 'optimistic']).exactOptional(),
      count: z.enum(['identities', 'images']).exactOptional(),
      ...resampling,
    }),
  ])
}
