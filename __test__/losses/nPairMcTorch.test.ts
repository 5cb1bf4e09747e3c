import { readFile } from 'node:fs/promises'
import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import type { NPairMcOptions } from '../../src/losses/nPairMc.js'
import { formula } from './formula.js'
import { close, loss, relative } from './pairBatch.js'

interface Case {
  readonly n: number
  readonly d: number
  readonly options: NPairMcOptions
  readonly nPairMc: number
  readonly l2: number
  readonly norm: number
  readonly probes: readonly number[]
  readonly first: readonly number[]
  readonly last: readonly number[]
}

const path = new URL('../fixtures/nPairMc.json', import.meta.url)
const { source, cases } = JSON.parse(await readFile(path, 'utf8')) as { source: string; cases: Case[] }

/** The formula's embeddings: anchors, then positives that are their anchors, moved a little. */
function rows(n: number, d: number): Float64Array {
  const [anchors, moved] = [formula(1, n * d), formula(2, n * d)]
  return Float64Array.from([...anchors.map((x) => 4 * x), ...anchors.map((x, i) => 4 * x + (moved[i] as number))])
}

/** Root mean square of the probes' errors, as a share of the gradient's norm: what ‖got − expected‖ / ‖expected‖ is on average. */
function gradientError(gradient: ArrayLike<number>, { norm, probes }: Case): number {
  const squares = probes.map((expected, k) => {
    const probe = formula(1000 + k, gradient.length)
    const product = probe.reduce((sum, x, i) => sum + x * (gradient[i] as number), 0)
    return (Math.sqrt(12) * product - expected) ** 2
  })
  return Math.sqrt(squares.reduce((a, b) => a + b) / squares.length) / norm
}

const off = (got: number | undefined, expected: number) =>
  Math.abs((got ?? Number.NaN) - expected) / Math.max(1e-300, Math.abs(expected))

for (const [index, one] of cases.entries())
  test(`${source}: ${index}, N = ${one.n}, D = ${one.d}, ${JSON.stringify(one.options)}`, async (t) => {
    const { n, d, options } = one
    const labels = Array.from({ length: 2 * n }, (_, i) => i % n)
    const data = rows(n, d)
    const double = await loss(options).compute({ data, size: d }, labels)
    // The cross-entropy itself keeps no more than 1e-15 of its logits.
    t.true(close(double.loss, one.nPairMc + one.l2, 1e-13 + 1e-12 * one.nPairMc))
    t.true(close(double.terms.nPairMc ?? Number.NaN, one.nPairMc, 1e-13 + 1e-12 * one.nPairMc))
    t.true(one.l2 === 0 ? double.terms.l2 === 0 : off(double.terms.l2, one.l2) < 1e-12)
    t.true(gradientError(double.gradient, one) < 1e-11)
    t.true(relative(double.gradient.subarray(0, d), one.first) < 1e-10)
    t.true(relative(double.gradient.subarray(-d), one.last) < 1e-10)

    const single = await loss(options).compute(new Embeddings(Float32Array.from(data), d), labels)
    t.true(off(single.loss, one.nPairMc + one.l2) < 1e-5, `${off(single.loss, one.nPairMc + one.l2)}`)
    t.true(gradientError(single.gradient.data, one) < 1e-5, `${gradientError(single.gradient.data, one)}`)
  })
