import { Embeddings } from '../embeddings.js'
import { create } from '../losses/create.js'
import type { Loss } from '../losses/loss.js'
import { type Vector, vectors } from './vectors.js'

/** A vector and what came of it. */
export interface Conformed {
  readonly vector: Vector
  readonly precision: 'float64' | 'float32'
  readonly got: number
  /** Largest error of value and gradient: of values over 1 relative, else absolute. */
  readonly error: number
  readonly tolerance: number
  readonly holds: boolean
}

/** What ten digits after the point allow. */
const digits = 6e-11

/** Computes every vector in both precisions through the engine. */
export async function conform(): Promise<Conformed[]> {
  const results: Conformed[] = []
  for (const vector of vectors)
    for (const precision of ['float64', 'float32'] as const) results.push(await run(vector, precision))
  return results
}

async function run(vector: Vector, precision: 'float64' | 'float32'): Promise<Conformed> {
  const loss: Loss = create(vector.loss)
  const [size, flat] = [vector.rows[0]?.length ?? 1, vector.rows.flat()]
  const { value, gradient } =
    precision === 'float64'
      ? told(vector, await loss.compute({ data: Float64Array.from(flat), size }, vector.labels))
      : told(vector, await loss.compute(new Embeddings(Float32Array.from(flat), size), vector.labels))
  const off = (x: number, expected: number) => Math.abs(x - expected) / Math.max(1, Math.abs(expected))
  const numbers = gradient instanceof Embeddings ? gradient.data : gradient
  const errors = [off(value, vector.expected), ...(vector.gradient ?? []).map((x, i) => off(numbers[i] as number, x))]
  const error = errors.every(Number.isFinite) ? Math.max(...errors) : Number.NaN
  const tolerance = precision === 'float64' ? digits : 2e-6
  return { vector, precision, got: value, error, tolerance, holds: error <= tolerance }
}

function told<G>(
  { term }: Vector,
  { loss, terms, gradient }: { loss: number; terms: Readonly<Record<string, number>>; gradient: G },
): { value: number; gradient: G } {
  return { value: term === undefined ? loss : (terms[term] ?? Number.NaN), gradient }
}

/** A table for people. */
export function conformanceTable(results: readonly Conformed[]): string {
  const lines = results.map(({ vector, precision, got, error, holds }) => [
    ...[holds ? 'ok' : 'MISS', vector.id, vector.loss.type, precision],
    ...[vector.expected.toFixed(10), got.toFixed(10), error.toExponential(1), vector.source],
  ])
  const rows = [['', 'vector', 'loss', 'precision', 'expected', 'got', 'error', 'source'], ...lines]
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => (row[i] as string).length))) ?? []
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] as number))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
