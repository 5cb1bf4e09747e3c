import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import type { Manifest } from '../../src/native/manifest.js'
import { type Behaviour, makeFetcher } from './fakeFetcher.js'
import { filesBelow, makeLibtorch, makeWheels, wheelsOf } from './fakeLibtorch.js'
import { temporaryFolder } from './temporaryFolder.js'

/** What of the packages the CPU needs, without licences. */
export const forCpu = [
  'nvidia/cu13/lib/libcudart.so.13',
  'nvidia/cu13/lib/libcupti.so.13',
  ...['libc10.so', 'libgomp.so.1', 'libtorch.so', 'libtorch_cpu.so'].map((name) => `torch/lib/${name}`),
  'torch/version.py',
]
/** The same for CUDA. */
export const forCuda = [
  ...[...forCpu, 'nvidia/cu13/lib/libcublas.so.13'],
  ...['c10_cuda', 'caffe2_nvrtc', 'torch_cuda', 'torch_cuda_linalg', 'torch_nvshmem'].map(
    (x) => `torch/lib/lib${x}.so`,
  ),
]
/** One of libtorch's headers, to know whether they are there. */
export const header = 'torch/include/torch/csrc/api/include/torch/torch.h'

/** Packages, the wheels made of them, an empty cache, and a machine with nothing on it but what `behaviour` says of pip. */
export function workplace(t: ExecutionContext, behaviour?: Behaviour, { without }: { without?: RegExp } = {}) {
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
export function setUp(cache: string): string[] {
  const [name, ...more] = existsSync(cache) ? readdirSync(cache) : []
  if (name === undefined) return []
  if (more.length > 0) throw new Error(`the cache holds more: ${[name, ...more].join()}`)
  return filesBelow(join(cache, name)).filter((path) => !/dist-info\/|npair-setup\.json/.test(path))
}

/** Where the wheel of a package lies. */
export const wheelPath = (wheels: string, manifest: Manifest, name: string) =>
  join(wheels, wheelsOf(manifest).find((wheel) => wheel.name === name)?.file ?? '')
