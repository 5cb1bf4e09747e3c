import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { NPairError } from '../../src/errors.js'
import { readSharedLibrary } from '../../src/native/elf.js'
import { Random } from '../../src/random.js'
import { compileLibrary } from './stubLibrary.js'
import { temporaryFolder } from './temporaryFolder.js'
import { throwsError } from './throwsError.js'

test('reads names and folders as the linker wrote them', (t) => {
  const folder = temporaryFolder(t)
  const [one, two, old, young] = ['libone.so.1', 'libtwo.so', 'libold.so', 'libyoung.so'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string]
  compileLibrary(one)
  compileLibrary(two)
  compileLibrary(old, { needed: [one, two], rpath: '$ORIGIN/../x:/y' })
  compileLibrary(young, { needed: [two], runpath: '$ORIGIN' })
  t.deepEqual(readSharedLibrary(one), { needed: [], rpath: [], runpath: [] })
  t.deepEqual(readSharedLibrary(old), {
    needed: ['libone.so.1', 'libtwo.so'],
    rpath: ['$ORIGIN/../x', '/y'],
    runpath: [],
  })
  t.deepEqual(readSharedLibrary(young), { needed: ['libtwo.so'], rpath: [], runpath: ['$ORIGIN'] })
})

test('a library that was cut short anywhere is refused', async (t) => {
  const path = join(temporaryFolder(t), 'libstub.so')
  compileLibrary(path, { source: 'int answer(void) { return 42; }' })
  const whole = readFileSync(path)
  for (let length = whole.length - 1; length >= 0; length -= length > 200 ? 97 : 1) {
    writeFileSync(path, whole.subarray(0, length))
    const { message } = await throwsError(t, 'LIBTORCH_CORRUPT', () => readSharedLibrary(path))
    t.true(message.startsWith(`${path} is `) && /empty|cut short/.test(message), message)
  }
  writeFileSync(path, whole)
  t.notThrows(() => readSharedLibrary(path))
})

test('any damage to the head is a named error or harmless, and costs no memory', (t) => {
  const path = join(temporaryFolder(t), 'libstub.so')
  compileLibrary(path, { rpath: '$ORIGIN' })
  const whole = readFileSync(path)
  const random = new Random(1, 'report')
  let refused = 0
  for (let trial = 0; trial < 2000; trial++) {
    const bytes = Buffer.from(whole)
    // Most of what is read lies in the head and the table of segments; the rest of it anywhere.
    for (let n = 0; n < 3; n++) bytes[random.below(n === 0 ? bytes.length : 600)] = random.below(256)
    writeFileSync(path, bytes)
    try {
      readSharedLibrary(path)
    } catch (error) {
      if (!(error instanceof NPairError)) throw error
      t.is(error.code, 'LIBTORCH_CORRUPT')
      refused++
    }
  }
  t.true(refused > 200, String(refused))
})

test('what is no library for this machine is refused by what it is', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'libstub.so')
  const refuses = (message: RegExp) => throwsError(t, 'LIBTORCH_CORRUPT', () => readSharedLibrary(path), message)
  await refuses(/libstub\.so is missing$/)
  writeFileSync(path, '')
  await refuses(/is empty$/)
  writeFileSync(path, 'version https://git-lfs.github.com/spec/v1\n'.repeat(4))
  await refuses(/is not a 64-bit shared library$/)
  compileLibrary(path)
  const whole = readFileSync(path)
  const changed = (offset: number, value: number) => {
    const bytes = Buffer.from(whole)
    bytes.writeUInt16LE(value, offset)
    writeFileSync(path, bytes)
  }
  changed(18, 40)
  await refuses(new RegExp(`is not for ${process.arch} processors$`))
  changed(16, 1)
  await refuses(/is not a 64-bit shared library$/)
  changed(54, 8)
  await refuses(/table of segments/)
  writeFileSync(path, whole)
  truncateSync(path, whole.length - 1)
  await refuses(new RegExp(`is cut short: it holds ${whole.length - 1} bytes of at least ${whole.length}$`))
})
