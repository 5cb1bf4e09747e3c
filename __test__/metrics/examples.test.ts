import { readdirSync, readFileSync } from 'node:fs'
import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'

// The literal examples of the docstrings in src/metrics, each run: `@example CALL // VALUE`, VALUE possibly on the next line.
// And each function's formula: a line of its own in the description, code with an equation in it.
const folder = new URL('../../src/metrics/', import.meta.url)
const files = readdirSync(folder).filter((name) => name.endsWith('.ts'))
const pattern = /@example (.+?)\s*(?:\n \* )?\/\/ (.+)/g
const documented = /\/\*\*\n((?: \*(?!\/).*\n)+) \*\/\nexport function\*? (\w+)/g
const formula = /^ \* `[^`]*\S = \S[^`]*`$/m

const plain = (value: unknown): unknown => {
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]))
  return typeof value === 'number' ? Number(value.toPrecision(12)) : value
}

for (const file of files) {
  const source = readFileSync(new URL(file, folder), 'utf8')
  const exported = [...source.matchAll(/^export function/gm)].length
  const examples = [...source.matchAll(pattern)]
  const docstrings = [...source.matchAll(documented)]
  test(`${file}: every function has an example that holds`, async (t) => {
    t.is(examples.length, exported)
    const modules = await Promise.all(files.map((name) => import(new URL(name, folder).href)))
    const scope: Record<string, unknown> = Object.assign({ Embeddings }, ...modules)
    const run = (code: string) => new Function(...Object.keys(scope), `return (${code})`)(...Object.values(scope))
    for (const [, call, value] of examples)
      t.deepEqual(plain(run(call as string)), plain(run((value as string).replace(/^Float64Array /, ''))), call)
  })
  test(`${file}: every function's docstring has its own example, and its formula in a line`, (t) => {
    t.is(docstrings.length, exported)
    for (const [, text, name] of docstrings) {
      const [description = '', ...tags] = (text as string).split(/^ \* (?=@)/m)
      const own = tags.filter((tag) => tag.startsWith('@example '))
      t.is(own.length, 1, name)
      t.regex(own[0] ?? '', new RegExp(`\\b${name}\\(`), name)
      t.regex(description, formula, name)
    }
  })
}
