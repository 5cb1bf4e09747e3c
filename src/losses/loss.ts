import type { Embeddings } from '../embeddings.js'

/** Embeddings in double precision, for proofs: `data` is row-major `[count, size]`. */
export interface DoubleEmbeddings {
  readonly data: Float64Array
  readonly size: number
}

/** Labels of rows: equal ones are of one class. */
export type Labels = ArrayLike<number> | readonly string[]

/** What a loss gives: its value, the parts that it is the sum of, and where the embeddings should move away from. */
export interface LossValue<G> {
  /** Sum of the terms. */
  readonly loss: number
  /** Each with its weight. */
  readonly terms: Readonly<Record<string, number>>
  /** ∂loss/∂embeddings, row for row as the embeddings came. */
  readonly gradient: G
}

/** A loss: plain data, and beside it (not enumerable, so that plans hold the data alone) how to compute it. */
export interface Loss {
  readonly type: string
  compute(embeddings: Embeddings, labels: Labels): Promise<LossValue<Embeddings>>
  compute(embeddings: DoubleEmbeddings, labels: Labels): Promise<LossValue<Float64Array>>
}
