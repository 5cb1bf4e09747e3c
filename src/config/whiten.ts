/**
 * Within-class covariance normalisation (WCCN, Hatch et al. 2006), fitted once training is over: a linear layer `whitening` at the
 * end of the model, f ↦ L⁻¹(f − μ), after which examples of one class differ by the same amount in every direction.
 * LLᵀ = Sw + shrinkage · tr(Sw)/d · I, with μ the mean and Sw the covariance about the mean of their class of the embeddings of
 * all training images, every view of an image (mirrored, shifted) counting as one.
 */
export interface WhitenOptions {
  /** Weight of the identity, > 0, relative to the mean variance: large leaves the embeddings as they are. Default 0.2. */
  readonly shrinkage?: number
}

/** Whitening with nothing left to defaults. */
export type Whiten = Required<WhitenOptions>

/** What stands for options left out. */
export const whitenDefaults: Whiten = { shrinkage: 0.2 }
