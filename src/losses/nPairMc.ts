import { requireBoolean, requireNames, requireNumber, requireWord } from '../config/require.js'
import { Embeddings } from '../embeddings.js'
import { invalidOption } from '../errors.js'
import { engine } from '../native/engine.js'
import type { DoubleEmbeddings, Labels, Loss, LossValue } from './loss.js'
import { pairRows } from './pairRows.js'

/** Options of {@link nPairMc}. */
export interface NPairMcOptions {
  /** λ ≥ 0 of the penalty on squared norms, see `l2Convention`. Default 5e-3. */
  readonly l2?: number
  /**
   * What λ multiplies; published implementations differ by these factors:
   * `sum`: mean‖f‖² + mean‖f⁺‖²; `mean`: the mean of ‖·‖² over all 2N embeddings, half of `sum`; `quarter`: a quarter of
   * `sum`, as TensorFlow's and Paddle's `npairs_loss`. Default `sum`.
   */
  readonly l2Convention?: 'sum' | 'mean' | 'quarter'
  /** τ > 0: inner products are divided by it. Default 1, as in the paper. */
  readonly temperature?: number
  /** Compare embeddings of length 1 (the penalty stays on the raw ones). Default false, as in the paper. */
  readonly normalize?: boolean
}

/** The plan of {@link nPairMc}: all options resolved. */
export interface NPairMcPlan extends Required<NPairMcOptions> {
  readonly type: 'nPairMc'
}

/** The multi-class N-pair loss: its plan, and `compute`. */
export interface NPairMc extends NPairMcPlan, Loss {
  readonly type: 'nPairMc'
}

/** The `l2Convention` options. */
export const l2Conventions = ['sum', 'mean', 'quarter'] as const

/**
 * The multi-class N-pair loss (Sohn, NIPS 2016): with N anchors fᵢ and their positives fᵢ⁺, all of different classes,
 *
 *   L = 1/N Σᵢ log(1 + Σ_{j≠i} exp((fᵢᵀfⱼ⁺ − fᵢᵀfᵢ⁺)/τ)) + λ · (1/N Σᵢ ‖fᵢ‖² + 1/N Σᵢ ‖fᵢ⁺‖²)
 *
 * Not symmetric: anchors ask, positives answer. One pair alone has no negatives and costs nothing but the penalty.
 *
 * `compute(embeddings, labels)` takes 2N rows in any order and each label exactly twice; the label's first row is the
 * anchor, its second the positive. Terms: `nPairMc` and `l2`, which add up to `loss`. float32 in, float32 gradient
 * out; `{ data: Float64Array, size }` is computed in float64.
 *
 * @throws NPairError `INVALID_OPTION`
 */
export function nPairMc(options: NPairMcOptions = {}): NPairMc {
  requireNames('', options, ['l2', 'l2Convention', 'temperature', 'normalize'])
  const { l2 = 5e-3, l2Convention = 'sum', temperature = 1, normalize = false } = options
  requireNumber('l2', l2, '>= 0', (x) => x >= 0)
  requireWord('l2Convention', l2Convention, l2Conventions)
  requireNumber('temperature', temperature, '> 0', (x) => x > 0)
  requireBoolean('normalize', normalize)
  const plan: NPairMcPlan = { type: 'nPairMc', l2, l2Convention, temperature, normalize }
  return withCompute(plan)
}

/** Frozen; `compute` does not show when the plan is written, compared or spread. */
function withCompute(plan: NPairMcPlan): NPairMc {
  const json = JSON.stringify(plan)
  function evaluate(embeddings: Embeddings, labels: Labels): Promise<LossValue<Embeddings>>
  function evaluate(embeddings: DoubleEmbeddings, labels: Labels): Promise<LossValue<Float64Array>>
  async function evaluate(
    embeddings: Embeddings | DoubleEmbeddings,
    labels: Labels,
  ): Promise<LossValue<Embeddings> | LossValue<Float64Array>> {
    if (typeof embeddings !== 'object' || embeddings === null)
      throw invalidOption('embeddings', 'an object', embeddings)
    const { data, size } = embeddings
    if (!(data instanceof Float32Array || data instanceof Float64Array))
      throw invalidOption('embeddings', 'Embeddings or { data: Float64Array, size }', embeddings)
    if (!Number.isInteger(size) || size < 1 || data.length % size !== 0)
      throw invalidOption('embeddings.size', `a divisor of the ${data.length} numbers in data`, size)
    const order = pairRows(labels, data.length / size)
    const { loss, terms, gradient } = await (await engine()).lossCompute(json, gather(data, size, order), size)
    const back = scatter(gradient, size, order)
    if (back instanceof Float64Array) return { loss, terms, gradient: back }
    return { loss, terms, gradient: new Embeddings(back, size) }
  }
  return Object.freeze(Object.defineProperty({ ...plan, compute: evaluate }, 'compute', { enumerable: false }))
}

/** Row i of the result is row `order[i]` of `rows`. */
function gather<A extends Float32Array | Float64Array>(
  rows: A,
  size: number,
  order: Int32Array,
): Float32Array | Float64Array {
  const gathered = rows.slice()
  order.forEach((from, to) => {
    gathered.set(rows.subarray(from * size, (from + 1) * size), to * size)
  })
  return gathered
}

/** Row `order[i]` of the result is row i of `rows`. */
function scatter<A extends Float32Array | Float64Array>(
  rows: A,
  size: number,
  order: Int32Array,
): Float32Array | Float64Array {
  const scattered = rows.slice()
  order.forEach((to, from) => {
    scattered.set(rows.subarray(from * size, (from + 1) * size), to * size)
  })
  return scattered
}
