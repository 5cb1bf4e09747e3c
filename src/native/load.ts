import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { NPairError } from '../errors.js'
import { packageFolder } from '../files/packageFolder.js'
import { type FoundLibtorch, findLibtorch } from './find.js'
import { whatIsMissing } from './followLibraries.js'
import { readManifest } from './manifest.js'
import { supportedPlatform } from './platform.js'

type Binding = typeof import('./binding.js')
type Loader = typeof import('./loader.js')

/** What is loaded in this process. */
export interface Loaded {
  readonly libtorch: FoundLibtorch
  /** Path of the addon. */
  readonly addon: string
  /** Path of the addon that opened libtorch. */
  readonly loader: string
  /** Why libtorch's CUDA part was not opened; undefined if it was. */
  readonly withoutCuda: string | undefined
}

let loaded: Loaded | undefined

/** What {@link loadAddon} loaded; undefined before it, and if it failed. */
export function loadedAddon(): Loaded | undefined {
  return loaded
}

/**
 * Finds libtorch, opens it, checks it, and loads the addon: in this order, and once in a process.
 *
 * The CUDA part is opened where a driver and everything that it needs is there. It must come before the addon: libtorch
 * remembers for ever whether there was a CUDA part when it was first asked.
 *
 * @throws NPairError `LIBTORCH_NOT_FOUND`, `LIBTORCH_VERSION`, `LIBTORCH_CORRUPT`, or `ADDON_LOAD`
 */
export async function loadAddon(): Promise<Binding> {
  const require = createRequire(import.meta.url)
  const platform = supportedPlatform()
  const addon = addonPath(require, `npair.${platform}.node`, platform)
  if (loaded) return require(addon) as Binding

  const libtorch = await findLibtorch()
  const loaderPath = addonPath(require, `npair-loader.${platform}.node`, platform)
  const loader = loadLoader()
  waitBriefly()
  const withoutCuda = openLibtorch(loader, libtorch)
  const binding = load<Binding>(require, addon)
  loaded = { libtorch, addon, loader: loaderPath, withoutCuda }
  return binding
}

/**
 * How threads wait for work; OpenMP reads it when it is loaded. By its own rule they spin for milliseconds, and two processes
 * on the same cores slow each other down many times over; where they sleep at once, a step of a small network takes 10 % longer.
 * Some microseconds of spinning cost two processes as much, and one nothing.
 */
function waitBriefly(): void {
  if (process.env.OMP_WAIT_POLICY === undefined) process.env.GOMP_SPINCOUNT ??= '1000'
}

/**
 * The small addon that knows nothing of libtorch: it opens libraries, and locks files.
 *
 * @throws NPairError `ADDON_LOAD`
 */
export function loadLoader(): Loader {
  const require = createRequire(import.meta.url)
  const platform = supportedPlatform()
  return load<Loader>(require, addonPath(require, `npair-loader.${platform}.node`, platform))
}

/**
 * Opens libtorch through the loader and checks its ABI.
 *
 * @returns why the CUDA part was left out; undefined if it was opened
 */
function openLibtorch(loader: Loader, libtorch: FoundLibtorch): string | undefined {
  const { root } = libtorch
  const withoutCuda = whyNoCuda(libtorch)
  const cpu = join(root, 'lib', 'libtorch_cpu.so')
  for (const path of withoutCuda === undefined ? [join(root, 'lib', 'libtorch_cuda.so'), cpu] : [cpu]) {
    try {
      loader.open(path)
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new NPairError('LIBTORCH_CORRUPT', `${path} does not load: ${reason}. ${remedies(reason)}`, { cause })
    }
  }
  const { abi, version } = readManifest()
  let found: string
  try {
    found = loader.abiVersion(cpu)
  } catch (cause) {
    throw new NPairError('LIBTORCH_VERSION', `${cpu} does not say its ABI: it is not libtorch ${version}`, { cause })
  }
  if (found !== abi) {
    throw new NPairError('LIBTORCH_VERSION', `${cpu} has ABI ${found}, and npair needs that of ${version}, ${abi}`)
  }
  return withoutCuda
}

/** Why no GPU can be used with this libtorch on this machine; undefined if one may be. */
function whyNoCuda(libtorch: FoundLibtorch): string | undefined {
  if (libtorch.variant !== 'cuda')
    return 'this libtorch computes on the CPU only (`npx npair setup --device cuda` fetches the other)'
  // The last is that of Windows' Linux subsystem.
  const driver = ['/proc/driver/nvidia/version', '/dev/nvidiactl', '/dev/dxg'].some((path) => existsSync(path))
  if (!driver) return 'there is no NVIDIA driver'
  const visible = process.env.CUDA_VISIBLE_DEVICES
  if (visible === '' || visible === '-1') return 'CUDA_VISIBLE_DEVICES hides every device'
  return whatIsMissing(join(libtorch.root, 'lib', 'libtorch_cuda.so'))
}

/** Beside the sources in a checkout, else in the package of the platform. */
function addonPath(require: NodeJS.Require, file: string, platform: string): string {
  const built = join(packageFolder(), 'src', 'native', file)
  if (existsSync(built)) return built
  try {
    return require.resolve(`npair-${platform}/${file}`)
  } catch (cause) {
    const remedy = 'In a checkout run `npm run prepare:all`; else install npair again, with optional dependencies'
    throw new NPairError(
      'ADDON_LOAD',
      `${file} is neither in src/native nor in the package npair-${platform}. ${remedy}.`,
      { cause },
    )
  }
}

function load<T>(require: NodeJS.Require, path: string): T {
  try {
    return require(path) as T
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const what = reason.includes(path) ? reason : `${path}: ${reason}`
    throw new NPairError('ADDON_LOAD', `The addon does not load: ${what}. ${remedies(reason)}`, { cause })
  }
}

/** What to do about the system loader's complaint. */
function remedies(reason: string): string {
  if (reason.includes('static TLS')) {
    return 'Start node with GLIBC_TUNABLES=glibc.rtld.optional_static_tls=16384 in its environment.'
  }
  if (/GLIBC(?:XX)?_[\d.]+' not found/.test(reason)) {
    return 'This system is older than the one that the file was built for: build npair from source here (`npm run prepare:all`).'
  }
  return '`npx npair doctor` says more.'
}
