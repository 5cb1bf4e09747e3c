import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { NPairError } from '../errors.js'
import { whatIsMissing } from './followLibraries.js'
import { type Manifest, readManifest, type Variant } from './manifest.js'

/** A libtorch on disk that was looked over: right version, whole, and nothing that it needs is missing. */
export interface Libtorch {
  /** Absolute path of the folder that holds `lib/` (and `include/`, where there are headers). */
  readonly root: string
  /** For example `2.11.0`. */
  readonly version: string
  /** The version with its build, for example `2.11.0+cu130`. */
  readonly build: string
  /** `cuda` if it holds the libraries that use NVIDIA's GPUs. */
  readonly variant: Variant
  /** Whether the addon can be built against it. */
  readonly headers: boolean
}

/**
 * Looks a libtorch over without loading it.
 *
 * @param root - the folder that holds `lib/`: an unpacked libtorch archive, or the `torch` folder of a Python package
 * @throws NPairError `LIBTORCH_VERSION` for another version, `LIBTORCH_CORRUPT` for a missing or damaged file, which it names
 */
export function inspectLibtorch(root: string, options: { headers?: boolean; manifest?: Manifest } = {}): Libtorch {
  const { headers = false, manifest = readManifest() } = options
  if (!existsSync(root)) throw new NPairError('LIBTORCH_CORRUPT', `${root} does not exist`)
  const cpu = join(root, 'lib', 'libtorch_cpu.so')
  if (!existsSync(cpu)) {
    const below = ['torch', 'libtorch'].find((name) => existsSync(join(root, name, 'lib', 'libtorch_cpu.so')))
    const hint = below === undefined ? '' : `; the libtorch is the folder ${join(root, below)}`
    throw new NPairError('LIBTORCH_CORRUPT', `${root} holds no lib/libtorch_cpu.so${hint}`)
  }
  const build = buildText(root)
  const version = build.split('+')[0] ?? build
  if (version !== manifest.version) {
    throw new NPairError(
      'LIBTORCH_VERSION',
      `${root} is libtorch ${build}, and npair needs exactly ${manifest.version}`,
    )
  }
  for (const library of [cpu, join(root, 'lib', 'libc10.so')]) {
    const missing = whatIsMissing(library)
    if (missing !== undefined) throw new NPairError('LIBTORCH_CORRUPT', missing)
  }
  const hasHeaders = existsSync(join(root, 'include', 'torch', 'csrc', 'api', 'include', 'torch', 'torch.h'))
  if (headers && !hasHeaders) {
    throw new NPairError('LIBTORCH_CORRUPT', `${root} holds no include/, which building the addon from source needs`)
  }
  const variant = existsSync(join(root, 'lib', 'libtorch_cuda.so')) ? 'cuda' : 'cpu'
  return { root, version, build, variant, headers: hasHeaders }
}

/** The version text: `build-version` of an archive, else `version.py` of a Python package, which is read and never run. */
function buildText(root: string): string {
  const archive = join(root, 'build-version')
  if (existsSync(archive)) return readFileSync(archive, 'utf8').trim()
  const python = join(root, 'version.py')
  if (!existsSync(python)) {
    throw new NPairError(
      'LIBTORCH_VERSION',
      `${root} holds neither build-version nor version.py: its version is unknown`,
    )
  }
  const build = /^__version__\s*=\s*['"]([^'"]+)['"]/m.exec(readFileSync(python, 'utf8'))?.[1]
  if (build === undefined) throw new NPairError('LIBTORCH_VERSION', `${python} names no __version__`)
  return build
}

/** The file by which a finished `npair setup` is known; written last, moved into place with everything else. */
export const setupRecordName = 'npair-setup.json'

/** What `npair setup` put into a folder of the cache. */
export interface SetupRecord {
  readonly format: 1
  readonly version: string
  readonly device: Variant
  readonly headers: boolean
  /** Sizes in bytes by path, of all files but the headers. */
  readonly files: Readonly<Record<string, number>>
}

/**
 * Reads what `npair setup` left in a folder, and checks that every file is there with its size.
 *
 * @throws NPairError `LIBTORCH_CORRUPT` that names the first file that is missing or of another size
 */
export function checkSetupRecord(folder: string): SetupRecord {
  let record: SetupRecord | null
  try {
    record = JSON.parse(readFileSync(join(folder, setupRecordName), 'utf8'))
  } catch (cause) {
    throw new NPairError('LIBTORCH_CORRUPT', `${folder} holds no readable ${setupRecordName}`, { cause })
  }
  if (record?.format !== 1 || typeof record.files !== 'object' || record.files === null) {
    throw new NPairError('LIBTORCH_CORRUPT', `${join(folder, setupRecordName)} is not of format 1`)
  }
  for (const [path, bytes] of Object.entries(record.files)) {
    const full = join(folder, path)
    if (!existsSync(full)) throw new NPairError('LIBTORCH_CORRUPT', `${full} is missing`)
    const { size } = statSync(full)
    if (size !== bytes) {
      throw new NPairError('LIBTORCH_CORRUPT', `${full} holds ${size} bytes instead of ${bytes}`)
    }
  }
  return record
}
