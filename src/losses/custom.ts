import { requireNames } from '../config/require.js'
import { Embeddings } from '../embeddings.js'
import { invalidOption, NPairError } from '../errors.js'
import { requireLabels } from './arrangement.js'
import { checkEmbeddings, hidden } from './compute.js'
import type { DoubleEmbeddings, Labels, LossValue } from './loss.js'

/** What a loss of one's own returns. */
export interface CustomValue {
  readonly loss: number
  /** ∂loss/∂embeddings, row for row: as many numbers as the embeddings have. */
  readonly gradient: Float64Array | Float32Array
  /** Parts of the loss to be told; `l2` goes into the metrics as the penalty. */
  readonly terms?: Readonly<Record<string, number>>
}

/** Options of {@link custom}. */
export interface CustomOptions {
  /**
   * Value and gradient.
   *
   * @param embeddings - float64, whatever the run's precision
   * @param labels - one a row; in a run the class numbers of the data
   */
  compute(embeddings: DoubleEmbeddings, labels: ArrayLike<number>): CustomValue | Promise<CustomValue>
}

/** The plan of {@link custom}: that there is a function. */
export interface CustomPlan {
  readonly type: 'custom'
}

/** A loss of one's own: its plan, `compute`, and the function. */
export interface Custom extends CustomPlan {
  compute(embeddings: Embeddings, labels: Labels): Promise<LossValue<Embeddings>>
  compute(embeddings: DoubleEmbeddings, labels: Labels): Promise<LossValue<Float64Array>>
}

/**
 * A loss of one's own, in TypeScript. It trains: each step goes forward in the engine, comes here with its embeddings, and
 * goes back with the gradient. What it throws ends the run. A run with one is resumed by giving it again.
 *
 * @throws NPairError `INVALID_OPTION`
 */
export function custom(options: CustomOptions): Custom {
  requireNames('', options as unknown, ['compute'])
  if (typeof options.compute !== 'function') throw invalidOption('compute', 'a function', options.compute)
  function compute(embeddings: Embeddings, labels: Labels): Promise<LossValue<Embeddings>>
  function compute(embeddings: DoubleEmbeddings, labels: Labels): Promise<LossValue<Float64Array>>
  async function compute(
    embeddings: Embeddings | DoubleEmbeddings,
    labels: Labels,
  ): Promise<LossValue<Embeddings> | LossValue<Float64Array>> {
    const { data, size } = checkEmbeddings(embeddings)
    requireLabels(labels, data.length / size)
    const double = { data: Float64Array.from(data), size }
    const value = checkValue(await options.compute(double, labels as ArrayLike<number>), data.length)
    const { loss, terms = {}, gradient } = value
    if (data instanceof Float64Array) return { loss, terms, gradient: Float64Array.from(gradient) }
    return { loss, terms, gradient: new Embeddings(Float32Array.from(gradient), size) }
  }
  return hidden({ type: 'custom' as const }, { compute })
}

/** @throws NPairError `INVALID_OPTION` where a function returned no value of a loss */
function checkValue(value: unknown, numbers: number): CustomValue {
  const { loss, gradient } = (typeof value === 'object' && value !== null ? value : {}) as Partial<CustomValue>
  const what = 'loss.compute(…)'
  if (typeof loss !== 'number') throw invalidOption(what, 'to return { loss, gradient } with a number loss', loss)
  if (!(gradient instanceof Float64Array || gradient instanceof Float32Array))
    throw invalidOption(what, 'to return { loss, gradient } with a Float64Array gradient', gradient)
  if (gradient.length !== numbers)
    throw new NPairError(
      'INVALID_OPTION',
      `Expected a gradient of ${numbers} numbers, as many as the embeddings have, from ${what} but received ${gradient.length}`,
      { option: what },
    )
  return value as CustomValue
}
