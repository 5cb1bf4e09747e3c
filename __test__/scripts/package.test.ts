import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import { findLibtorch } from '../../src/native/find.js'
import { temporaryFolder } from '../native/temporaryFolder.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Both packages as npm packs and unpacks them, in the node_modules of a folder elsewhere. */
function install(t: ExecutionContext): { folder: string; packed: Record<string, string[]> } {
  const folder = temporaryFolder(t)
  const made = join(folder, 'packages')
  execFileSync(process.execPath, [join(root, 'scripts/package.mjs'), made], { encoding: 'utf8' })
  const modules = join(folder, 'app/node_modules')
  mkdirSync(modules, { recursive: true })
  const packed: Record<string, string[]> = {}
  for (const name of readdirSync(made)) {
    const args = ['pack', join(made, name), '--json', '--pack-destination', folder]
    const npm = execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    const [{ filename, files }] = JSON.parse(npm) as [{ filename: string; files: { path: string }[] }]
    packed[name] = files.map(({ path }) => path)
    mkdirSync(join(modules, name))
    execFileSync('tar', ['-xzf', join(folder, filename), '-C', join(modules, name), '--strip-components=1'])
  }
  // What npm would fetch.
  const dependencies = JSON.parse(readFileSync(join(modules, 'npair/package.json'), 'utf8')).dependencies
  for (const name of Object.keys(dependencies)) {
    mkdirSync(join(modules, name, '..'), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
  return { folder: join(folder, 'app'), packed }
}

test('what is published can be imported, trains, judges and finds its addon in the package of the platform', async (t) => {
  const { folder, packed } = install(t)
  t.deepEqual(packed['npair-linux-x64-gnu']?.sort(), [
    ...['LICENSE', 'NOTICE.md', 'npair-loader.linux-x64-gnu.node', 'npair.linux-x64-gnu.node', 'package.json'],
  ])
  const files = packed.npair ?? []
  for (const needed of ['dist/index.js', 'dist/cli/main.js', 'dist/native/probe.js', 'index.d.ts', 'bin/npair.mjs'])
    t.true(files.includes(needed), needed)
  t.deepEqual(
    files.filter((file) => /^(?:src|crates|__test__|node_modules)\/|\.node$/.test(file)),
    [],
  )
  const env = { ...process.env, NPAIR_CACHE: join(folder, 'cache'), NPAIR_LIBTORCH: (await findLibtorch()).root }
  const run = (args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8' })
    t.is(status, 0, `${args.join(' ')}\n${stdout}${stderr}`)
    return stdout
  }
  writeFileSync(
    join(folder, 'program.mjs'),
    `import { datasets, metrics, nets, NPairError, train } from 'npair'
const data = await datasets.characters({ size: 16, alphabets: 2, characters: 8, drawings: 4 })
const options = { net: nets.conv4({ width: 4 }), batch: { pairs: 8 }, steps: 2, device: 'cpu', output: 'run' }
const run = await train({ ...options, data })
const wrong = await train({ ...options, data, steps: 0 }).catch((error) => error)
console.log(JSON.stringify({ step: run.last?.step, named: wrong instanceof NPairError && wrong.option }))`,
  )
  t.deepEqual(JSON.parse(run(['program.mjs'])), { step: 2, named: 'steps' })
  const npair = 'node_modules/npair/bin/npair.mjs'
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  t.is(run([npair, '--version']).trim(), version)
  const { load, problem } = JSON.parse(run([npair, 'doctor', '--json']))
  t.is(problem, null)
  t.regex(load.addon, /app\/node_modules\/npair-linux-x64-gnu\/npair\.linux-x64-gnu\.node$/)
  t.regex(run([npair, 'conformance']), /of \d+/)
  // An SVG is drawn by a program beside the library.
  writeFileSync(
    join(folder, 'a.svg'),
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0L9 9"/></svg>',
  )
  t.regex(run([npair, 'embed', 'run', 'a.svg', '--output', 'rows.npy']), /rows\.txt/)
})
