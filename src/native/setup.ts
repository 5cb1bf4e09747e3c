import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { invalidOption, NPairError } from '../errors.js'
import { flush, openFolder, openZip, unpack } from './archive.js'
import { cacheFolder } from './cacheFolder.js'
import { archiveAt, download, fileName, isAddress, type Patience } from './download.js'
import { fetchWheel, findFetcher, noFetcher } from './fetchWheel.js'
import { setupFolder } from './find.js'
import { followLibraries, whatIsMissing } from './followLibraries.js'
import { checkSetupRecord, inspectLibtorch, type Libtorch, type SetupRecord, setupRecordName } from './libtorch.js'
import {
  archivesFor,
  type Manifest,
  readManifest,
  type Variant,
  type Wheel,
  wheelBytes,
  wheelsFor,
} from './manifest.js'
import { type Taken, takeFrom, takeWheel, verify, type Wanted } from './setupSources.js'
import { checkSpace, fileError, makeStaging, moveIntoPlace, removeStaging } from './staging.js'

/** Something that setup does for a while; `total` is 0 where it is not known. */
export interface SetupProgress {
  readonly doing: 'fetch' | 'verify' | 'unpack'
  /** What it is done to, for example `torch 2.11.0`. */
  readonly what: string
  /** Bytes. */
  readonly done: number
  readonly total: number
}

/** Options of {@link setup} and {@link planSetup}. */
export interface SetupOptions {
  /** Default: `cpu`. */
  readonly device?: Variant
  /**
   * A wheel, an archive of libtorch, a folder of wheels, or an unpacked libtorch; or the address of an archive of libtorch
   * whose hash `libtorch.json` knows. Default: what pip or uv fetches.
   */
  readonly from?: string
  /** How patient a download by address is. */
  readonly patience?: Patience
  /** Whether to keep the headers, which building the addon from source needs. Default: false. */
  readonly headers?: boolean
  /** Environment variables to go by. Default: those of the process. */
  readonly env?: NodeJS.ProcessEnv
  /** Which libtorch. Default: the one that npair's addon fits. */
  readonly manifest?: Manifest
  readonly onProgress?: (progress: SetupProgress) => void
  readonly signal?: AbortSignal
}

/** What a setup would do. */
export interface SetupPlan {
  readonly version: string
  readonly device: Variant
  /** Where it goes. */
  readonly folder: string
  /** Whether it is there already. */
  readonly ready: boolean
  /** What would be fetched; empty for `from`. */
  readonly wheels: readonly Wheel[]
  readonly from: string | undefined
}

/** What {@link setup} did. */
export interface SetupResult {
  readonly libtorch: Libtorch
  /** Whether it was there already. */
  readonly already: boolean
}

/**
 * Says what {@link setup} would do; touches nothing.
 *
 * @throws NPairError `INVALID_OPTION`, `SETUP_FAILED` if there is no `from`, `ADDON_LOAD` for a platform without libtorch
 */
export function planSetup(options: SetupOptions = {}): SetupPlan {
  const { device = 'cpu', from, env = process.env, manifest = readManifest() } = options
  if (device !== 'cpu' && device !== 'cuda') throw invalidOption('device', "'cpu' or 'cuda'", device)
  const wheels = wheelsFor(manifest, device)
  const folder = setupFolder(manifest, device, env)
  const ready = present(folder, wantedBy(options)) !== undefined
  if (!ready && from !== undefined && isAddress(from)) archiveAt(from, archivesFor(manifest))
  else if (!ready && from !== undefined && !existsSync(from)) {
    throw new NPairError('SETUP_FAILED', `${resolve(from)} does not exist`)
  }
  return { version: manifest.version, device, folder, ready, wheels: from === undefined ? wheels : [], from }
}

/**
 * Puts a libtorch into npair's cache: fetches what is missing, verifies, unpacks what is needed, moves it into place.
 *
 * Until that last move nothing is where a libtorch is looked for, so an interrupted setup leaves none that seems whole.
 *
 * @throws NPairError `SETUP_FAILED` that says what is missing and the remedy, `ABORTED`, `INVALID_OPTION`
 */
export async function setup(options: SetupOptions = {}): Promise<SetupResult> {
  const { folder } = planSetup(options)
  const { env = process.env } = options
  const wanted = wantedBy(options)
  const before = present(folder, wanted)
  if (before !== undefined) return { libtorch: before, already: true }

  const staging = await makeStaging(cacheFolder(env))
  try {
    const tree = join(staging, 'libtorch')
    const takes = takesOf(options, wanted, staging)
    let prune = false
    for await (const taken of takes) {
      prune ||= taken.prune
      await take(taken, staging, tree, options)
    }
    await finishTree(tree, wanted, prune)
    await writeRecord(tree, wanted)
    await moveIntoPlace(tree, folder, () => present(folder, wanted) !== undefined, staging)
  } catch (cause) {
    throw cause instanceof NPairError ? cause : fileError(cacheFolder(env), cause)
  } finally {
    await removeStaging(staging)
  }
  return { libtorch: inspectLibtorch(join(folder, 'torch'), wanted), already: false }
}

function wantedBy({ device = 'cpu', headers = false, manifest = readManifest() }: SetupOptions): Wanted {
  return { device, headers, manifest }
}

/** The libtorch in a folder, if an earlier setup put it there whole and with all that is wanted now. */
function present(folder: string, wanted: Wanted): Libtorch | undefined {
  if (!existsSync(folder)) return undefined
  try {
    checkSetupRecord(folder)
    return inspectLibtorch(join(folder, 'torch'), wanted)
  } catch (error) {
    if (error instanceof NPairError) return undefined
    throw error
  }
}

