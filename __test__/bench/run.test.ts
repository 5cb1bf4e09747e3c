import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import test from 'ava'
import { engine } from '../../src/native/engine.js'
import { temporary } from '../train/tinyRun.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const source = (name: string) => readFile(join(root, `bench/${name}.mjs`), 'utf8')

interface Bench {
  readonly title: string
  readonly about: string
  readonly bench: unknown
}
const module = (name: string): Promise<Bench> => import(pathToFileURL(join(root, `bench/${name}.mjs`)).href)

/** What each bench needs beside npair, by name. */
async function table(): Promise<Record<string, string[]>> {
  return (await import(pathToFileURL(join(root, 'bench/benches.mjs')).href)).benches
}

test('every bench is in the table, with what it needs, and what it starts is there', async (t) => {
  const benches = await table()
  const files = (await readdir(join(root, 'bench'))).filter((file) => file.endsWith('.mjs'))
  const names = files.map((file) => file.slice(0, -'.mjs'.length))
  const texts = new Map(await Promise.all(names.map(async (name) => [name, await source(name)] as const)))
  const found = names.filter((name) => texts.get(name)?.includes('export async function bench('))
  t.deepEqual(found.sort(), Object.keys(benches).sort())
  for (const name of found) {
    const text = texts.get(name) as string
    const python = /\bpython(Contestant)?\b[^']*\} from '\.\/contestant\.mjs'/.test(text)
    const cargo = text.includes("from './examples.mjs'")
    t.deepEqual(benches[name], [...(python ? ['python'] : []), ...(cargo ? ['cargo'] : [])], name)
    const scripts = [...text.matchAll(/'(?:pytorch\/)?(\w+\.py)'/g)].map(([, script]) => `bench/pytorch/${script}`)
    t.is(scripts.length > 0, python, name)
    const examples = [...text.matchAll(/buildExamples\('(\w+)'\)/g)].map(
      ([, file]) => `crates/engine/examples/${file}.rs`,
    )
    t.is(examples.length > 0, cargo, name)
    for (const file of [...scripts, ...examples]) t.true(existsSync(join(root, file)), `${name} starts ${file}`)
  }
})

test('every bench can be imported: what it takes from npair is there', async (t) => {
  for (const name of Object.keys(await table())) {
    const { title, about, bench } = await module(name)
    t.regex(title, /^[A-Z]/, name)
    t.regex(about, /\.$/, name)
    t.is(typeof bench, 'function', name)
  }
})

test('the benches that need neither Python nor cargo run, without looking for either, and write nothing', async (t) => {
  const needs = Object.entries(await table())
  const alone = needs.filter(([, needed]) => needed.length === 0).map(([name]) => name)
  t.log(`imported only: ${needs.flatMap(([name, { length }]) => (length > 0 ? [name] : [])).join(', ')}`)
  const folder = await temporary(t)
  for (const program of ['python3', 'cargo']) {
    await writeFile(join(folder, program), '#!/bin/sh\nexit 1\n')
    await chmod(join(folder, program), 0o755)
  }
  const { NPAIR_BENCH_PYTHON: _, ...inherited } = process.env
  const env = { ...inherited, PATH: `${folder}${delimiter}${process.env.PATH}` }
  const before = await readFile(join(root, 'docs/benchmarks.md'), 'utf8')
  const args = [join(root, 'bench/run.mjs'), '--tiny', ...alone]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { env })
  for (const name of alone) {
    const { title } = await module(name)
    const [, after = ''] = stdout.split(`\n${title}\n\n`)
    t.regex(after, /^\| .+ \|\n\| --- .*\|\n\| .+ \|\n/, name)
  }
  t.notRegex(stderr, /Python/)
  t.is(await readFile(join(root, 'docs/benchmarks.md'), 'utf8'), before)
})

test('a search says the most memory that its own process held, and may not take more than it is allowed', async (t) => {
  const { threads } = await (await engine()).environment()
  const search = (most: number) => {
    const one = JSON.stringify({ kind: 'pairs', count: 100, size: 8, threads, most })
    return promisify(execFile)(process.execPath, [join(root, 'bench/search.mjs'), one])
  }
  const { row } = JSON.parse((await search(2e9)).stdout)
  // Node.js and libtorch are in it: what was there before is not taken off.
  t.true(row['peak memory, MB'] > 80 && row['peak memory, MB'] < 1000, JSON.stringify(row))
  const error = await t.throwsAsync(search(1e6))
  t.regex(error?.message ?? '', /pairs, 8 numbers each: \d+ bytes of memory, more than 1000000/)
})

test('a bench that is not there', async (t) => {
  const error = await t.throwsAsync(promisify(execFile)(process.execPath, [join(root, 'bench/run.mjs'), 'serach']))
  t.regex(error?.message ?? '', /There is no bench serach; there are: train-step, /)
})
