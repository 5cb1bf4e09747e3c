import type { Dataset } from '../data/dataset.js'
import type { Embeddings } from '../embeddings.js'
import type { Views } from '../model/views.js'
import type { EvaluationResult } from './result.js'

/** What can turn a dataset into embeddings: a model, a trainer, or a baseline. */
export interface Embedder {
  /** @returns `[dataset.length, d]`, row i the embedding of `dataset.images[i]` */
  embedDataset(dataset: Dataset): Promise<Embeddings>
  /** What it sees an image in, for results to say; a model has it. */
  readonly views?: Views
}

/** The part of a protocol that is plain data: `type` and its resolved options. */
export interface ProtocolPlan {
  readonly type: string
}

/** What a model did on each item of a protocol: what two models are compared by. */
export interface Outcomes {
  /** What `values` are, for example `queries with Recall@1`. */
  readonly label: string
  /** `[n]` value of each item, larger = better; 1 right, 0 wrong where it can only be that. */
  readonly values: ArrayLike<number>
  /** `[n]` class of each item. */
  readonly identities: ArrayLike<number>
  /** `[n]` class of the other image, where items are pairs. */
  readonly others?: ArrayLike<number>
}

/**
 * A named judgement: data, and what is computed from the embeddings of it. Whoever writes their own gives these three;
 * everything random in it must follow from the plan, so that the same embeddings give the same figures.
 */
export interface Protocol<Plan extends ProtocolPlan = ProtocolPlan> {
  /** Frozen, plain JSON. */
  readonly plan: Plan
  readonly dataset: Dataset
  /** Images besides those that are judged: whoever judges embeds them, too, and gives their embeddings. */
  readonly cohort?: Dataset
  /** @param embeddings - `[dataset.length, d]`, row i the embedding of `dataset.images[i]` */
  judge(embeddings: Embeddings, cohort?: Embeddings): EvaluationResult | Promise<EvaluationResult>
  /** The headline item by item, so that models can be compared on the same items. Left out where there is no such thing. */
  outcomes?(embeddings: Embeddings, cohort?: Embeddings): Outcomes | Promise<Outcomes>
}
