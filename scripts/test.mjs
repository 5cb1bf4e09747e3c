// Runs every check one after the other and ends with one line that adds them up: `N passed, N failed, N skipped`.
// `npm test -- ava cargo` runs only the steps whose names begin so.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The file that a package's command is, so that nothing depends on PATH. */
function bin(name, command = name) {
  const folder = join(root, 'node_modules', name)
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return join(folder, typeof bin === 'string' ? bin : bin[command])
}

/** @returns {Promise<{ code: number | null, text: string }>} everything that the command said, both streams in one */
function capture(command, args, onLine = () => {}) {
  return new Promise((done) => {
    const child = spawn(command, args, {
      ...{ cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
      env: { ...process.env, FORCE_COLOR: '0', CARGO_TERM_COLOR: 'never' },
    })
    let text = ''
    let line = ''
    const take = (chunk) => {
      text += chunk
      const lines = (line + chunk).split('\n')
      line = lines.pop()
      for (const whole of lines) onLine(whole)
    }
    child.stdout.setEncoding('utf8').on('data', take)
    child.stderr.setEncoding('utf8').on('data', take)
    child.on('error', (error) => done({ code: null, text: error.message }))
    child.on('close', (code) => done({ code, text }))
  })
}

const node = (...args) => capture(process.execPath, args)
const asOne = ({ code, text }) => ({
  passed: code === 0 ? 1 : 0,
  failed: code === 0 ? 0 : 1,
  skipped: 0,
  report: code === 0 ? '' : text,
})

async function clippy() {
  if ((await capture('cargo', ['clippy', '--version'])).code !== 0)
    return { passed: 0, failed: 0, skipped: 1, report: 'cargo clippy is not installed here' }
  // `--tests` passes over the two addons, whose crates have nothing that cargo could run; `--lib` brings them in.
  const what = ['--release', '--target', await triple(), '--workspace', '--lib', '--tests']
  return asOne(await capture('cargo', ['clippy', '--quiet', ...what, '--', '-D', 'warnings']))
}

/** The addon is built for this target too, so that tch is compiled once. */
async function triple() {
  const { text } = await capture('rustc', ['-vV'])
  return /^host: (.*)$/m.exec(text)?.[1] ?? 'x86_64-unknown-linux-gnu'
}

async function cargoTest() {
  const packages = ['npair-torch-ext', 'npair-engine'].flatMap((name) => ['-p', name])
  const { code, text } = await capture('cargo', [
    'test',
    '--release',
    '--no-fail-fast',
    '--target',
    await triple(),
    ...packages,
  ])
  const sum = (what) =>
    [...text.matchAll(new RegExp(`^test result: .* (\\d+) ${what}`, 'gm'))].reduce((n, m) => n + Number(m[1]), 0)
  const counts = { passed: sum('passed'), failed: sum('failed'), skipped: sum('ignored') }
  // It did not compile, a test binary died, or nothing was found.
  if (counts.failed === 0 && (code !== 0 || counts.passed === 0)) counts.failed = 1
  const failures = [...text.matchAll(/^failures:\n\n([\s\S]*?)^failures:$/gm)].map(([, details]) => details.trim())
  return { ...counts, report: counts.failed === 0 ? '' : failures.join('\n\n') || text }
}

/** Reads ava's own report: its TAP reporter dies of a test file that exits, and takes the other results with it. */
async function ava() {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const report = []
  const take = (line) => {
    if (/^ +✔ /.test(line)) counts.passed++
    else if (/^ +- \[(skip|todo)\]/.test(line)) counts.skipped++
    else {
      // A failed test, or a file that timed out, exited or holds no test; the exit itself comes with its own line.
      if (/^ +✘ (?!Exiting due to)/.test(line)) counts.failed++
      if (!/^ +ℹ /.test(line)) report.push(line)
    }
    if (process.stdout.isTTY) process.stdout.write(`\r  ava: ${counts.passed} passed, ${counts.failed} failed`)
  }
  const { code, text } = await capture(process.execPath, [bin('ava')], take)
  if (process.stdout.isTTY) process.stdout.write(`\r${' '.repeat(40)}\r`)
  if (counts.failed === 0 && (code !== 0 || counts.passed === 0)) {
    counts.failed = 1
    return { ...counts, report: text.split('\n').slice(-60).join('\n') }
  }
  return { ...counts, report: counts.failed === 0 ? '' : report.join('\n').trim() }
}

const steps = {
  'biome: lint and format': async () =>
    asOne(await node(bin('@biomejs/biome', 'biome'), 'check', '--colors=off', '--max-diagnostics=none', '.')),
  'types: every test, public API, options equal to their schemas': async () =>
    asOne(await node(bin('typescript', 'tsc'), '-p', 'tsconfig.test.json', '--pretty', 'false')),
  'stale: index.d.ts': async () => asOne(await node('scripts/api.mjs', '--check')),
  'stale: JSON Schemas of configs': async () => asOne(await node('scripts/schema.mjs', '--check')),
  'cargo fmt': async () => asOne(await capture('cargo', ['fmt', '--all', '--', '--check'])),
  'cargo clippy': clippy,
  'cargo test': cargoTest,
  ava,
}

const wanted = process.argv.slice(2)
const total = { passed: 0, failed: 0, skipped: 0 }
for (const [name, run] of Object.entries(steps)) {
  if (wanted.length > 0 && !wanted.some((prefix) => name.startsWith(prefix))) continue
  const start = performance.now()
  const { passed, failed, skipped, report } = await run()
  total.passed += passed
  total.failed += failed
  total.skipped += skipped
  const counts = [`${passed} passed`, failed && `${failed} failed`, skipped && `${skipped} skipped`]
    .filter(Boolean)
    .join(', ')
  console.log(`${failed ? 'FAIL' : 'ok  '} ${name}: ${counts} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
  if (report) console.log(`${report.trimEnd()}\n`)
}
if (wanted.length > 0 && total.passed + total.failed + total.skipped === 0) {
  console.log(`No step begins with ${wanted.join(' or ')}; there are: ${Object.keys(steps).join('; ')}`)
  total.failed = 1
}
process.exitCode = total.failed > 0 ? 1 : 0
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
