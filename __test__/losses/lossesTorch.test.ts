import { readFile } from 'node:fs/promises'
import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { create, type LossOptions } from '../../src/losses/losses.js'
import { formula } from './formula.js'
import { computeAny, relative } from './pairBatch.js'

interface Case {
  readonly name: string
  readonly loss: LossOptions
  readonly rows: number
  readonly d: number
  readonly scale: number
  readonly labels: readonly number[]
  /** Number of the formula, scale, shape */
  readonly parameters: Readonly<Record<string, readonly [number, number, readonly number[]]>>
  readonly value: number
  readonly gradient: readonly number[]
  readonly parameterGradients: Readonly<Record<string, readonly number[]>>
}

const path = new URL('../fixtures/losses.json', import.meta.url)
const { source, cases } = JSON.parse(await readFile(path, 'utf8')) as { source: string; cases: Case[] }

for (const { name, loss, rows, d, scale, labels, ...one } of cases)
  test(`${source}: ${loss.type}, ${JSON.stringify(loss)}: ${name}`, async (t) => {
    const data = formula(1, rows * d).map((x) => scale * x)
    const parameters = Object.fromEntries(
      Object.entries(one.parameters).map(([key, [k, by, shape]]) => [
        key,
        formula(
          k,
          shape.reduce((a, b) => a * b),
        ).map((x) => by * x),
      ]),
    )
    const double = await computeAny(create(loss), { data, size: d }, labels, parameters)
    t.true(Math.abs(double.loss - one.value) <= 1e-12 * Math.max(1, one.value), `${double.loss} ${one.value}`)
    t.true(relative(double.gradient, one.gradient) < 1e-11, `${relative(double.gradient, one.gradient)}`)
    for (const [key, expected] of Object.entries(one.parameterGradients))
      t.true(relative(double.parameterGradients?.[key] ?? [], expected) < 1e-11, key)

    const floats = Object.fromEntries(Object.entries(parameters).map(([key, x]) => [key, Float32Array.from(x)]))
    const single = await computeAny(create(loss), new Embeddings(Float32Array.from(data), d), labels, floats)
    t.true(Math.abs(single.loss - one.value) <= 2e-5 * Math.max(1, one.value), `${single.loss} ${one.value}`)
    t.true(relative(single.gradient, one.gradient) < 1e-4, `float32: ${relative(single.gradient, one.gradient)}`)
  })
