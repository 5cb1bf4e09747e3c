import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { findLibtorch } from '../../src/native/find.js'
import type { Manifest } from '../../src/native/manifest.js'
import { planSetup, type SetupProgress, setup } from '../../src/native/setup.js'
import { type Behaviour, callsTo, makeFetcher, untilItHangs } from './fakeFetcher.js'
import { filesBelow, makeLibtorch, makeWheels, wheelsOf, withContent, withWheels } from './fakeLibtorch.js'
import { temporaryFolder } from './temporaryFolder.js'
import { throwsError } from './throwsError.js'

const forCpu = [
  'nvidia/cu13/lib/libcudart.so.13',
  'nvidia/cu13/lib/libcupti.so.13',
  ...['libc10.so', 'libgomp.so.1', 'libtorch.so', 'libtorch_cpu.so'].map((name) => `torch/lib/${name}`),
  'torch/version.py',
]
const forCuda = [
  ...[...forCpu, 'nvidia/cu13/lib/libcublas.so.13'],
  ...['c10_cuda', 'caffe2_nvrtc', 'torch_cuda', 'torch_cuda_linalg', 'torch_nvshmem'].map(
    (x) => `torch/lib/lib${x}.so`,
  ),
]
const header = 'torch/include/torch/csrc/api/include/torch/torch.h'

/** Packages, the wheels made of them, an empty cache, and a machine with nothing on it but what `behaviour` says of pip. */
function workplace(t: ExecutionContext, behaviour?: Behaviour, { without }: { without?: RegExp } = {}) {
  const folder = temporaryFolder(t)
  const [packages, wheels, cache, programs] = ['packages', 'wheels', 'cache', 'bin'].map((x) => join(folder, x)) as [
    ...[string, string, string, string],
  ]
  makeLibtorch(packages)
  const manifest = makeWheels(packages, wheels, without)
  if (behaviour) makeFetcher(programs, 'pip3', behaviour)
  const env = { NPAIR_CACHE: cache, PATH: programs, HOME: folder }
  return { folder, packages, wheels, cache, programs, env, manifest }
}

/** What lies in the one folder of the cache, without licences and record; empty where there is none. */
function setUp(cache: string): string[] {
  const [name, ...more] = existsSync(cache) ? readdirSync(cache) : []
  if (name === undefined) return []
  if (more.length > 0) throw new Error(`the cache holds more: ${[name, ...more].join()}`)
  return filesBelow(join(cache, name)).filter((path) => !/dist-info\/|npair-setup\.json/.test(path))
}

const wheelPath = (wheels: string, manifest: Manifest, name: string) =>
  join(wheels, wheelsOf(manifest).find((wheel) => wheel.name === name)?.file ?? '')

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

const unreachable = `WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f11da6f7110>: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')': /simple/torch/
ERROR: Could not find a version that satisfies the requirement torch==2.11.0 (from versions: none)
ERROR: No matching distribution found for torch==2.11.0`
const otherHash = `ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated the package versions, please update the hashes. Otherwise, examine the package contents carefully; someone may have tampered with them.
    torch==2.11.0 from file:///w/torch-2.11.0-py3-none-any.whl:
        Expected sha256 0f68
             Got        fcab`
const uvUnreachable = `  × Failed to fetch: \`torch\`
  ├─▶ error sending request
  ├─▶ client error (Connect)
  ├─▶ dns error: failed to lookup address information: Temporary failure in name resolution`
const uvNone = `  × No solution found when resolving dependencies:
  ╰─▶ Because there is no version of torch==2.11.0 and you require torch==2.11.0, we can conclude that your requirements are unsatisfiable.`
const uvHash = `  × Failed to download \`torch==2.11.0\`
  ╰─▶ Hash mismatch for \`torch==2.11.0\``

for (const [title, program, says, message] of [
  [
    'pip, no network',
    'pip3',
    unreachable,
    /^pip could not get \S+ \S+: ERROR: No matching distribution found for torch==2\.11\.0\. Check the network, the proxy and pip's settings, or bring the wheels/,
  ],
  ['pip, another hash', 'pip3', otherHash, /^\S+\.whl as pip gets it has another SHA-256 than [0-9a-f]{64}\./],
  [
    'pip, disk full',
    'pip3',
    'ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device',
    /^The disk is full, so \S+ \S+ could not be fetched\. Free some space, or set NPAIR_CACHE/,
  ],
  [
    'pip, anything else',
    'pip3',
    'ERROR: Could not find an activated virtualenv (required).\n',
    /^pip failed to fetch \S+ \S+: ERROR: Could not find an activated virtualenv \(required\)\.\. Put that right/,
  ],
  ['pip, nothing', 'pip3', '', /^pip failed to fetch \S+ \S+: it said nothing\. Put that right/],
  [
    'uv, no network',
    'uv',
    uvUnreachable,
    /^uv could not get \S+ \S+: .*Check the network, the proxy and uv's settings/,
  ],
  ['uv, no such version', 'uv', uvNone, /^uv could not get \S+ \S+: × No solution found/],
  ['uv, another hash', 'uv', uvHash, /^\S+\.whl as uv gets it has another SHA-256/],
] as const)
  test(`a fetch that fails: ${title}`, async (t) => {
    const { cache, programs, env, manifest } = workplace(t)
    makeFetcher(programs, program, { says })
    const error = await throwsError(t, 'SETUP_FAILED', () => setup({ env, manifest }), message)
    t.is(error.detail?.trim(), says.trim())
    t.deepEqual(readdirSync(cache), [])
  })

