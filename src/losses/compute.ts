import { Embeddings } from '../embeddings.js'
import { invalidOption, NPairError } from '../errors.js'
import { engine } from '../native/engine.js'
import type { Arrangement } from './arrangement.js'
import { forEngine } from './forEngine.js'
import type {
  DoubleEmbeddings,
  Labels,
  Loss,
  LossParameters,
  LossValue,
  ParametricLoss,
  ParametricLossValue,
} from './loss.js'

type Numbers = Float32Array | Float64Array

/**
 * A plan with its `compute`: frozen, and `compute` does not show when the plan is written, compared or spread.
 *
 * @param arrange - checks the labels of so many rows, and says how the engine wants them
 */
export function withCompute<P extends { readonly type: string }>(
  plan: P,
  arrange: (labels: Labels, count: number) => Arrangement,
): P & Loss {
  const json = JSON.stringify(forEngine(plan))
  function compute(embeddings: Embeddings, labels: Labels): Promise<LossValue<Embeddings>>
  function compute(embeddings: DoubleEmbeddings, labels: Labels): Promise<LossValue<Float64Array>>
  async function compute(
    embeddings: Embeddings | DoubleEmbeddings,
    labels: Labels,
  ): Promise<LossValue<Embeddings> | LossValue<Float64Array>> {
    const { data, size } = checkEmbeddings(embeddings)
    const arrangement = arrange(labels, data.length / size)
    const { loss, terms, gradient } = await evaluate(json, data, size, arrangement, [])
    if (gradient instanceof Float64Array) return { loss, terms, gradient }
    return { loss, terms, gradient: new Embeddings(gradient, size) }
  }
  return hidden(plan, { compute })
}

/** The same for a loss that has parameters of its own, by these names. */
export function withParameters<P extends { readonly type: string }>(
  plan: P,
  names: readonly string[],
  arrange: (labels: Labels, count: number) => Arrangement,
): P & ParametricLoss {
  const json = JSON.stringify(plan)
  function compute(
    embeddings: Embeddings,
    labels: ArrayLike<number>,
    parameters: LossParameters<Float32Array>,
  ): Promise<ParametricLossValue<Embeddings, Float32Array>>
  function compute(
    embeddings: DoubleEmbeddings,
    labels: ArrayLike<number>,
    parameters: LossParameters<Float64Array>,
  ): Promise<ParametricLossValue<Float64Array, Float64Array>>
  async function compute(
    embeddings: Embeddings | DoubleEmbeddings,
    labels: ArrayLike<number>,
    parameters: LossParameters<Numbers>,
  ): Promise<ParametricLossValue<Embeddings, Float32Array> | ParametricLossValue<Float64Array, Float64Array>> {
    const { data, size } = checkEmbeddings(embeddings)
    const given = names.map((name) => {
      const values: unknown = (parameters as Partial<LossParameters<Numbers>> | undefined)?.[name]
      const same = data instanceof Float64Array ? values instanceof Float64Array : values instanceof Float32Array
      if (!same) throw invalidOption(`parameters.${name}`, `a ${data.constructor.name}`, values)
      return values as Numbers
    })
    const arrangement = arrange(labels, data.length / size)
    const value = await evaluate(json, data, size, arrangement, given)
    const { loss, terms, gradient } = value
    const named = Object.fromEntries(names.map((name, i) => [name, value.parameters[i] as Numbers]))
    if (gradient instanceof Float64Array)
      return { loss, terms, gradient, parameterGradients: named as Record<string, Float64Array> }
    const single = named as Record<string, Float32Array>
    return { loss, terms, gradient: new Embeddings(gradient, size), parameterGradients: single }
  }
  return hidden(plan, { compute })
}

/** Frozen, with methods that are not enumerable. */
export function hidden<P extends object, M extends object>(plan: P, methods: M): P & M {
  const described = Object.entries(methods).map(([name, value]) => [name, { value, enumerable: false }])
  return Object.freeze(Object.defineProperties({ ...plan }, Object.fromEntries(described))) as P & M
}

async function evaluate(json: string, data: Numbers, size: number, arrangement: Arrangement, parameters: Numbers[]) {
  const { order, labels, offsets = new Int32Array() } = arrangement
  const rows = order ? gather(data, size, order) : data
  const value = await (await engine()).lossCompute(json, rows, size, labels, offsets, parameters)
  return { ...value, gradient: order ? scatter(value.gradient, size, order) : value.gradient }
}

/** @throws NPairError `INVALID_OPTION` where these are no embeddings, or not finite */
export function checkEmbeddings(embeddings: unknown): { data: Numbers; size: number } {
  if (typeof embeddings !== 'object' || embeddings === null) throw invalidOption('embeddings', 'an object', embeddings)
  const { data, size } = embeddings as Partial<DoubleEmbeddings | Embeddings>
  if (!(data instanceof Float32Array || data instanceof Float64Array))
    throw invalidOption('embeddings', 'Embeddings or { data: Float64Array, size }', embeddings)
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 1 || data.length % size !== 0)
    throw invalidOption('embeddings.size', `a divisor of the ${data.length} numbers in data`, size)
  const bad = data.findIndex((x) => !Number.isFinite(x))
  if (bad >= 0)
    throw new NPairError(
      'INVALID_OPTION',
      `Expected finite numbers for embeddings but received ${data[bad]} in row ${Math.floor(bad / size)}`,
      { option: 'embeddings' },
    )
  return { data, size }
}

/** Row i of the result is row `order[i]` of `rows`. */
function gather(rows: Numbers, size: number, order: Int32Array): Numbers {
  const gathered = rows.slice()
  order.forEach((from, to) => {
    gathered.set(rows.subarray(from * size, (from + 1) * size), to * size)
  })
  return gathered
}

/** Row `order[i]` of the result is row i of `rows`. */
function scatter(rows: Numbers, size: number, order: Int32Array): Numbers {
  const scattered = rows.slice()
  order.forEach((to, from) => {
    scattered.set(rows.subarray(from * size, (from + 1) * size), to * size)
  })
  return scattered
}
