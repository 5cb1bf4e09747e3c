import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { NPairError } from '../errors.js'
import { type Wheel, wheelTags } from './manifest.js'
import { refuseIfAborted } from './refuseIfAborted.js'

/** A program that fetches Python wheels by name and version from wherever this machine gets its packages. */
export interface Fetcher {
  readonly name: 'pip' | 'uv'
  readonly command: readonly [program: string, ...args: string[]]
}

/** What {@link fetchWheel} leaves behind: the wheel's file, or a folder with what was in it, its hash checked by uv. */
export type Fetched = { readonly file: string } | { readonly folder: string }

const candidates: readonly Fetcher[] = [
  { name: 'pip', command: ['python3', '-m', 'pip'] },
  { name: 'pip', command: ['python', '-m', 'pip'] },
  { name: 'pip', command: ['pip3'] },
  { name: 'pip', command: ['pip'] },
  { name: 'uv', command: ['uv'] },
]

/** The first of pip and uv that runs here; undefined if neither does. */
export function findFetcher(env: NodeJS.ProcessEnv = process.env): Fetcher | undefined {
  return candidates.find(({ command: [program, ...args] }) => {
    const { status } = spawnSync(program, [...args, '--version'], { env, stdio: 'ignore', timeout: 30_000 })
    return status === 0
  })
}

/** The error for a machine on which wheels cannot be fetched. */
export function noFetcher(): NPairError {
  return new NPairError(
    'SETUP_FAILED',
    'Neither pip nor uv runs here, and one of them is needed to fetch libtorch. ' +
      'Install one (for example `apt install python3-pip`), or bring the wheels and run `npx npair setup --from FOLDER`.',
  )
}

/**
 * Fetches one wheel into a folder.
 *
 * The requirement carries the hash, so that of several files of that version only the one that npair knows is taken.
 *
 * @param folder - an empty folder of ours; temporary files go there too, since /tmp is often small
 * @param onBytes - called about twice a second with the size of the largest file so far
 * @throws NPairError `SETUP_FAILED`, `ABORTED`
 */
export async function fetchWheel(
  fetcher: Fetcher,
  wheel: Wheel,
  folder: string,
  options: { env: NodeJS.ProcessEnv; onBytes: (done: number) => void; signal?: AbortSignal },
): Promise<Fetched> {
  refuseIfAborted(options.signal)
  const [temporary, into] = [join(folder, 'tmp'), join(folder, 'wheel')]
  await mkdir(temporary, { recursive: true })
  await mkdir(into)
  const requirements = join(folder, 'requirements.txt')
  await writeFile(requirements, `${wheel.name}==${wheel.version} --hash=sha256:${wheel.sha256}\n`)
  const args = (fetcher.name === 'pip' ? pipArguments : uvArguments)(wheel, requirements, into)
  const [program, ...first] = fetcher.command
  const env = { ...options.env, TMPDIR: temporary, UV_CACHE_DIR: join(folder, 'uv') }
  const child = spawn(program, [...first, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const stop = () => {
    child.kill()
    // What it has started itself may hold these open for as long as it likes.
    child.stdout.destroy()
    child.stderr.destroy()
  }
  options.signal?.addEventListener('abort', stop)
  let running = true
  const watch = setInterval(async () => {
    const done = await largestFile(folder)
    if (running) options.onBytes(done)
  }, 500)
  try {
    const { code, output } = await finished(child).catch((cause: Error) => {
      throw new NPairError('SETUP_FAILED', `${fetcher.name} does not run: ${cause.message}`, { cause })
    })
    refuseIfAborted(options.signal)
    if (code !== 0) throw failed(fetcher, wheel, output)
  } finally {
    running = false
    clearInterval(watch)
    options.signal?.removeEventListener('abort', stop)
  }
  return fetcher.name === 'pip' ? { file: await theOne(into, wheel) } : { folder: into }
}

function pipArguments(wheel: Wheel, requirements: string, into: string): string[] {
  const { python, abi, platforms } = wheelTags(wheel)
  // Named by its own tags, since the Python that runs pip is not the one that the wheel is for.
  const cpython = /^cp(\d)(\d+)$/.exec(python)
  const interpreter = cpython
    ? ['--implementation', 'cp', '--python-version', `${cpython[1]}.${cpython[2]}`, '--abi', abi]
    : []
  return [
    ...['download', '--no-deps', '--only-binary=:all:', '--require-hashes', '-r', requirements, '-d', into],
    ...interpreter,
    ...platforms.flatMap((platform) => ['--platform', platform]),
    // Without the cache: it would keep half a gigabyte more, and older versions read a cached file into memory.
    ...['--no-cache-dir', '--disable-pip-version-check', '--no-input', '--progress-bar', 'off'],
  ]
}

/** uv has no `download`; into a folder of its own it installs just what the wheel holds. */
function uvArguments(wheel: Wheel, requirements: string, into: string): string[] {
  const { python } = wheelTags(wheel)
  const cpython = /^cp(\d)(\d+)$/.exec(python)
  return [
    ...[
      'pip',
      'install',
      '--no-deps',
      '--only-binary',
      ':all:',
      '--require-hashes',
      '-r',
      requirements,
      '--target',
      into,
    ],
    ...(cpython ? ['--python-version', `${cpython[1]}.${cpython[2]}`] : []),
    ...['--python-platform', 'x86_64-manylinux_2_28', '--no-progress'],
  ]
}

async function finished(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  let output = ''
  const add = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-100_000)
  }
  child.stdout?.on('data', add)
  child.stderr?.on('data', add)
  return await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}

async function theOne(folder: string, wheel: Wheel): Promise<string> {
  const files = await readdir(folder)
  if (files.length === 1 && files[0] !== undefined) return join(folder, files[0])
  throw new NPairError('SETUP_FAILED', `pip left ${files.length} files instead of ${wheel.file}`)
}

async function largestFile(folder: string): Promise<number> {
  let largest = 0
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  for (const name of names) {
    const found = await stat(join(folder, name)).catch(() => undefined)
    if (found?.isFile()) largest = Math.max(largest, found.size)
  }
  return largest
}

function failed(fetcher: Fetcher, wheel: Wheel, output: string): NPairError {
  const what = `${wheel.name} ${wheel.version}`
  const lines = output.split('\n').map((line) => line.trim())
  const said = lines.findLast((line) => /^(?:ERROR|error)\b|^×|No space left/.test(line)) ?? lines.findLast(Boolean)
  const bring = `bring the wheels (${wheel.file} and the others that \`npx npair setup --dry-run\` names) and run \`npx npair setup --from FOLDER\``
  const message = (() => {
    if (/No space left on device|Disk quota exceeded/i.test(output)) {
      return `The disk is full, so ${what} could not be fetched. Free some space, or set NPAIR_CACHE to a folder on another disk.`
    }
    if (/DO NOT MATCH THE HASHES|Hash mismatch/i.test(output)) {
      return `${wheel.file} as ${fetcher.name} gets it has another SHA-256 than ${wheel.sha256}. Its source gives something else: name another one, or ${bring}.`
    }
    if (
      /name resolution|Name or service not known|Network is unreachable|Connection refused|ProxyError|timed out|dns error|client error \(Connect\)|No matching distribution|No solution found/i.test(
        output,
      )
    ) {
      return `${fetcher.name} could not get ${what}: ${said}. Check the network, the proxy and ${fetcher.name}'s settings, or ${bring}.`
    }
    return `${fetcher.name} failed to fetch ${what}: ${said ?? 'it said nothing'}. Put that right, or ${bring}.`
  })()
  return new NPairError('SETUP_FAILED', message, { detail: output })
}
