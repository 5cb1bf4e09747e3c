import type { ZodLibrary } from './check.js'

/** Protocols by type, as validation and config files name them. */
export function protocolSchema(z: ZodLibrary) {
  const positive = z.int().min(1)
  const seed = z.int().min(0).exactOptional()
  return z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('verification'),
      folds: z.int().min(2).exactOptional(),
      impostorsPerGenuine: positive.exactOptional(),
      maxGenuinePairs: positive.exactOptional(),
      far: z.array(z.number().gt(0).max(1)).readonly().exactOptional(),
      score: z.literal('cosine').exactOptional(),
      seed,
    }),
    z.strictObject({ type: z.literal('retrieval'), at: z.array(positive).min(1).readonly().exactOptional() }),
    z.strictObject({
      type: z.literal('oneShot'),
      ways: z.int().min(2).exactOptional(),
      shots: positive.exactOptional(),
      episodes: positive.exactOptional(),
      fewerWays: z.enum(['error', 'skip', 'all']).exactOptional(),
      seed,
    }),
  ])
}
