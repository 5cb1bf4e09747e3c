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

/** Judges one model, or two on the same items; each embeds once. */
export async function judge(
  first: Embedder,
  second: Embedder | undefined,
  protocol: Protocol,
): Promise<EvaluationResult | SideBySide> {
  if (second === undefined) return evaluate(first, protocol)
  const [one, other] = [
    once(await first.embedDataset(protocol.dataset)),
    once(await second.embedDataset(protocol.dataset)),
  ]
  const results = { first: await evaluate(one, protocol), second: await evaluate(other, protocol) }
  return protocol.outcomes === undefined ? results : { ...results, comparison: await compare(one, other, protocol) }
}

function once(embeddings: Awaited<ReturnType<Embedder['embedDataset']>>): Embedder {
  return { embedDataset: async () => embeddings }
}
