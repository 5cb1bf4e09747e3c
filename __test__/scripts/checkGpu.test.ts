import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'

const root = fileURLToPath(new URL('../..', import.meta.url))
const needed = ['dist', 'bin', 'libtorch.json', 'package.json', 'scripts/check-gpu.mjs', 'scripts/check-gpu']
const addons = readdirSync(join(root, 'src/native')).filter((name) => name.endsWith('.node'))

interface Check {
  ok?: boolean
  skipped?: string
  error?: string
  losses?: number[]
  rows?: unknown[]
}

// A machine with a GPU may have nothing but Node.js, a libtorch and these files.
test('the check of a GPU runs where nothing is installed', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'npair-check-gpu-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  for (const path of [...needed, ...addons.map((name) => join('src/native', name))])
    cpSync(join(root, path), join(folder, path), { recursive: true })
  const bytes = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
  t.true(bytes < 64 * 2 ** 20, `${bytes} bytes`)

  const { NODE_OPTIONS: _, ...env } = process.env
  const options = { encoding: 'utf8', timeout: 240_000, env, cwd: folder } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/check-gpu.mjs', '--tiny'], options)
  t.is(status, 0, stderr)
  const report = JSON.parse(stdout)
  const checks = report.checks as Record<string, Check>
  for (const [name, { ok, skipped, error }] of Object.entries(checks)) t.not(ok, false, `${name}: ${error ?? skipped}`)
  for (const name of ['conv4 in float32', 'casiaNet in float32']) {
    t.true(checks[name]?.ok, name)
    t.is(checks[name]?.losses?.length, 3)
  }
  t.is(checks['loss steps']?.rows?.length, 1)
  t.is(checks.PyTorch?.skipped, 'bench/ is not here')
  if (report.device === 'cpu') t.truthy(checks['a GPU']?.skipped)
})
