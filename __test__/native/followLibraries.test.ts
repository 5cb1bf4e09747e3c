import { rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { followLibraries, whatIsMissing } from '../../src/native/followLibraries.js'
import { makeLibtorch } from './fakeLibtorch.js'
import { compileLibrary } from './stubLibrary.js'
import { temporaryFolder } from './temporaryFolder.js'
import { throwsError } from './throwsError.js'

const none = {}

test('finds what a CUDA wheel needs through its own search path', (t) => {
  const packages = temporaryFolder(t)
  const lib = join(makeLibtorch(packages), 'lib')
  const { found, missing } = followLibraries(join(lib, 'libtorch_cpu.so'), none)
  t.deepEqual(missing, [])
  t.deepEqual(found.map((path) => path.split('/').at(-1)).sort(), [
    'libc10.so',
    'libcudart.so.13',
    'libcupti.so.13',
    'libgomp.so.1',
    'libtorch_cpu.so',
  ])
})

test('an rpath is handed on to what is needed, a runpath is not', (t) => {
  const folder = temporaryFolder(t)
  const [leaf, middle] = [join(folder, 'deep/libleaf.so'), join(folder, 'libmiddle.so')]
  compileLibrary(leaf)
  compileLibrary(middle, { needed: [leaf] })
  const [old, young] = [join(folder, 'libold.so'), join(folder, 'libyoung.so')]
  compileLibrary(old, { needed: [middle], rpath: '$ORIGIN:$ORIGIN/deep' })
  compileLibrary(young, { needed: [middle], runpath: '$ORIGIN:$ORIGIN/deep' })
  t.is(whatIsMissing(old, none), undefined)
  t.is(whatIsMissing(young, none), `libleaf.so is missing, which ${middle} needs`)
  t.is(whatIsMissing(young, { LD_LIBRARY_PATH: `/nowhere:${join(folder, 'deep')}` }), undefined)
})

test('libraries of the system count as there, and are not followed', (t) => {
  const found = process.report.getReport() as { sharedObjects?: string[] }
  const libc = found.sharedObjects?.find((path) => path.endsWith('/libc.so.6'))
  if (libc === undefined) return t.pass('no glibc here')
  const path = join(temporaryFolder(t), 'libplain.so')
  compileLibrary(path, { needed: [libc] })
  t.deepEqual(followLibraries(path, none), { found: [path], missing: [] })
})

test('a needed library that was cut short is named', async (t) => {
  const lib = join(makeLibtorch(temporaryFolder(t)), 'lib')
  truncateSync(join(lib, 'libgomp.so.1'), 1000)
  await throwsError(
    t,
    'LIBTORCH_CORRUPT',
    () => followLibraries(join(lib, 'libtorch_cpu.so'), none),
    /libgomp\.so\.1 is cut short/,
  )
  rmSync(join(lib, 'libgomp.so.1'))
  const system = whatIsMissing(join(lib, 'libtorch_cpu.so'), none)
  // Compilers bring one of that name to most systems, and the loader would take it.
  t.true(system === undefined || system.startsWith('libgomp.so.1 is missing, which '), system)
})

test('libraries that need each other come to an end', (t) => {
  const folder = temporaryFolder(t)
  const [one, two] = [join(folder, 'libone.so'), join(folder, 'libtwo.so')]
  compileLibrary(two)
  compileLibrary(one, { needed: [two], rpath: '$ORIGIN' })
  compileLibrary(two, { needed: [one], rpath: '$ORIGIN' })
  t.deepEqual(followLibraries(one, none).missing, [])
})
