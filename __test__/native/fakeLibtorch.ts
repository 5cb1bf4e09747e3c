import { createHash } from 'node:crypto'
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Manifest, readManifest, type Wheel } from '../../src/native/manifest.js'
import { platformName } from '../../src/native/platform.js'
import { compileLibrary } from './stubLibrary.js'
import { zipOf } from './zipFile.js'

/** How a made-up libtorch differs from a good one. */
export interface Fake {
  /** Default: `2.11.0+cu130`. */
  readonly build?: string
  /** What `aoti_torch_abi_version` returns, as C; undefined leaves the function out. Default: that of 2.11.0. */
  readonly abi?: string | undefined
  /** C that is run when it is loaded. */
  readonly onLoad?: string
}

/**
 * Makes Python's packages of a CUDA build of torch with stub libraries: `torch/`, `nvidia/`, licences. It loads, and the
 * addon does not fit it.
 *
 * @returns the path of its `torch` folder
 */
export function makeLibtorch(packages: string, fake: Fake = {}): string {
  const key = JSON.stringify({ ...fake, noAbi: 'abi' in fake && fake.abi === undefined })
  const made = templates.get(key) ?? compilePackages(fake)
  templates.set(key, made)
  cpSync(made, packages, { recursive: true })
  return join(packages, 'torch')
}

/** Compiling takes a second; the test files do it once for each kind. */
const templates = new Map<string, string>()

function compilePackages(fake: Fake): string {
  const packages = mkdtempSync(join(tmpdir(), 'npair-fake-'))
  process.once('exit', () => rmSync(packages, { recursive: true, force: true }))
  const { build = '2.11.0+cu130', onLoad } = fake
  const abi = 'abi' in fake ? fake.abi : '0x020b000000000000ull'
  const torch = join(packages, 'torch')
  const lib = join(torch, 'lib')
  const nvidia = join(packages, 'nvidia/cu13/lib')
  const plain = [
    ...['libc10.so', 'libgomp.so.1', 'libtorch.so'].map((name) => join(lib, name)),
    ...['libcudart.so.13', 'libcupti.so.13', 'libcublas.so.13'].map((name) => join(nvidia, name)),
  ]
  for (const path of plain) compileLibrary(path)
  const source = [
    abi === undefined ? '' : `unsigned long long aoti_torch_abi_version(void) { return ${abi}; }`,
    onLoad === undefined ? '' : `__attribute__((constructor)) static void begin(void) { ${onLoad} }`,
  ].join('\n')
  const rpath = '$ORIGIN/../../nvidia/cu13/lib:$ORIGIN'
  const needs = (names: readonly string[]) => plain.filter((path) => names.some((name) => path.includes(name)))
  const cpu = join(lib, 'libtorch_cpu.so')
  compileLibrary(cpu, { source, rpath, needed: needs(['libc10', 'libgomp', 'cudart', 'cupti']) })
  compileLibrary(join(lib, 'libtorch_cuda.so'), { rpath, needed: [cpu, ...needs(['libc10', 'cublas'])] })
  const others = ['c10_cuda', 'caffe2_nvrtc', 'torch_cuda_linalg', 'torch_nvshmem', 'torch_python', 'shm', 'c10d_test']
  for (const name of others) copyFileSync(join(lib, 'libc10.so'), join(lib, `lib${name}.so`))
  const texts = {
    'torch/version.py': `from typing import Optional\n__all__ = ['__version__']\n__version__ = '${build}'\ndebug = False\n`,
    'torch/__init__.py': 'raise Exception("torch must not be imported")\n',
    'torch/include/torch/csrc/api/include/torch/torch.h': '#pragma once\n',
    'torch-2.11.0.dist-info/licenses/LICENSE': 'as is\n',
    'torch-2.11.0.dist-info/RECORD': '',
    'nvidia_cuda_runtime-13.0.96.dist-info/License.txt': 'theirs\n',
    'nvidia_cuda_cupti-13.0.85.dist-info/License.txt': 'theirs\n',
    'nvidia_cublas-13.1.0.3.dist-info/License.txt': 'theirs\n',
  }
  for (const [path, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(packages, path)), { recursive: true })
    writeFileSync(join(packages, path), text)
  }
  return packages
}

/** Names of all files below a folder, sorted, with forward slashes. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort()
}

/** Whether a file of a package folder belongs to the wheel of that name. */
const belongs: Readonly<Record<string, RegExp>> = {
  torch: /^torch/,
  'nvidia-cuda-runtime': /cudart|nvidia_cuda_runtime/,
  'nvidia-cuda-cupti': /cupti/,
  'nvidia-cublas': /cublas/,
}

/** Packs the wheels that `libtorch.json` names out of a folder of packages, but for files that `without` matches. */
export function makeWheels(packages: string, into: string, without?: RegExp): Manifest {
  mkdirSync(into, { recursive: true })
  const real = readManifest()
  const wheels = (real.platforms['linux-x64-gnu']?.wheels ?? []).flatMap((wheel) => {
    const own = belongs[wheel.name]
    if (own === undefined) return []
    const files = filesBelow(packages).filter((path) => own.test(path) && !without?.test(path))
    const bytes = zipOf(files.map((path) => ({ path, data: readFileSync(join(packages, path)) })))
    writeFileSync(join(into, wheel.file), bytes)
    return [withContent(wheel, bytes)]
  })
  return withWheels(real, wheels)
}

/** The wheel's entry for a file with this content. */
export function withContent({ approximateBytes: _, ...wheel }: Wheel, content: Buffer): Wheel {
  return { ...wheel, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') }
}

/** A manifest with other wheels for this machine. */
export function withWheels(manifest: Manifest, wheels: readonly Wheel[]): Manifest {
  return { ...manifest, platforms: { [platformName()]: { wheels } } }
}

/** The wheels of a manifest for this machine. */
export function wheelsOf(manifest: Manifest): readonly Wheel[] {
  return manifest.platforms[platformName()]?.wheels ?? []
}
