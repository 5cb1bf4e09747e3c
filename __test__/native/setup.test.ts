import { existsSync, readdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { findLibtorch } from '../../src/native/find.js'
import { planSetup, type SetupProgress, setup } from '../../src/native/setup.js'
import { callsTo, makeFetcher } from './fakeFetcher.js'
import { filesBelow, wheelsOf, withContent, withWheels } from './fakeLibtorch.js'
import { forCpu, forCuda, header, setUp, wheelPath, workplace } from './setupWorkplace.js'
import { throwsError } from './throwsError.js'

test('pip: fetches by name, version and hash, keeps what the CPU needs, is found, and is done once', async (t) => {
  const { wheels, cache, programs, env, manifest } = workplace(t, undefined)
  makeFetcher(programs, 'pip3', { from: wheels })
  const seen: SetupProgress[] = []
  const result = await setup({ env, manifest, onProgress: (progress) => seen.push(progress) })
  t.false(result.already)
  t.deepEqual(setUp(cache), [...forCpu].sort())
  t.true(filesBelow(cache).includes('libtorch-2.11.0-cpu/torch-2.11.0.dist-info/licenses/LICENSE'))
  t.true(filesBelow(cache).includes('libtorch-2.11.0-cpu/nvidia_cuda_cupti-13.0.85.dist-info/License.txt'))
  t.is((await findLibtorch({ env, manifest })).root, result.libtorch.root)
  t.is(result.libtorch.variant, 'cpu')

  const calls = callsTo(programs, 'pip3')
  t.is(calls.length, 3)
  const torch = calls.find((args) => args.includes('cp312'))?.join(' ') ?? ''
  t.regex(
    torch,
    /^download --no-deps --only-binary=:all: --require-hashes -r \S+ -d \S+ --implementation cp --python-version 3\.12 --abi cp312 --platform manylinux_2_28_x86_64 --no-cache-dir/,
  )
  for (const doing of ['fetch', 'verify', 'unpack'])
    t.is(new Set(seen.filter((p) => p.doing === doing).map(({ what }) => what)).size, 3, doing)
  t.true(seen.every(({ done, total }) => done <= total))

  const again = await setup({ env, manifest })
  t.true(again.already)
  t.is(callsTo(programs, 'pip3').length, 3)
})

test('cuda takes more wheels and more of torch; headers only where they are wanted', async (t) => {
  const { wheels, cache, env, manifest } = workplace(t)
  const { libtorch } = await setup({ env, manifest, from: wheels, device: 'cuda', headers: true })
  t.is(libtorch.variant, 'cuda')
  t.deepEqual(setUp(cache), [...forCuda, header].sort())
})

test('a cache without headers is replaced where they are wanted, and not the other way round', async (t) => {
  const { wheels, cache, env, manifest } = workplace(t)
  await setup({ env, manifest, from: wheels })
  t.false((await setup({ env, manifest, from: wheels, headers: true })).already)
  t.deepEqual(setUp(cache), [...forCpu, header].sort())
  t.true((await setup({ env, manifest, from: wheels })).already)
})

test('a damaged cache is set up anew', async (t) => {
  const { wheels, cache, env, manifest } = workplace(t)
  const { libtorch } = await setup({ env, manifest, from: wheels })
  truncateSync(join(libtorch.root, 'lib/libtorch_cpu.so'), 4096)
  t.false((await setup({ env, manifest, from: wheels })).already)
  t.deepEqual(setUp(cache), [...forCpu].sort())
  t.is((await findLibtorch({ env, manifest })).source, 'cache')
})

test('uv: unpacks itself, and only what is needed is kept', async (t) => {
  const { packages, cache, programs, env, manifest } = workplace(t)
  makeFetcher(programs, 'uv', { from: packages })
  await setup({ env, manifest })
  t.deepEqual(setUp(cache), [...forCpu].sort())
  const [args = []] = callsTo(programs, 'uv')
  t.regex(args.join(' '), /^pip install --no-deps --only-binary :all: --require-hashes -r \S+ --target \S+ /)
})

test('neither pip nor uv: both are named, with the way around', async (t) => {
  const { cache, env, manifest } = workplace(t)
  await throwsError(t, 'SETUP_FAILED', () => setup({ env, manifest }), /^Neither pip nor uv runs here.*--from FOLDER/)
  t.deepEqual(readdirSync(cache), [])
})

test('a setup that is stopped before it fetches does not begin', async (t) => {
  const { wheels, cache, programs, env, manifest } = workplace(t)
  makeFetcher(programs, 'pip3', { from: wheels })
  await throwsError(t, 'ABORTED', () => setup({ env, manifest, signal: AbortSignal.abort() }))
  t.false(existsSync(join(programs, 'pip3.calls')))
  await throwsError(t, 'ABORTED', () => setup({ env, manifest, from: wheels, signal: AbortSignal.abort() }))
  t.deepEqual(readdirSync(cache), [])
})

test('wheels too large for the disk are told before any is fetched', async (t) => {
  const { wheels, cache, programs, env, manifest } = workplace(t)
  makeFetcher(programs, 'pip3', { from: wheels })
  const huge = withWheels(
    manifest,
    wheelsOf(manifest).map((wheel) => ({ ...wheel, bytes: 1e18 })),
  )
  await throwsError(t, 'SETUP_FAILED', () => setup({ env, manifest: huge }), /setup needs 2000000000000 MB there/)
  t.false(existsSync(join(programs, 'pip3.calls')))
  t.deepEqual(readdirSync(cache), [])
})

test('a cache that cannot be written is named', async (t) => {
  const { folder, wheels, manifest, env } = workplace(t)
  const file = join(folder, 'file')
  writeFileSync(file, '')
  for (const NPAIR_CACHE of [file, join(file, 'cache')]) {
    const run = () => setup({ env: { ...env, NPAIR_CACHE }, manifest, from: wheels })
    const { message } = await throwsError(t, 'SETUP_FAILED', run, /Set NPAIR_CACHE to a folder that can be written\.$/)
    t.true(message.startsWith(`Setup cannot write to ${NPAIR_CACHE}: `), message)
  }
})

test('a plan touches nothing and tells what is there', async (t) => {
  const { wheels, cache, env, manifest } = workplace(t, { says: 'must not be called' })
  const plan = planSetup({ env, manifest })
  t.like(plan, { version: '2.11.0', device: 'cpu', ready: false, folder: join(cache, 'libtorch-2.11.0-cpu') })
  t.is(plan.wheels.length, 3)
  t.is(planSetup({ env, manifest, device: 'cuda' }).wheels.length, 4)
  t.deepEqual(planSetup({ env, manifest, from: wheels }).wheels, [])
  t.false(existsSync(cache))
  await setup({ env, manifest, from: wheels })
  t.true(planSetup({ env, manifest }).ready)
  t.false(planSetup({ env, manifest, headers: true }).ready)
  t.true(planSetup({ env, manifest, from: '/no/longer/there' }).ready)
})

test('a wrong device is an option error', async (t) => {
  const options = JSON.parse('{ "device": "gpu" }')
  for (const run of [planSetup, setup])
    await throwsError(
      t,
      'INVALID_OPTION',
      () => run(options),
      /^Expected 'cpu' or 'cuda' for device but received 'gpu'/,
    )
})

test('a wheel with a path that leads outside is refused', async (t) => {
  const { folder, wheels, cache, env, manifest } = workplace(t)
  const { zipOf } = await import('./zipFile.js')
  const evil = zipOf([
    { path: 'torch/version.py', data: '' },
    { path: '../../evil.txt', data: 'evil' },
  ])
  const changed = withWheels(
    manifest,
    wheelsOf(manifest).map((wheel) => (wheel.name === 'torch' ? withContent(wheel, evil) : wheel)),
  )
  writeFileSync(wheelPath(wheels, manifest, 'torch'), evil)
  await throwsError(t, 'SETUP_FAILED', () => setup({ env, manifest: changed, from: wheels }), /invalid relative path/)
  t.deepEqual(readdirSync(cache), [])
  t.false(filesBelow(folder).some((path) => path.includes('evil')))
})
