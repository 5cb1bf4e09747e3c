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
import test from 'ava'
import { planSetup, type SetupProgress, setup } from '../../src/native/setup.js'
import { filesBelow, makeLibtorch, makeWheels } from './fakeLibtorch.js'
import { forCpu, forCuda, header, setUp, wheelPath, workplace } from './setupWorkplace.js'
import { throwsError } from './throwsError.js'

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
