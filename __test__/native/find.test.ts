import { chmodSync, cpSync, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { findLibtorch, setupFolder } from '../../src/native/find.js'
import { readManifest } from '../../src/native/manifest.js'
import { setup } from '../../src/native/setup.js'
import { makeLibtorch } from './fakeLibtorch.js'
import { temporaryFolder } from './temporaryFolder.js'
import { throwsError } from './throwsError.js'

/** A machine with nothing on it: an empty cache, and no Python. */
function machine(t: ExecutionContext) {
  const folder = temporaryFolder(t)
  const programs = join(folder, 'bin')
  mkdirSync(programs)
  return { folder, programs, env: { NPAIR_CACHE: join(folder, 'cache'), PATH: programs, HOME: folder } }
}

/** A program that answers what is asked of Python with the place of its torch. */
function makePython(path: string, torch: string): void {
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, `#!/bin/sh\necho a greeting\necho ${torch}/__init__.py\n`)
  chmodSync(path, 0o755)
}

test('nothing anywhere is an error with the remedy', async (t) => {
  const { env } = machine(t)
  const { message } = await throwsError(t, 'LIBTORCH_NOT_FOUND', () => findLibtorch({ env }))
  t.is(
    message,
    'No libtorch 2.11.0 was found on this machine. Run `npx npair setup` to fetch it, or set NPAIR_LIBTORCH to one.',
  )
  await throwsError(
    t,
    'LIBTORCH_NOT_FOUND',
    () => findLibtorch({ env, headers: true }),
    /^No libtorch 2\.11\.0 with headers/,
  )
})

test('the order: NPAIR_LIBTORCH, LIBTORCH, the cache, Pythons; each gives way to the one before', async (t) => {
  const { folder, programs, env } = machine(t)
  const at = (name: string) => makeLibtorch(join(folder, name))
  const [first, second, source, virtual, conda, python] = ['a', 'b', 'c', 'd', 'e', 'f'].map(at) as [
    ...[string, string, string, string, string, string],
  ]
  const steps: [string, string, () => unknown][] = [
    ['python', python, () => makePython(join(programs, 'python3'), python)],
    ['python', conda, () => makePython(join(folder, 'conda/bin/python3'), conda)],
    ['python', virtual, () => makePython(join(folder, 'venv/bin/python3'), virtual)],
    ['cache', join(setupFolder(readManifest(), 'cpu', env), 'torch'), () => setup({ env, from: source })],
    [
      'cache',
      join(setupFolder(readManifest(), 'cuda', env), 'torch'),
      () => setup({ env, from: source, device: 'cuda' }),
    ],
    ['LIBTORCH', second, () => Object.assign(env, { LIBTORCH: second })],
    ['NPAIR_LIBTORCH', first, () => Object.assign(env, { NPAIR_LIBTORCH: first })],
  ]
  Object.assign(env, { VIRTUAL_ENV: join(folder, 'venv'), CONDA_PREFIX: join(folder, 'conda') })
  for (const [from, root, add] of steps) {
    await add()
    const found = await findLibtorch({ env })
    t.deepEqual([found.source, found.root, found.skipped.length], [from as typeof found.source, root, 0])
  }
})