/** Wheel after wheel, the smallest first: what is wrong with the source shows before half a gigabyte has come. */
async function* fetched(options: SetupOptions, wanted: Wanted, staging: string): AsyncGenerator<Taken> {
  const { env = process.env, signal, onProgress } = options
  const fetcher = findFetcher(env)
  if (fetcher === undefined) throw noFetcher()
  const wheels = wheelsFor(wanted.manifest, wanted.device).toSorted((a, b) => wheelBytes(a) - wheelBytes(b))
  // pip holds a wheel twice for a moment: in its temporary folder and at its destination.
  await checkSpace(staging, 2 * Math.max(...wheels.map(wheelBytes)))
  for (const wheel of wheels) {
    const folder = join(staging, `fetch-${wheel.name}`)
    const report = (doing: 'fetch' | 'verify', done: number, total = wheelBytes(wheel)) =>
      onProgress?.({
        doing,
        what: `${wheel.name} ${wheel.version}`,
        done: total === 0 ? done : Math.min(done, total),
        total,
      })
    const total = fetcher.name === 'uv' ? 0 : wheelBytes(wheel)
    report('fetch', 0, total)
    const onBytes = (done: number) => report('fetch', done, total)
    const got = await fetchWheel(fetcher, wheel, folder, { env, onBytes, ...(signal && { signal }) })
    if ('file' in got) {
      await verify(got.file, wheel, (done) => report('verify', done), signal)
      yield takeWheel(await openZip(got.file), wheel, wanted)
    } else {
      yield takeWheel(await openFolder(got.folder, { move: true }), wheel, wanted)
    }
    await rm(folder, { recursive: true, force: true })
  }
}

function takesOf(options: SetupOptions, wanted: Wanted, staging: string): AsyncGenerator<Taken> {
  const { from } = options
  if (from === undefined) return fetched(options, wanted, staging)
  return isAddress(from) ? downloaded(from, options, wanted, staging) : local(from, options, wanted)
}

/** An archive of libtorch by its address. */
async function* downloaded(
  from: string,
  { onProgress, signal, patience }: SetupOptions,
  wanted: Wanted,
  staging: string,
): AsyncGenerator<Taken> {
  const archive = archiveAt(from, archivesFor(wanted.manifest))
  const folder = join(staging, 'download')
  await mkdir(folder)
  const what = fileName(new URL(from))
  const path = join(folder, what)
  await download(from, archive, path, {
    onBytes: (done, total) => onProgress?.({ doing: 'fetch', what, done, total }),
    ...(signal && { signal }),
    ...(patience && { patience }),
  })
  yield* local(path, { ...(signal && { signal }) }, wanted)
  await rm(folder, { recursive: true })
}

function local(from: string, { onProgress, signal }: SetupOptions, wanted: Wanted): AsyncGenerator<Taken> {
  const onVerify = (wheel: Wheel, done: number) =>
    onProgress?.({ doing: 'verify', what: `${wheel.name} ${wheel.version}`, done, total: wheelBytes(wheel) })
  return takeFrom(resolve(from), wanted, onVerify, signal)
}

async function take(taken: Taken, staging: string, tree: string, { onProgress, signal }: SetupOptions): Promise<void> {
  const { what, archive, files, target } = taken
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  try {
    await checkSpace(staging, total)
    const report = (done: number) => onProgress?.({ doing: 'unpack', what, done, total })
    await unpack(files, tree, target, report, signal)
  } finally {
    archive.close()
  }
}

/** Of an archive that holds more: leaves the libraries that the CPU's need. */
async function pruneLibraries(tree: string): Promise<void> {
  const folder = join(tree, 'torch', 'lib')
  const keep = new Set(followLibraries(join(folder, 'libtorch_cpu.so')).found)
  // Of these, one has only to be there when the addon is linked, and one may be needed by that one alone.
  for (const name of ['libtorch.so', 'libc10.so']) keep.add(join(folder, name))
  for (const { path } of (await openFolder(folder)).files) {
    if (!keep.has(join(folder, path))) await rm(join(folder, path))
  }
}

/** Nothing is moved into place that would not be found usable there. */
async function finishTree(tree: string, wanted: Wanted, prune: boolean): Promise<void> {
  try {
    if (prune) await pruneLibraries(tree)
    inspectLibtorch(join(tree, 'torch'), wanted)
    const missing = wanted.device === 'cuda' && whatIsMissing(join(tree, 'torch', 'lib', 'libtorch_cuda.so'))
    if (missing) throw new NPairError('LIBTORCH_CORRUPT', missing)
  } catch (cause) {
    if (!(cause instanceof NPairError)) throw cause
    const names = wheelsFor(wanted.manifest, wanted.device).map(({ file }) => file)
    const message = cause.message.replaceAll(`${tree}/`, '')
    throw new NPairError(
      'SETUP_FAILED',
      `What was unpacked is no usable libtorch: ${message}. These wheels make one: ${names.join(', ')}.`,
      { cause },
    )
  }
}

/** The record comes last, after everything that it vouches for is on the disk. */
async function writeRecord(tree: string, { manifest, device, headers }: Wanted): Promise<void> {
  const files: Record<string, number> = {}
  for (const { path, bytes } of (await openFolder(tree)).files) {
    await flush(join(tree, path))
    // Thousands of small files: a look at each whenever libtorch is found would cost more than it tells.
    if (!path.startsWith('torch/include/')) files[path] = bytes
  }
  const record: SetupRecord = { format: 1, version: manifest.version, device, headers, files }
  const path = join(tree, setupRecordName)
  await writeFile(path, `${JSON.stringify(record, null, 2)}\n`)
  await flush(path)
  await flush(tree)
}
