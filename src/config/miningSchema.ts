import { refreshes, scores } from '../mining/hardNegativeClasses.js'
import type { ZodLibrary } from './check.js'

/** Mining by type; a miner of one's own is a function, which no file holds. */
export function miningSchema(z: ZodLibrary) {
  return z.strictObject({
    type: z.literal('hardNegativeClasses'),
    candidates: z.int().min(2).describe('C: classes drawn at random, among which is chosen.'),
    imagesPerClass: z
      .literal([1, 2])
      .exactOptional()
      .describe('Embedded of each candidate; 1 only with similarity. Default 2.'),
    score: z.enum(scores).exactOptional().describe('How much a class violates the constraint. Default hingeSum.'),
    refresh: z.enum(refreshes).exactOptional().describe('Images embedded anew, or running means. Default embed.'),
    every: z.int().min(1).exactOptional().describe('Steps that one draw of candidates is used for. Default 1.'),
    decay: z.number().min(0).lt(1).exactOptional().describe('Share of a running mean that stays. Default 0.5.'),
  })
}
