import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { NPairError } from '../errors.js'
import { packageFolder } from '../files/packageFolder.js'
import { platformName, unsupportedPlatform } from './platform.js'

/** Which libtorch: one that computes on the processor only, or one that can use NVIDIA's GPUs too. */
export type Variant = 'cpu' | 'cuda'

/** What a part of a wheel is needed for; `headers` only to build the addon from source. */
export type Part = Variant | 'headers'

/** One wheel that `npair setup` takes files from. */
export interface Wheel {
  /** Distribution name, as pip knows it. */
  readonly name: string
  readonly version: string
  /** File name; its last three parts are the tags (Python, ABI, platforms) that name this very file. */
  readonly file: string
  /** Exact size; missing where only the hash is known. */
  readonly bytes?: number
  /** Size to plan with, where the exact one is not known. */
  readonly approximateBytes?: number
  /** Hex. */
  readonly sha256: string
  /** SPDX expression, for people: the licence texts themselves are unpacked beside the libraries. */
  readonly license: string
  /** `cpu`: always needed; `cuda`: only where GPUs are used. */
  readonly device: Variant
  /** What to unpack, as paths in the wheel; `*` stands for a part of a name, `**` for everything below. */
  readonly keep: Readonly<Partial<Record<Part, readonly string[]>>>
}

/** One of libtorch's own archives, which `npair setup --from ADDRESS` takes where its hash is known. */
export interface OfficialArchive {
  /** Its last part is the name by which it is known, from whatever server it comes. */
  readonly address: string
  readonly device: Variant
  /** Hex; missing where nobody has told it yet. */
  readonly sha256?: string
  readonly bytes?: number
}

/** What there is for one platform. */
export interface PlatformSources {
  readonly wheels: readonly Wheel[]
  readonly archives?: readonly OfficialArchive[]
}

/** `libtorch.json`: the one version of libtorch that npair's addon fits, and where it comes from. */
export interface Manifest {
  readonly format: 1
  /** For example `2.11.0`. */
  readonly version: string
  /** What `aoti_torch_abi_version()` returns, as hex with 16 digits. */
  readonly abi: string
  readonly platforms: Readonly<Record<string, PlatformSources>>
}

let known: Manifest | undefined

/** The manifest that comes with this npair. */
export function readManifest(): Manifest {
  known ??= JSON.parse(readFileSync(join(packageFolder(), 'libtorch.json'), 'utf8')) as Manifest
  return known
}

/**
 * The wheels that a libtorch of this kind is made of, on this machine's platform.
 *
 * @throws NPairError `ADDON_LOAD` for a platform that npair does not know
 */
export function wheelsFor(manifest: Manifest, device: Variant): readonly Wheel[] {
  const platform = manifest.platforms[platformName()]
  if (platform === undefined) throw unsupportedPlatform()
  return platform.wheels.filter((wheel) => device === 'cuda' || wheel.device === 'cpu')
}

/** libtorch's own archives for this machine's platform. */
export function archivesFor(manifest: Manifest): readonly OfficialArchive[] {
  return manifest.platforms[platformName()]?.archives ?? []
}

/** Bytes to expect of a wheel's file. */
export function wheelBytes(wheel: Wheel): number {
  return wheel.bytes ?? wheel.approximateBytes ?? 0
}

/** The patterns of what is kept of a wheel. */
export function keptPatterns(wheel: Wheel, device: Variant, headers: boolean): readonly string[] {
  const { cpu = [], cuda = [], headers: include = [] } = wheel.keep
  return [...cpu, ...(device === 'cuda' ? cuda : []), ...(headers ? include : [])]
}

/** The tags of a wheel's file name, which are what makes pip choose this very file on any machine. */
export function wheelTags(wheel: Wheel): { python: string; abi: string; platforms: readonly string[] } {
  const [platforms, abi, python] = wheel.file
    .replace(/\.whl$/, '')
    .split('-')
    .reverse()
  if (platforms === undefined || abi === undefined || python === undefined || !wheel.file.endsWith('.whl')) {
    throw new NPairError('SETUP_FAILED', `libtorch.json names ${wheel.file}, which is not the name of a wheel`)
  }
  return { python, abi, platforms: platforms.split('.') }
}

/** Whether a path in an archive is one that the patterns keep; licence texts always are. */
export function isKept(path: string, patterns: readonly string[]): boolean {
  if (/^[^/]+\.dist-info\/(?:.*\/)?(?:licen[cs]e|notice|copying)[^/]*$/i.test(path)) return true
  return patterns.some((pattern) => matches(path, pattern))
}

/** Whether a path in an archive is one that the pattern names. */
export function matches(path: string, pattern: string): boolean {
  const parts = pattern.split(/(\*\*|\*)/).map((part) => {
    if (part === '**') return '.+'
    return part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^${parts.join('')}$`).test(path)
}
