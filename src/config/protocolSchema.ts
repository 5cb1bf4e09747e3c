import type * as Zod from 'zod'
import type { ZodLibrary } from './check.js'

/** Protocols by type, as validation and config files name them. */
export function protocolSchema(z: ZodLibrary) {
  const positive = z.int().min(1)
  const resampling = {
    bootstrap: z.int().min(0).exactOptional().describe('Resamples for 95 % intervals; 0: none. Default 200.'),
    seed: z.int().min(0).exactOptional().describe('Of all that is drawn. Default 0.'),
  }
  const far = (usual: string) =>
    z
      .array(z.number().gt(0).max(1))
      .readonly()
      .exactOptional()
      .describe(`False accept or alarm rates. Default ${usual}.`)
  const ranks = z.array(positive).min(1).readonly().exactOptional().describe('k of rank-k. Default 1, 5, 10.')
  const alarms = {
    far: far('0.1, 0.01'),
    farRule: z
      .enum(['atMost', 'nthImpostor'])
      .exactOptional()
      .describe('Which threshold stands for a rate. Default atMost.'),
  }
  const mates = {
    fusion: z.enum(['best', 'mean']).exactOptional().describe('Several images of an identity. Default best.'),
    ties: z.enum(['pessimistic', 'optimistic']).exactOptional().describe('Default pessimistic.'),
    count: z
      .enum(['identities', 'images'])
      .exactOptional()
      .describe('What stands before the mate. Default identities.'),
  }
  const scoreNorm = <Share extends Zod.ZodType<number>>(cohort: Share) =>
    z
      .strictObject({
        type: z.enum(['z', 't', 's']).describe('By the first of a pair, the second, or both.'),
        cohort,
        top: z.int().min(2).exactOptional().describe('So many of the highest cohort scores count. Default: all.'),
      })
      .exactOptional()
      .describe('Normalise scores by those with strangers. Default: none.')
  return z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('verification'),
      pairs: z
        .enum(['sampled', 'all'])
        .exactOptional()
        .describe('All pairs have no folds, and exact rates. Default sampled.'),
      folds: z.int().min(2).exactOptional().describe('No class is in two. Default 10.'),
      impostorsPerGenuine: positive
        .exactOptional()
        .describe('Pairs of two classes drawn for each pair of one. Default 1.'),
      maxGenuinePairs: positive.exactOptional().describe('Above it a sample is taken. Default 200000.'),
      far: far('0.1, 0.01, … 1e-6'),
      score: z.literal('cosine').exactOptional().describe('Default cosine.'),
      scoreNorm: scoreNorm(z.number().gt(0).lt(1).describe('Share of the classes that are strangers, and not judged.')),
      ...resampling,
    }),
    z.strictObject({
      type: z.literal('retrieval'),
      at: z.array(positive).min(1).readonly().exactOptional().describe('K of Recall@K and others. Default 1, 2, 4, 8.'),
      ...resampling,
    }),
    z.strictObject({
      type: z.literal('clustering'),
      clusters: z.int().min(2).exactOptional().describe('Default: the number of classes.'),
      restarts: positive.exactOptional().describe('Beginnings of k-means, of which the best is judged. Default 3.'),
      normalize: z.boolean().exactOptional().describe('Cluster embeddings of length 1. Default true.'),
      ...resampling,
    }),
    z.strictObject({
      type: z.literal('identification'),
      ranks,
      ...alarms,
      unseen: z
        .number()
        .min(0)
        .lt(1)
        .exactOptional()
        .describe('Share of identities that the gallery lacks. Default 0.5.'),
      galleryImages: z.enum(['one', 'allButOne']).exactOptional().describe('Of each identity. Default one.'),
      ...mates,
      ...resampling,
    }),
    z.strictObject({
      type: z.literal('reId'),
      camera: z
        .string()
        .exactOptional()
        .describe('Regular expression; its first group is the camera. Default c(\\d+).'),
      query: z.string().exactOptional().describe('Names that match ask. Default: all do.'),
      junk: z.array(z.string()).readonly().exactOptional().describe('Classes left out. Default -1.'),
      distractors: z
        .array(z.string())
        .readonly()
        .exactOptional()
        .describe('Classes in the gallery that are never asked for. Default 0, 0000.'),
      ranks,
      reRank: z.boolean().exactOptional().describe('By k-reciprocal neighbours. Default false.'),
      ...resampling,
    }),
    z.strictObject({
      type: z.literal('recognition'),
      neighbours: positive.exactOptional().describe('k of the kNN classifier. Default 1.'),
      negatives: z.array(positive).readonly().exactOptional().describe('K of the verification rate. Default 1, 71.'),
      ...resampling,
    }),
    z.strictObject({
      type: z.literal('oneShot'),
      ways: z.int().min(2).exactOptional().describe('Classes to choose between. Default 20.'),
      shots: positive.exactOptional().describe('Example images a class. Default 1.'),
      episodes: positive.exactOptional().describe('In each super-class. Default 500.'),
      fewerWays: z
        .enum(['error', 'skip', 'all'])
        .exactOptional()
        .describe('What a super-class with fewer classes does. Default error.'),
      ...resampling,
    }),
    z.strictObject({
      type: z.literal('pairs'),
      path: z.string().min(1).describe('The file of pairs.'),
      layout: z.enum(['lfw', 'table']).exactOptional().describe("lfw: LFW's pairs.txt. Default table."),
      far: far('0.1, 0.01, 1e-3'),
      scoreNorm: scoreNorm(z.number().gt(0).max(1).describe('Share of the classes that no pair shows.')),
      ...resampling,
    }),
    z.strictObject({
      type: z.literal('lists'),
      gallery: z.string().min(1).describe('A file, one image a line.'),
      probes: z.string().min(1).describe('A file, one image a line.'),
      ranks,
      ...alarms,
      ...mates,
      ...resampling,
    }),
  ])
}
