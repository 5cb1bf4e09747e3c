import type { Embeddings } from '../embeddings.js'

/** Embeddings in double precision, for proofs: `data` is row-major `[count, size]`. */
export interface DoubleEmbeddings {
  readonly data: Float64Array
  readonly size: number
}

/** Labels of rows: equal ones are of one class. Where a loss says so, a row may have several: a list of lists. */
export type Labels = ArrayLike<number> | readonly string[] | readonly (readonly (number | string)[])[]

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

/** Parameters of a loss by name, row-major: `weight` `[classes, size]`, `bias` `[classes]`, `proxies` `[classes, size]`. */
export type LossParameters<A extends Float32Array | Float64Array> = Readonly<Record<string, A>>

/** What a loss with parameters of its own gives. */
export interface ParametricLossValue<G, A extends Float32Array | Float64Array> extends LossValue<G> {
  /** ∂loss/∂parameters, by the same names. */
  readonly parameterGradients: LossParameters<A>
}

/**
 * A loss with parameters of its own. In a run they are drawn from the seed, trained by the run's optimiser and kept in its
 * checkpoints, but they are no part of the model; alone, they are given.
 */
export interface ParametricLoss {
  readonly type: string
  /** @param labels - integers in [0, classes): rows of the parameters */
  compute(
    embeddings: Embeddings,
    labels: ArrayLike<number>,
    parameters: LossParameters<Float32Array>,
  ): Promise<ParametricLossValue<Embeddings, Float32Array>>
  compute(
    embeddings: DoubleEmbeddings,
    labels: ArrayLike<number>,
    parameters: LossParameters<Float64Array>,
  ): Promise<ParametricLossValue<Float64Array, Float64Array>>
}
