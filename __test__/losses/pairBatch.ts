import { Embeddings } from '../../src/embeddings.js'
import type { DoubleEmbeddings, Labels } from '../../src/losses/losses.js'
import { nPairMc } from '../../src/losses/losses.js'
import type { NPairMcOptions } from '../../src/losses/nPairMc.js'
import { Random } from '../../src/random.js'

/** Without the penalty unless asked for. */
export const loss = (options: NPairMcOptions = {}) => nPairMc({ l2: 0, ...options })

/** [anchors; positives] as float64 embeddings, labels 0 … N−1 twice. */
export function double(anchors: number[][], positives: number[][]) {
  const rows = [...anchors, ...positives]
  const labels = rows.map((_, i) => i % anchors.length)
  return [{ data: Float64Array.from(rows.flat()), size: anchors[0]?.length ?? 1 }, labels] as const
}

export const close = (a: number, b: number, tolerance: number) => Math.abs(a - b) <= tolerance

/** Random rows whose own pairs have the inner product `own` and the others a spread about 0. */
export function randomPairs(n: number, d: number, seed: number, own?: number): [number[][], number[][]] {
  const random = new Random(seed, 'report')
  const rows = () => Array.from({ length: n }, () => Array.from({ length: d }, () => random.normal()))
  const [f, g] = [rows(), rows()]
  if (own !== undefined)
    f.forEach((row, i) => {
      // A positive is its anchor with a little noise, scaled to the inner product wanted.
      const other = row.map((x, k) => x + 0.3 * ((g[i] as number[])[k] as number))
      const product = row.reduce((sum, x, k) => sum + x * (other[k] as number), 0)
      const scale = Math.sqrt(own / product)
      f[i] = row.map((x) => x * scale)
      g[i] = other.map((x) => x * scale)
    })
  return [f, g]
}

export function normOf(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += (values[i] as number) ** 2
  return Math.sqrt(sum)
}

/** ‖a − b‖ / ‖b‖ */
export function relative(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return normOf(Array.from(a, (x, i) => x - (b[i] as number))) / normOf(b)
}

/** What any loss gives, with its gradient flat. */
export interface AnyValue {
  readonly loss: number
  readonly terms: Readonly<Record<string, number>>
  readonly gradient: Float32Array | Float64Array
  readonly parameterGradients?: Readonly<Record<string, Float32Array | Float64Array>>
}

/** Computes a loss of any kind: `parameters` are those of its own, if it has some. */
export async function computeAny(
  any: { readonly type: string },
  embeddings: Embeddings | DoubleEmbeddings,
  labels: Labels,
  parameters: Readonly<Record<string, Float32Array | Float64Array>> = {},
): Promise<AnyValue> {
  const { compute } = any as unknown as {
    compute(...args: unknown[]): Promise<AnyValue & { gradient: Embeddings | Float64Array }>
  }
  const value = await compute(embeddings, labels, parameters)
  const { gradient } = value
  return { ...value, gradient: gradient instanceof Embeddings ? gradient.data : gradient }
}
