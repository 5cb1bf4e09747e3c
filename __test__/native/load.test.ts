import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { findLibtorch } from '../../src/native/find.js'
import { loadAddon, loadedAddon } from '../../src/native/load.js'
import { makeLibtorch } from './fakeLibtorch.js'
import { temporaryFolder } from './temporaryFolder.js'

// Before anything is loaded: what libtorch sees of it then holds for the process.
process.env.CUDA_VISIBLE_DEVICES = ''

test('what is loaded is what was found, and it is loaded once', async (t) => {
  t.is(loadedAddon(), undefined)
  const [one, two] = await Promise.all([loadAddon(), loadAddon()])
  t.is(one, two)
  t.is(await loadAddon(), one)
  const { root, source } = await findLibtorch()
  t.like(loadedAddon()?.libtorch, { root, source })
  t.regex(loadedAddon()?.addon ?? '', /\/src\/native\/npair\.linux-x64-gnu\.node$/)
  if (process.env.OMP_WAIT_POLICY === undefined) t.is(process.env.GOMP_SPINCOUNT, '1000')
})

test('with all devices hidden the CUDA part is left closed, and the reason is known', async (t) => {
  await loadAddon()
  const { libtorch, withoutCuda } = loadedAddon() ?? {}
  const reasons =
    /computes on the CPU only .*--device cuda|there is no NVIDIA driver|CUDA_VISIBLE_DEVICES hides every device/
  t.regex(withoutCuda ?? '', reasons)
  t.is(/CPU only/.test(withoutCuda ?? ''), libtorch?.variant === 'cpu')
})

test('an installed package finds its addon in the package of the platform, and says so if that is missing', (t) => {
  const folder = temporaryFolder(t)
  const write = (path: string, text: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  // The published package holds no src/native: copy dist alone.
  const dist = new URL('../../dist', import.meta.url).pathname
  spawnSync('cp', ['-r', dist, new URL('../../libtorch.json', import.meta.url).pathname, folder])
  write('package.json', '{ "type": "module", "version": "0.1.0" }')
  const env = { PATH: folder, NPAIR_LIBTORCH: makeLibtorch(join(folder, 'libtorch')) }
  const run = () => {
    const code = `import('./dist/native/load.js').then((m) => m.loadAddon()).catch((error) => console.log(error.code, error.message))`
    return spawnSync(process.execPath, ['-e', code], { cwd: folder, encoding: 'utf8', env }).stdout
  }
  t.is(
    run(),
    'ADDON_LOAD npair.linux-x64-gnu.node is neither in src/native nor in the package npair-linux-x64-gnu. In a checkout run `npm run prepare:all`; else install npair again, with optional dependencies.\n',
  )
  for (const name of ['npair', 'npair-loader'])
    write(
      `node_modules/npair-linux-x64-gnu/${name}.linux-x64-gnu.node`,
      'not a library, but long enough to be looked at',
    )
  t.regex(
    run(),
    /^ADDON_LOAD The addon does not load: \S+npair-loader\.linux-x64-gnu\.node: file too short\. `npx npair doctor` says more\.\n$/,
  )
})
