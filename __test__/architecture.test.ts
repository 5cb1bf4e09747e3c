import { readdirSync, readFileSync } from 'node:fs'
import { dirname, normalize, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'

const src = fileURLToPath(new URL('../src', import.meta.url))

/** The folders of src from the lowest up, as docs/architecture.md has them: a folder uses its own level and those before it. */
const levels = [
  ['native', 'files'],
  ['config', 'nets', 'losses', 'sampling', 'mining', 'metrics'],
  ['data'],
  ['model'],
  ['retrieval'],
  ['protocols'],
  ['train', 'conformance'],
  ['compare'],
  ['report'],
  ['cli'],
]

const levelOf = (folder: string) => levels.findIndex((level) => level.includes(folder))

/** What a file takes in when it runs: types are gone by then. */
function imports(file: string): string[] {
  const text = readFileSync(resolve(src, file), 'utf8')
  const found = [...text.matchAll(/^(?:import(?! type )|export)[^;']*? from '(\.[^']+)'|import\('(\.[^']+)'\)/gm)]
  return found.map(([, fixed, late]) => normalize(`${dirname(file)}/${fixed ?? late}`).replace(/\.js$/, ''))
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((name) => relative('.', name))
  .filter((name) => name.includes('/') && name.endsWith('.ts') && !name.endsWith('.d.ts'))

test('every folder uses its own level and lower ones alone', (t) => {
  t.deepEqual(
    [...new Set(files.map((name) => name.split('/')[0]))].filter((folder) => levelOf(folder as string) < 0),
    [],
  )
  const edges = files.flatMap((file) => imports(file).map((used) => [file, used] as const))
  // The scan sees what there is: nearly every file takes something in.
  t.true(edges.length > 500, String(edges.length))
  const upwards = edges.filter(([file, used]) => {
    const [from, to] = [file, used].map((path) => (path.includes('/') ? (path.split('/')[0] as string) : undefined))
    return from !== undefined && to !== undefined && levelOf(to) > levelOf(from)
  })
  t.deepEqual(
    upwards.map((edge) => edge.join(' ')),
    [],
  )
})

test('no file takes itself in by way of others', (t) => {
  const used = new Map(files.map((name) => [name.replace(/\.ts$/, ''), imports(name)]))
  // What takes in nothing that is left is in no circle: without it, circles remain and what uses them.
  for (let before = 0; before !== used.size; ) {
    before = used.size
    for (const [file, others] of used) if (!others.some((other) => used.has(other))) used.delete(file)
  }
  t.deepEqual([...used.keys()], [])
})
