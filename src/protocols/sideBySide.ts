import type { Dataset } from '../data/dataset.js'
import type { Embeddings } from '../embeddings.js'
import { type Comparison, compare } from './compare.js'
import { evaluate } from './evaluate.js'
import type { Embedder, Protocol } from './protocol.js'
import type { EvaluationResult } from './result.js'

/** Two models judged by one protocol. */
export interface SideBySide {
  readonly first: EvaluationResult
  readonly second: EvaluationResult
  /** Missing where the protocol has no items to compare on. */
  readonly comparison?: Comparison
}

/** Judges one model, or two on the same items. */
export async function judge(
  first: Embedder,
  second: Embedder | undefined,
  protocol: Protocol,
): Promise<EvaluationResult | SideBySide> {
  if (second === undefined) return evaluate(first, protocol)
  const [one, other] = [remembering(first), remembering(second)]
  const results = { first: await evaluate(one, protocol), second: await evaluate(other, protocol) }
  return protocol.outcomes === undefined ? results : { ...results, comparison: await compare(one, other, protocol) }
}

/** Which model is better, or why nobody says. */
export function verdict({ comparison }: SideBySide): string {
  return comparison?.sentence ?? 'This protocol has no items to compare the models on.'
}

/** Embeds a dataset once, however many protocols ask. */
export function remembering(embedder: Embedder): Embedder {
  const made = new Map<Dataset, Promise<Embeddings>>()
  return {
    ...(embedder.views && { views: embedder.views }),
    embedDataset(dataset) {
      const known = made.get(dataset) ?? embedder.embedDataset(dataset)
      made.set(dataset, known)
      return known
    },
  }
}
