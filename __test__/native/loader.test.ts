import { spawnSync } from 'node:child_process'
import { closeSync, copyFileSync, openSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { platformName } from '../../src/native/platform.js'
import { makeLibtorch } from './fakeLibtorch.js'
import { compileLibrary } from './stubLibrary.js'
import { temporaryFolder } from './temporaryFolder.js'

const path = (name: string) =>
  fileURLToPath(new URL(`../../src/native/${name}.${platformName()}.node`, import.meta.url))
const loader: typeof import('../../src/native/loader.js') = createRequire(import.meta.url)(path('npair-loader'))

test('opens by absolute path, again for free, and reads the ABI', (t) => {
  const cpu = join(makeLibtorch(temporaryFolder(t)), 'lib/libtorch_cpu.so')
  loader.open(cpu)
  loader.open(cpu)
  t.is(loader.abiVersion(cpu), '0x020b000000000000')
})

test('what it cannot open is an error in the words of the system, with the path', (t) => {
  const folder = temporaryFolder(t)
  t.throws(() => loader.open('libc.so.6'), { message: 'libc.so.6 is not an absolute path' })
  t.throws(() => loader.open(''), { message: ' is not an absolute path' })
  const text = join(folder, 'text.so')
  t.throws(() => loader.open(text), { message: new RegExp(`${text}: cannot open shared object file`) })
  writeFileSync(text, 'no library, but long enough for the head of one: '.repeat(10))
  t.throws(() => loader.open(text), { message: new RegExp(`${text}: invalid ELF header`) })
  t.throws(() => loader.open(JSON.parse('null')), { message: /String/ })
})

test('a symbol that is nowhere is an error at once, not the end of the process at the first call', (t) => {
  const lazy = join(temporaryFolder(t), 'liblazy.so')
  compileLibrary(lazy, { source: 'void nowhere(void); void call(void) { nowhere(); }' })
  t.throws(() => loader.open(lazy), { message: /undefined symbol: nowhere/ })
})

test('a library without the function has no ABI', (t) => {
  const plain = join(temporaryFolder(t), 'libplain.so')
  compileLibrary(plain)
  t.throws(() => loader.abiVersion(plain), { message: /aoti_torch_abi_version/ })
})

const hasReadelf = spawnSync('readelf', ['--version']).status === 0
const withReadelf = hasReadelf ? test : test.skip

/** What `readelf -d` says of one tag. */
function dynamic(name: string, tag: string): string[] {
  const { stdout } = spawnSync('readelf', ['-dW', path(name)], { encoding: 'utf8' })
  return [...stdout.matchAll(new RegExp(`\\(${tag}\\).*\\[(.*)\\]`, 'g'))].map(([, value]) => value ?? '')
}

withReadelf('the addon links torch_cpu and c10 alone, so that one file serves CPU and CUDA (needs readelf)', (t) => {
  const needed = dynamic('npair', 'NEEDED')
  t.deepEqual(needed.filter((x) => /torch|c10|cud|nv/.test(x)).sort(), ['libc10.so', 'libtorch_cpu.so'])
  for (const tag of ['RPATH', 'RUNPATH'])
    t.deepEqual(
      dynamic('npair', tag)
        .flatMap((x) => x.split(':'))
        .filter((x) => x.startsWith('/')),
      [],
    )
  t.regex(spawnSync('readelf', ['-dW', path('npair')], { encoding: 'utf8' }).stdout, /BIND_NOW|\bNOW\b/)
})

withReadelf('the loader links nothing of torch (needs readelf)', (t) => {
  t.deepEqual(
    dynamic('npair-loader', 'NEEDED').filter((x) => /torch|c10|cud|gomp/.test(x)),
    [],
  )
  t.true(dynamic('npair-loader', 'NEEDED').some((x) => x.startsWith('libc.so')))
  for (const tag of ['RPATH', 'RUNPATH']) t.deepEqual(dynamic('npair-loader', tag), [])
})

test('the loader works from anywhere: it finds nothing by its own place', (t) => {
  const copy = join(temporaryFolder(t), 'copy.node')
  copyFileSync(path('npair-loader'), copy)
  const script = `require(${JSON.stringify(copy)}).open('/nowhere.so')`
  const { stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', env: {} })
  t.regex(stderr, /\/nowhere\.so: cannot open shared object file/)
})

test('a lock belongs to one opening of a file and goes when that is closed', (t) => {
  const file = join(temporaryFolder(t), 'lock')
  const [first, second] = [openSync(file, 'a'), openSync(file, 'a')]
  t.true(loader.lock(first))
  t.true(loader.lock(first), 'it has it already')
  t.false(loader.lock(second))
  closeSync(first)
  t.true(loader.lock(second))
  closeSync(second)
  t.throws(() => loader.lock(-1), { message: '-1 is no descriptor of a file' })
  t.throws(() => loader.lock(9999), { message: /Bad file descriptor/ })
})