test('a wrong NPAIR_LIBTORCH is an error, whatever else there is', async (t) => {
  const { folder, env } = machine(t)
  const LIBTORCH = makeLibtorch(join(folder, 'good'))
  const refuses = (root: string, code: 'LIBTORCH_CORRUPT' | 'LIBTORCH_VERSION', message: RegExp) =>
    throwsError(t, code, () => findLibtorch({ env: { ...env, LIBTORCH, NPAIR_LIBTORCH: root } }), message)
  const old = makeLibtorch(join(folder, 'old'), { build: '2.10.0' })
  await refuses(old, 'LIBTORCH_VERSION', /^NPAIR_LIBTORCH is wrong: .*old\/torch is libtorch 2\.10\.0, and npair needs/)
  const remedy = /\. Point NPAIR_LIBTORCH at a whole libtorch 2\.11\.0, or unset it and run `npx npair setup`\.$/
  await refuses(old, 'LIBTORCH_VERSION', remedy)
  await refuses(join(folder, 'none'), 'LIBTORCH_CORRUPT', /none does not exist/)
  await refuses(join(folder, 'good'), 'LIBTORCH_CORRUPT', /the libtorch is the folder .*good\/torch\./)
  const short = makeLibtorch(join(folder, 'short'))
  truncateSync(join(short, 'lib/libtorch_cpu.so'), 4096)
  await refuses(short, 'LIBTORCH_CORRUPT', /short\/torch\/lib\/libtorch_cpu\.so is cut short/)
  const { source } = await findLibtorch({ env: { ...env, LIBTORCH, NPAIR_LIBTORCH: '' } })
  t.is(source, 'LIBTORCH')
})

test('everything else that is wrong is skipped, and said', async (t) => {
  const { folder, programs, env } = machine(t)
  const old = makeLibtorch(join(folder, 'old'), { build: '2.10.0' })
  makePython(join(programs, 'python3'), makeLibtorch(join(folder, 'python'), { build: '2.12.0' }))
  Object.assign(env, { LIBTORCH: old })
  const source = makeLibtorch(join(folder, 'source'))
  const { libtorch } = await setup({ env, from: source })
  const library = join(libtorch.root, 'lib/libtorch_cpu.so')
  truncateSync(library, 4096)
  const { message } = await throwsError(t, 'LIBTORCH_NOT_FOUND', () => findLibtorch({ env }))
  const [, ...why] = message.split('\n')
  t.is(why.length, 3)
  t.regex(why[0] ?? '', /^ {2}LIBTORCH: .*old\/torch is libtorch 2\.10\.0/)
  t.regex(why[1] ?? '', /^ {2}.*\/cache\/libtorch-2\.11\.0-cpu: .*libtorch_cpu\.so holds 4096 bytes instead of \d+$/)
  t.regex(why[2] ?? '', /^ {2}torch of python3: .*python\/torch is libtorch 2\.12\.0/)

  makePython(join(programs, 'python3'), source)
  const found = await findLibtorch({ env })
  t.deepEqual([found.source, found.skipped.length], ['python', 2])
})

test('a folder in the cache without a record is not believed, whole as it may look', async (t) => {
  const { folder, env } = machine(t)
  const place = setupFolder(readManifest(), 'cpu', env)
  makeLibtorch(place)
  await throwsError(t, 'LIBTORCH_NOT_FOUND', () => findLibtorch({ env }), /holds no readable npair-setup\.json/)
  rmSync(place, { recursive: true })
  const { libtorch } = await setup({ env, from: makeLibtorch(join(folder, 'source')) })
  t.is((await findLibtorch({ env })).root, libtorch.root)
  renameSync(join(libtorch.root, 'lib/libc10.so'), join(libtorch.root, 'lib/libc10.so.away'))
  await throwsError(t, 'LIBTORCH_NOT_FOUND', () => findLibtorch({ env }), /lib\/libc10\.so is missing/)
})

test('who builds the addon passes over a libtorch without headers', async (t) => {
  const { folder, env } = machine(t)
  const source = makeLibtorch(join(folder, 'source'))
  const bare = join(folder, 'bare')
  cpSync(join(folder, 'source'), bare, { recursive: true })
  rmSync(join(bare, 'torch/include'), { recursive: true })
  await setup({ env, from: source, headers: true })
  Object.assign(env, { LIBTORCH: join(bare, 'torch') })
  t.is((await findLibtorch({ env })).source, 'LIBTORCH')
  const found = await findLibtorch({ env, headers: true })
  t.is(found.source, 'cache')
  t.regex(found.skipped[0]?.why ?? '', /holds no include\//)
})
