import { readdirSync, readFileSync } from 'node:fs'
import test from 'ava'
import { definitions } from '../../src/metrics/definitions.js'
import * as metrics from '../../src/metrics/metrics.js'

const namespace = metrics as Record<string, unknown>

test('a definition is of a public function, and has its line, with its version, in docs/metrics.md', (t) => {
  const docs = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')
  const lines = docs.split('\n').flatMap((line) => [...line.matchAll(/^\| `(\w+)` \|.*\| (\d+) \|$/g)])
  t.deepEqual(
    Object.fromEntries(lines.map(([, name, version]) => [name, Number(version)])),
    Object.fromEntries(Object.entries(definitions).map(([name, { version }]) => [name, version])),
  )
  for (const [name, { text }] of Object.entries(definitions)) {
    t.is(typeof namespace[name], 'function', name)
    t.regex(text, /^[A-Z].*\.$/, name)
  }
})

test('every function of src/metrics stands in the namespace, but the dot product', (t) => {
  const folder = new URL('../../src/metrics/', import.meta.url)
  for (const file of readdirSync(folder))
    for (const [, name] of readFileSync(new URL(file, folder), 'utf8').matchAll(/^export function\*? (\w+)/gm))
      t.is(typeof namespace[name as string], name === 'dot' ? 'undefined' : 'function', name)
})
