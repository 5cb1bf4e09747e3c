// `npm run bench [-- NAME…]`: makes the Python environment that benches compare with, where one asked for does, runs them one after the other, prints
// their tables and writes them to docs/benchmarks.md. A Python that NPAIR_BENCH_PYTHON names is taken as it is. `--tiny` only tries whether the benches run, and writes nothing.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { benches } from './benches.mjs'
import { peers, python } from './contestant.mjs'

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url))

function pythonEnvironment() {
  // Whoever names a Python has put into it what the benches need: nothing is installed there.
  if (process.env.NPAIR_BENCH_PYTHON !== undefined) return
  const requirements = readFileSync(path('bench/requirements.txt'))
  const stamp = path('.cache/bench/requirements.sha256')
  const hash = createHash('sha256').update(requirements).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return
  console.error('Making a Python environment with PyTorch in .cache/bench (2.5 GB, some minutes) …')
  mkdirSync(path('.cache'), { recursive: true })
  if (!existsSync(python)) execFileSync('python3', ['-m', 'venv', path('.cache/bench')], { stdio: 'inherit' })
  const install = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '-r',
    path('bench/requirements.txt'),
  ]
  execFileSync(python, install, { stdio: 'inherit' })
  writeFileSync(stamp, hash)
}

const table = (rows) => {
  const columns = Object.keys(rows[0])
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [line(columns), line(columns.map(() => '---')), ...rows.map((row) => line(columns.map((c) => row[c])))].join(
    '\n',
  )
}

/** Replaces the section of a bench in docs/benchmarks.md, or adds it. */
function record(name, { title, about }, rows, threads) {
  const file = path('docs/benchmarks.md')
  const head =
    '# Speed\n\nEvery table is written by `npm run bench`, which runs npair and PyTorch in turns on the same machine; ' +
    '`npm run bench -- NAME` runs one.\n'
  const before = existsSync(file) ? readFileSync(file, 'utf8') : head
  const { version } = JSON.parse(readFileSync(path('package.json'), 'utf8'))
  const where =
    `${[`${cpus()[0].model}, ${threads} threads`, `Node.js ${process.versions.node}`, `npair ${version}`, ...peers].join(', ')}, ` +
    `${new Date().toISOString().slice(0, 10)}: \`npm run bench -- ${name}\``
  const section = `<!-- ${name} -->\n## ${title}\n\n${about}\n\n${table(rows)}\n\n${where}\n<!-- end of ${name} -->\n`
  const old = new RegExp(`<!-- ${name} -->[\\s\\S]*<!-- end of ${name} -->\\n`)
  writeFileSync(file, old.test(before) ? before.replace(old, () => section) : `${before.trimEnd()}\n\n${section}`)
}

const tiny = process.argv.includes('--tiny')
const wanted = process.argv.slice(2).filter((argument) => argument !== '--tiny')
const names = Object.keys(benches)
const unknown = wanted.filter((name) => !names.includes(name))
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}; there are: ${names.join(', ')}`)
  process.exit(2)
}
const asked = wanted.length > 0 ? wanted : names
if (asked.some((name) => benches[name].includes('python'))) pythonEnvironment()
const threads = availableParallelism()
for (const name of asked) {
  const module = await import(`./${name}.mjs`)
  peers.clear()
  const rows = await module.bench({ threads, tiny })
  console.log(`\n${module.title}\n\n${table(rows)}`)
  if (!tiny) record(name, module, rows, threads)
}
