import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { type Archive, openFiles, openFolder, openZip, unpack } from '../../src/native/archive.js'
import { filesBelow } from './fakeLibtorch.js'
import { temporaryFolder } from './temporaryFolder.js'
import { throwsError } from './throwsError.js'
import { zipOf } from './zipFile.js'

const contents = { 'a/one.txt': 'one', 'b.bin': Buffer.alloc(300_000, 'npair'), empty: '' }
const entries = Object.entries(contents).map(([path, data]) => ({ path, data }))

async function unpackAll(archive: Archive, into: string): Promise<number[]> {
  const reported: number[] = []
  await unpack(
    archive.files,
    into,
    (path) => `x/${path}`,
    (done) => reported.push(done),
  )
  archive.close()
  return reported
}

test('files of a zip come out as they went in, with progress', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'good.whl'), zipOf([{ path: 'a/', data: '' }, ...entries]))
  const archive = await openZip(join(folder, 'good.whl'))
  t.deepEqual(
    archive.files.map(({ path, bytes }) => [path, bytes]),
    entries.map(({ path, data }) => [path, data.length]),
  )
  t.deepEqual(await unpackAll(archive, folder), [3, 300_003, 300_003])
  for (const { path, data } of entries) t.deepEqual(readFileSync(join(folder, 'x', path)), Buffer.from(data))
  t.is(statSync(join(folder, 'x/b.bin')).mode & 0o777, 0o644 & ~process.umask())
})

test('a flipped byte anywhere is refused or changes nothing', async (t) => {
  const folder = temporaryFolder(t)
  const whole = zipOf([{ path: 'a.txt', data: 'some text, some text, some more text' }])
  const path = join(folder, 'flipped.whl')
  let refused = 0
  for (let at = 0; at < whole.length; at++) {
    const bytes = Buffer.from(whole)
    bytes[at] = (bytes[at] as number) ^ 0x55
    writeFileSync(path, bytes)
    const into = join(folder, String(at))
    try {
      const archive = await openZip(path)
      await unpackAll(archive, into)
      for (const file of filesBelow(into)) t.is(readFileSync(join(into, file), 'utf8').length, 36)
    } catch (error) {
      t.like(error, { name: 'NPairError', code: 'SETUP_FAILED' })
      t.regex((error as Error).message, /flipped\.whl.* is damaged or no zip archive: .*\. Fetch it again\.$/)
      refused++
    }
  }
  t.true(refused > whole.length / 3, `${refused} of ${whole.length}`)
})

test('a wrong checksum names archive and file', async (t) => {
  const path = join(temporaryFolder(t), 'wrong.whl')
  writeFileSync(path, zipOf([{ path: 'lib/x.so', data: 'abc', crc: 1 }]))
  const archive = await openZip(path)
  t.teardown(() => archive.close())
  const into = `${path}.out`
  const fails = unpack(
    archive.files,
    into,
    (name) => name,
    () => {},
  )
  await throwsError(t, 'SETUP_FAILED', () => fails, /wrong\.whl: lib\/x\.so is damaged .*its checksum is wrong/)
})

test('what was cut short, and what is no zip, is refused', async (t) => {
  const path = join(temporaryFolder(t), 'short.whl')
  const whole = zipOf(entries)
  for (const bytes of [whole.subarray(0, -1), whole.subarray(0, whole.length / 2), Buffer.alloc(0), 'a web page']) {
    writeFileSync(path, bytes)
    await throwsError(t, 'SETUP_FAILED', () => openZip(path), /short\.whl is damaged or no zip archive/)
  }
})

test('paths that lead outside are refused before anything is written', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'evil.whl')
  for (const name of ['../evil.txt', 'a/../../evil.txt', '/tmp/evil.txt', '..\\evil.txt', 'C:/evil.txt']) {
    writeFileSync(path, zipOf([...entries, { path: name, data: 'evil' }]))
    await throwsError(
      t,
      'SETUP_FAILED',
      () => openZip(path),
      /evil\.whl is damaged or no zip archive: (?:invalid relative|absolute) path/,
    )
  }
  t.deepEqual(filesBelow(folder), ['evil.whl'])
})

test('a folder is an archive too: links to files count, links to folders do not', async (t) => {
  const folder = temporaryFolder(t)
  const source = join(folder, 'source')
  mkdirSync(join(source, 'a'), { recursive: true })
  writeFileSync(join(source, 'a/one.txt'), 'one')
  symlinkSync(join(source, 'a/one.txt'), join(source, 'linked.txt'))
  symlinkSync(source, join(source, 'round'))
  symlinkSync(join(source, 'nowhere'), join(source, 'dangling'))
  const archive = await openFolder(source)
  t.deepEqual(archive.files.map(({ path }) => path).sort(), ['a/one.txt', 'linked.txt'])
  await unpackAll(archive, folder)
  t.is(readFileSync(join(folder, 'x/linked.txt'), 'utf8'), 'one')
  t.is(readFileSync(join(source, 'a/one.txt'), 'utf8'), 'one')
  await unpackAll(await openFolder(join(source, 'a'), { move: true }), join(folder, 'moved'))
  t.deepEqual(filesBelow(join(source, 'a')), [])
  t.deepEqual(filesBelow(join(folder, 'moved')), ['x/one.txt'])
})

test('given files keep their place below the folder', async (t) => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'a'))
  writeFileSync(join(folder, 'a/one.txt'), 'one')
  const { files } = await openFiles(folder, [join(folder, 'a/one.txt')])
  t.deepEqual(
    files.map(({ path, bytes }) => ({ path, bytes })),
    [{ path: 'a/one.txt', bytes: 3 }],
  )
})

test('unpacking stops between two files', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'good.whl'), zipOf(entries))
  const archive = await openZip(join(folder, 'good.whl'))
  t.teardown(() => archive.close())
  const controller = new AbortController()
  const run = unpack(
    archive.files,
    join(folder, 'x'),
    (path) => path,
    () => controller.abort(),
    controller.signal,
  )
  await throwsError(t, 'ABORTED', () => run)
  t.deepEqual(filesBelow(join(folder, 'x')), ['a/one.txt'])
})
