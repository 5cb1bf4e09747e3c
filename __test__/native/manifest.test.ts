import test from 'ava'
import { isKept, keptPatterns, readManifest, type Wheel, wheelsFor, wheelTags } from '../../src/native/manifest.js'
import { wheelsOf, withWheels } from './fakeLibtorch.js'
import { throwsError } from './throwsError.js'

test('libtorch.json names every wheel with hash, size, licence and what is kept', (t) => {
  const manifest = readManifest()
  t.is(manifest.version, '2.11.0')
  t.is(manifest.abi, '0x020b000000000000')
  const wheels = wheelsOf(manifest)
  t.deepEqual(
    wheelsFor(manifest, 'cpu').map(({ name }) => name),
    ['torch', 'nvidia-cuda-runtime', 'nvidia-cuda-cupti'],
  )
  t.deepEqual(wheelsFor(manifest, 'cuda'), wheels)
  for (const wheel of wheels) {
    t.regex(wheel.sha256, /^[0-9a-f]{64}$/)
    t.true((wheel.bytes ?? wheel.approximateBytes ?? 0) > 1e6, wheel.name)
    t.true(wheel.file.startsWith(`${wheel.name.replaceAll('-', '_')}-${wheel.version}-`), wheel.file)
    t.true(keptPatterns(wheel, 'cuda', false).length > 0)
    t.truthy(wheel.license)
  }
  t.is(new Set(wheels.map(({ sha256 }) => sha256)).size, wheels.length)
})

test('the tags come from the end of a file name', async (t) => {
  const wheel = wheelsOf(readManifest())[1] as Wheel
  t.deepEqual(wheelTags(wheel), {
    ...{ python: 'py3', abi: 'none' },
    platforms: ['manylinux2014_x86_64', 'manylinux_2_17_x86_64'],
  })
  for (const file of ['torch.whl', 'torch-2.11.0-cp312-cp312-any.zip'])
    await throwsError(t, 'SETUP_FAILED', () => wheelTags({ ...wheel, file }), /is not the name of a wheel/)
})

test('patterns: * stays in a folder, ** does not, all else is literal', (t) => {
  t.true(isKept('torch/lib/libc10.so', ['torch/lib/libc10.so']))
  t.false(isKept('torch/lib/libc10Xso', ['torch/lib/libc10.so']))
  t.false(isKept('x/torch/lib/libc10.so', ['torch/lib/libc10.so']))
  t.true(isKept('nvidia/lib/libx.so.13', ['nvidia/lib/*.so*']))
  t.false(isKept('nvidia/lib/a/libx.so.13', ['nvidia/lib/*.so*']))
  t.true(isKept('torch/include/a/b.h', ['torch/include/**']))
  t.false(isKept('torch/include/', ['torch/include/**']))
  t.false(isKept('torch/lib/libc10.so', []))
})

test('licence texts are always kept, and nothing else of that folder', (t) => {
  for (const name of [
    'LICENSE',
    'licenses/LICENSE.txt',
    'License.txt',
    'NOTICE',
    'COPYING',
    'licenses/third_party/Licence',
  ])
    t.true(isKept(`torch-2.11.0.dist-info/${name}`, []), name)
  for (const name of ['RECORD', 'METADATA']) t.false(isKept(`torch-2.11.0.dist-info/${name}`, []), name)
  t.false(isKept('torch/LICENSE', []))
})

test('headers and the parts for CUDA come only when they are wanted', (t) => {
  const [torch] = wheelsOf(readManifest()) as [Wheel]
  const kept = (device: 'cpu' | 'cuda', headers: boolean) => keptPatterns(torch, device, headers).join()
  t.false(/cuda|include/.test(kept('cpu', false)))
  t.true(/libtorch_cuda\.so/.test(kept('cuda', false)))
  t.true(/include/.test(kept('cpu', true)))
})

test('a platform without wheels is refused by its name', async (t) => {
  const manifest = { ...withWheels(readManifest(), []), platforms: {} }
  await throwsError(t, 'ADDON_LOAD', () => wheelsFor(manifest, 'cpu'), /npair runs on Linux x64 with glibc, but this/)
})
