import { createHash } from 'node:crypto'
import { createReadStream, existsSync, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { NPairError } from '../errors.js'
import { type Archive, type ArchiveFile, openFiles, openFolder, openZip } from './archive.js'
import { followLibraries } from './followLibraries.js'
import { inspectLibtorch } from './libtorch.js'
import { isKept, keptPatterns, type Manifest, matches, type Variant, type Wheel, wheelsFor } from './manifest.js'
import { refuseIfAborted } from './refuseIfAborted.js'

/** What is wanted of a libtorch. */
export interface Wanted {
  readonly manifest: Manifest
  readonly device: Variant
  readonly headers: boolean
}

/** An archive with what to take of it, and where that goes below the new libtorch's folder. */
export interface Taken {
  /** For people, for example `torch 2.11.0`. */
  readonly what: string
  readonly archive: Archive
  readonly files: readonly ArchiveFile[]
  readonly target: (path: string) => string
  /** Whether more was taken than a CPU needs, because only the libraries themselves tell what they need. */
  readonly prune: boolean
}

/** What is kept of a wheel that `libtorch.json` names. */
export function takeWheel(archive: Archive, wheel: Wheel, { device, headers }: Wanted): Taken {
  const patterns = keptPatterns(wheel, device, headers)
  const files = archive.files.filter(({ path }) => isKept(path, patterns))
  for (const pattern of patterns) {
    if (files.some(({ path }) => matches(path, pattern))) continue
    archive.close()
    throw new NPairError('SETUP_FAILED', `${archive.path} holds no ${pattern}, which npair needs`)
  }
  return { what: `${wheel.name} ${wheel.version}`, archive, files, target: (path) => path, prune: false }
}

/** A local place that `--from` names, as what to take of it; verified where `libtorch.json` knows its hash. */
export async function* takeFrom(
  from: string,
  wanted: Wanted,
  onVerify: (wheel: Wheel, done: number) => void,
  signal?: AbortSignal,
): AsyncGenerator<Taken> {
  const found = statSync(from)
  const unpacked = ['.', 'torch', 'libtorch'].map((name) => join(from, name))
  const root = found.isDirectory()
    ? unpacked.find((path) => existsSync(join(path, 'lib', 'libtorch_cpu.so')))
    : undefined
  if (root !== undefined) {
    yield await takeUnpacked(root, wanted)
    return
  }
  const folder = found.isDirectory() ? from : dirname(from)
  const files = await readdir(folder)
  const torch = found.isDirectory() ? torchArchive(files, wanted) : basename(from)
  if (torch === undefined) {
    throw new NPairError(
      'SETUP_FAILED',
      `${from} holds no libtorch ${wanted.manifest.version}: neither a wheel of torch, nor an archive of libtorch, nor lib/libtorch_cpu.so`,
    )
  }
  const wheels = wheelsFor(wanted.manifest, wanted.device)
  const known = wheels.some(({ file }) => file === torch)
  const missing = wheels.find(({ file }) => !files.includes(file))
  // Another build of torch may not need them all; this one does.
  if (known && missing !== undefined) {
    throw new NPairError(
      'SETUP_FAILED',
      `${missing.file} is missing in ${folder}. Put it there (\`pip download ${missing.name}==${missing.version} --no-deps\`).`,
    )
  }
  for (const wheel of wheels) {
    // Two builds of torch must not be mixed: the one that was named counts.
    if (!files.includes(wheel.file) || (!known && wheel.name === 'torch')) continue
    const path = join(folder, wheel.file)
    await verify(path, wheel, (done) => onVerify(wheel, done), signal)
    yield takeWheel(await openZip(path), wheel, wanted)
  }
  if (!known) yield takeOther(await openZip(join(folder, torch)), wanted)
}

/** The wheel that `libtorch.json` names where it is there, else any of that version, else an archive of libtorch. */
function torchArchive(files: readonly string[], { manifest, device }: Wanted): string | undefined {
  const named = wheelsFor(manifest, device).find(({ name, file }) => name === 'torch' && files.includes(file))
  if (named !== undefined) return named.file
  const wheel = new RegExp(`^torch-${manifest.version.replaceAll('.', '\\.')}(?:\\+[^-]+)?-.*\\.whl$`)
  const zip = new RegExp(`^libtorch-.*-${manifest.version.replaceAll('.', '\\.')}(?:(?:\\+|%2B)[^-]+)?\\.zip$`)
  return files.find((file) => wheel.test(file)) ?? files.find((file) => zip.test(file))
}

/** Another build of torch's wheel, or an archive of libtorch: all libraries but those of Python and of torch's own tests. */
function takeOther(archive: Archive, { device, headers }: Wanted): Taken {
  const root = archive.files
    .find(({ path }) => path.endsWith('lib/libtorch_cpu.so'))
    ?.path.replace('lib/libtorch_cpu.so', '')
  if (root !== 'torch/' && root !== 'libtorch/') {
    archive.close()
    throw new NPairError('SETUP_FAILED', `${archive.path} is neither a wheel of torch nor an archive of libtorch`)
  }
  const kept = [`${root}version.py`, `${root}build-version`, ...(headers ? [`${root}include/**`] : [])]
  const libraries = new RegExp(`^${root}lib/lib(?!torch_python|shm|.*_test|.*backend)[^/]*\\.so[^/]*$`)
  const files = archive.files.filter(({ path }) => isKept(path, kept) || libraries.test(path))
  const target = (path: string) => (path.startsWith(root) ? `torch/${path.slice(root.length)}` : path)
  return { what: basename(archive.path), archive, files, target, prune: device === 'cpu' }
}

/** A libtorch that lies unpacked, for example in a Python's packages. */
async function takeUnpacked(root: string, wanted: Wanted): Promise<Taken> {
  const { device, headers } = wanted
  refuseUnusable(root, wanted)
  const above = dirname(root)
  const text = ['version.py', 'build-version'].map((name) => join(root, name))
  const named = ['libtorch.so', 'libc10.so'].map((name) => join(root, 'lib', name))
  const inside = (path: string) => path.startsWith(`${above}/`)
  const paths = new Set([...text, ...named].filter((path) => existsSync(path)))
  for (const path of followLibraries(join(root, 'lib', 'libtorch_cpu.so')).found) if (inside(path)) paths.add(path)
  if (device === 'cuda') {
    const all = await openFolder(join(root, 'lib'))
    const nvidia = existsSync(join(above, 'nvidia')) ? await openFolder(join(above, 'nvidia')) : undefined
    for (const { path } of all.files)
      if (/^lib(?!torch_python|shm)[^/]*\.so/.test(path)) paths.add(join(root, 'lib', path))
    for (const { path } of nvidia?.files ?? [])
      if (/^[^/]+\/lib\/[^/]+\.so/.test(path)) paths.add(join(above, 'nvidia', path))
  }
  if (headers && existsSync(join(root, 'include'))) {
    for (const { path } of (await openFolder(join(root, 'include'))).files) paths.add(join(root, 'include', path))
  }
  const archive = await openFiles(above, [...paths])
  const prefix = `${relative(above, root)}/`
  const target = (path: string) => (path.startsWith(prefix) ? `torch/${path.slice(prefix.length)}` : path)
  return { what: root, archive, files: archive.files, target, prune: false }
}

/** Before half a gigabyte is copied. */
function refuseUnusable(root: string, wanted: Wanted): void {
  try {
    inspectLibtorch(root, wanted)
  } catch (cause) {
    if (!(cause instanceof NPairError)) throw cause
    throw new NPairError('SETUP_FAILED', `No libtorch can be taken from ${root}: ${cause.message}`, { cause })
  }
}

/**
 * Checks a wheel's size and SHA-256.
 *
 * @throws NPairError `SETUP_FAILED` that names the file, `ABORTED`
 */
export async function verify(
  path: string,
  wheel: Wheel,
  onBytes: (done: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const { size } = statSync(path)
  if (wheel.bytes !== undefined && size !== wheel.bytes) {
    const what = size < wheel.bytes ? 'it was cut short' : 'it is another file'
    throw new NPairError(
      'SETUP_FAILED',
      `${path} holds ${size} bytes instead of ${wheel.bytes}: ${what}. Fetch it again.`,
    )
  }
  const hash = createHash('sha256')
  let done = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    refuseIfAborted(signal)
    hash.update(chunk as Buffer)
    done += (chunk as Buffer).length
    onBytes(done)
  }
  const digest = hash.digest('hex')
  if (digest === wheel.sha256) return
  throw new NPairError(
    'SETUP_FAILED',
    `${path} has the SHA-256 ${digest} instead of ${wheel.sha256}: it is damaged, or not what npair knows by that name. Fetch it again.`,
  )
}
