import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { readZip } from '../../../src/data/sources/zip.js'
import { writeFiles } from '../imageFiles.js'
import { temporaryFolder } from '../temporaryFolder.js'
import { zipOf } from '../zipFile.js'

const text = (n: number) => Buffer.from(`content ${n} `.repeat(50))

test('files are listed and read, in any order and at the same time', async (t) => {
  const path = join(temporaryFolder(t), 'a.zip')
  await writeFile(path, zipOf({ 'one.txt': text(1), 'folder/zwei ä.txt': text(2), 'empty.txt': Buffer.alloc(0) }))
  const zip = await readZip(path)
  t.deepEqual(
    zip.entries.map(({ name, bytes }) => [name, bytes]),
    [
      ['one.txt', 500],
      ['folder/zwei ä.txt', 500],
      ['empty.txt', 0],
    ],
  )
  const [one, two, empty] = zip.entries as [(typeof zip.entries)[0], (typeof zip.entries)[0], (typeof zip.entries)[0]]
  const read = await Promise.all([zip.read(two), zip.read(one), zip.read(empty), zip.read(two)])
  t.deepEqual(read.map(String), [text(2), text(1), Buffer.alloc(0), text(2)].map(String))
  await zip.close()
})

test('a file that does not match its checksum is refused, the others are read', async (t) => {
  const path = join(temporaryFolder(t), 'a.zip')
  const bytes = zipOf({ 'one.txt': text(1), 'two.txt': text(2) })
  // The CRC in the directory at the end; the size there is right, so that only the checksum can tell.
  const directory = bytes.indexOf('PK\x01\x02', 0, 'latin1')
  bytes.writeInt32LE(bytes.readInt32LE(directory + 16) ^ 1, directory + 16)
  await writeFile(path, bytes)
  const zip = await readZip(path)
  const [one, two] = zip.entries as [(typeof zip.entries)[0], (typeof zip.entries)[0]]
  await t.throwsAsync(zip.read(one), { message: 'it does not match its checksum in the archive' })
  t.is(String(await zip.read(two)), String(text(2)))
  await zip.close()
})

test('what is no whole archive is refused', async (t) => {
  const folder = temporaryFolder(t)
  const whole = zipOf({ 'one.txt': text(1) })
  writeFiles(folder, { 'empty.zip': '', 'text.zip': 'no archive', 'half.zip': whole.subarray(0, whole.length - 30) })
  for (const name of ['empty.zip', 'text.zip', 'half.zip']) {
    const path = join(folder, name)
    const error = await t.throwsAsync(readZip(path), { code: 'DATA_EMPTY' })
    t.true(error?.message.startsWith(`${path} is no whole zip archive: `), error?.message)
    t.is((await readFile(path)).length > 0, name !== 'empty.zip')
  }
})

test('a name with a NUL, which no file of a disk can have, is refused', async (t) => {
  const path = join(temporaryFolder(t), 'a.zip')
  await writeFile(path, zipOf({ 'one\0.txt': text(1) }))
  await t.throwsAsync(readZip(path), { code: 'DATA_EMPTY', message: /the name of a file in it holds a NUL/ })
})