test('a wheel that pip passed, damaged on the way to the disk, is refused here', async (t) => {
  const { wheels, cache, programs, env, manifest } = workplace(t)
  makeFetcher(programs, 'pip3', { from: wheels })
  const program = join(programs, 'pip3')
  // The fetcher flips a byte after it has checked the hash.
  const text = readFileSync(program, 'utf8').replace(
    /copyFileSync\(path, .*/,
    (copy) => `${copy}
  const copied = into + '/' + file, bytes = readFileSync(copied)
  bytes[100] ^= 1
  writeFileSync(copied, bytes)`,
  )
  writeFileSync(program, text)
  await throwsError(t, 'SETUP_FAILED', () => setup({ env, manifest }), /\.whl has the SHA-256 [0-9a-f]{64} instead of/)
  t.deepEqual(readdirSync(cache), [])
})

test('a fetch that hangs ends when it is stopped, without waiting for what it has started', async (t) => {
  const { cache, programs, env, manifest } = workplace(t, 'hangs')
  const controller = new AbortController()
  const running = setup({ env, manifest, signal: controller.signal })
  const [fetcher, started] = await untilItHangs(programs)
  controller.abort()
  const error = await throwsError(t, 'ABORTED', () => running)
  t.is(error.name, 'AbortError')
  t.throws(() => process.kill(fetcher, 0), { code: 'ESRCH' })
  // It still holds the fetcher's streams open.
  t.notThrows(() => process.kill(started))
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

test('--from the wheel itself, with the others beside it', async (t) => {
  const { wheels, cache, env, manifest } = workplace(t)
  await setup({ env, manifest, from: wheelPath(wheels, manifest, 'torch') })
  t.deepEqual(setUp(cache), [...forCpu].sort())
})

test('--from a folder that lacks a wheel names it before anything is unpacked', async (t) => {
  const { wheels, cache, env, manifest } = workplace(t)
  rmSync(wheelPath(wheels, manifest, 'nvidia-cuda-cupti'))
  const seen: SetupProgress[] = []
  const run = () => setup({ env, manifest, from: wheels, onProgress: (progress) => seen.push(progress) })
  await throwsError(
    t,
    'SETUP_FAILED',
    run,
    /^nvidia_cuda_cupti-\S+\.whl is missing in .*\/wheels\. Put it there \(`pip download nvidia-cuda-cupti==13\.0\.85 --no-deps`\)\.$/,
  )
  t.deepEqual([seen, readdirSync(cache)], [[], []])
})

test('--from a damaged wheel: cut short, a flipped byte, another file', async (t) => {
  const { wheels, cache, env, manifest } = workplace(t)
  const path = wheelPath(wheels, manifest, 'torch')
  const whole = readFileSync(path)
  const refuses = (message: RegExp) =>
    throwsError(t, 'SETUP_FAILED', () => setup({ env, manifest, from: wheels }), message)
  truncateSync(path, 1000)
  await refuses(
    new RegExp(`torch-\\S+\\.whl holds 1000 bytes instead of ${whole.length}: it was cut short\\. Fetch it again\\.$`),
  )
  writeFileSync(path, Buffer.concat([whole, whole]))
  await refuses(/it is another file\. Fetch it again\.$/)
  whole[whole.length >> 1] = (whole[whole.length >> 1] as number) ^ 1
  writeFileSync(path, whole)
  await refuses(
    /torch-\S+\.whl has the SHA-256 [0-9a-f]{64} instead of [0-9a-f]{64}: it is damaged, or not what npair knows by that name/,
  )
  t.deepEqual(readdirSync(cache), [])
})

test('--from a wheel that lacks a kept file names the file', async (t) => {
  const { wheels, cache, env, manifest } = workplace(t, undefined, { without: /libgomp/ })
  const message = /torch-\S+\.whl holds no torch\/lib\/libgomp\.so\.1, which npair needs$/
  await throwsError(t, 'SETUP_FAILED', () => setup({ env, manifest, from: wheels }), message)
  t.deepEqual(readdirSync(cache), [])
})

test('--from a missing path, plan and setup alike', async (t) => {
  const { folder, cache, env, manifest } = workplace(t)
  const from = join(folder, 'none.whl')
  for (const run of [planSetup, setup])
    await throwsError(t, 'SETUP_FAILED', () => run({ env, manifest, from }), /none\.whl does not exist$/)
  t.false(existsSync(cache))
})

test('--from a folder of something else, and from no zip', async (t) => {
  const { folder, programs, env, manifest } = workplace(t)
  mkdirSync(programs)
  await throwsError(
    t,
    'SETUP_FAILED',
    () => setup({ env, manifest, from: programs }),
    /bin holds no libtorch 2\.11\.0: neither/,
  )
  const text = join(folder, 'page.zip')
  writeFileSync(text, '<html>not found</html>'.repeat(10))
  await throwsError(
    t,
    'SETUP_FAILED',
    () => setup({ env, manifest, from: text }),
    /page\.zip is damaged or no zip archive/,
  )
})

test('--from an unpacked libtorch: its folder, or the one above it; only what the CPU needs is copied', async (t) => {
  for (const below of ['torch', '.']) {
    const { packages, cache, env, manifest } = workplace(t)
    const before = filesBelow(packages)
    const { libtorch } = await setup({ env, manifest, from: join(packages, below) })
    t.deepEqual(setUp(cache), [...forCpu].sort())
    t.is(libtorch.variant, 'cpu')
    t.deepEqual(filesBelow(packages), before)
  }
  const { packages, cache, env, manifest } = workplace(t)
  await setup({ env, manifest, from: packages, device: 'cuda', headers: true })
  const there = setUp(cache)
  for (const path of [...forCuda, header]) t.true(there.includes(path), path)
  t.false(there.includes('torch/lib/libtorch_python.so'))
})

test('--from an unpacked libtorch of another version, or a broken one, is refused before it is copied', async (t) => {
  const { folder, packages, env, manifest } = workplace(t)
  const old = join(folder, 'old')
  makeLibtorch(old, { build: '2.10.0+cpu' })
  const refuses = (from: string, message: RegExp, more = {}) =>
    throwsError(t, 'SETUP_FAILED', () => setup({ env, manifest, from, ...more }), message)
  await refuses(
    old,
    /^No libtorch can be taken from .*old\/torch: .*is libtorch 2\.10\.0\+cpu, and npair needs exactly 2\.11\.0$/,
  )
  rmSync(join(packages, 'torch/include'), { recursive: true })
  await refuses(packages, /holds no include\//, { headers: true })
  rmSync(join(packages, 'nvidia/cu13/lib/libcupti.so.13'))
  await refuses(packages, /libcupti\.so\.13 is missing, which .*libtorch_cpu\.so needs$/)
  truncateSync(join(packages, 'torch/lib/libtorch_cpu.so'), 4096)
  await refuses(packages, /libtorch_cpu\.so is cut short/)
  t.deepEqual(readdirSync(join(folder, 'cache')), [])
})

test('--from another build: what the libraries need is kept, and the named build beside it is left alone', async (t) => {
  const { wheels, cache, env, manifest } = workplace(t)
  const torch = wheelPath(wheels, manifest, 'torch')
  const other = join(wheels, 'torch-2.11.0+cu126-cp310-cp310-linux_x86_64.whl')
  cpSync(torch, other)
  // A wheel that would be refused if it were looked at.
  truncateSync(torch, 10)
  await setup({ env, manifest, from: other, headers: true })
  t.deepEqual(setUp(cache), [...forCpu, header].sort())
})

test('--from a wheel of another version, and from one without its needs', async (t) => {
  const { folder, wheels, env, manifest } = workplace(t)
  const [old, lone] = [join(folder, 'old'), join(folder, 'lone')]
  makeLibtorch(old, { build: '2.10.0' })
  const oldWheels = makeWheels(old, join(folder, 'oldWheels'))
  const path = join(folder, 'oldWheels/torch-2.10.0-cp312-cp312-any.whl')
  renameSync(wheelPath(join(folder, 'oldWheels'), oldWheels, 'torch'), path)
  await throwsError(t, 'SETUP_FAILED', () => setup({ env, manifest, from: path }))
  mkdirSync(lone)
  cpSync(wheelPath(wheels, manifest, 'torch'), join(lone, 'torch.whl'))
  const message =
    /^What was unpacked is no usable libtorch: libcu\w+\.so\.13 is missing, which torch\/lib\/libtorch_cpu\.so needs\. These wheels make one: torch-\S+\.whl, nvidia_cuda_runtime-/
  await throwsError(t, 'SETUP_FAILED', () => setup({ env, manifest, from: join(lone, 'torch.whl') }), message)
  t.deepEqual(readdirSync(join(folder, 'cache')), [])
})

test('--from an other archive whose library is damaged is a failed setup, not a corrupt libtorch', async (t) => {
  const { folder, packages, env, manifest } = workplace(t)
  truncateSync(join(packages, 'torch/lib/libtorch_cpu.so'), 4096)
  const made = makeWheels(packages, join(folder, 'damaged'))
  const path = join(folder, 'damaged/torch.whl')
  renameSync(wheelPath(join(folder, 'damaged'), made, 'torch'), path)
  const message = /^What was unpacked is no usable libtorch: torch\/lib\/libtorch_cpu\.so is cut short/
  await throwsError(t, 'SETUP_FAILED', () => setup({ env, manifest, from: path }), message)
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
