import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import {
  clearLeftovers,
  makeFolder,
  removeFolder,
  writeFileAtomic,
  writeFilesAtomic,
  writeFolderAtomic,
} from '../../src/files/atomic.js'
import { contents, refused, temporary } from '../train/tinyRun.js'

test('a file is replaced whole, and no temporary one stays', async (t) => {
  const folder = await temporary(t)
  await writeFileAtomic(join(folder, 'a'), 'old')
  await writeFileAtomic(join(folder, 'a'), Uint8Array.of(110, 101, 119))
  t.is(await readFile(join(folder, 'a'), 'utf8'), 'new')
  t.deepEqual(await readdir(folder), ['a'])
})

test('files that belong together: all of them or none', async (t) => {
  const folder = await temporary(t)
  await writeFile(join(folder, 'a'), 'old')
  await mkdir(join(folder, 'b'))
  const before = await contents(folder)
  const pair = (second: string) => () =>
    writeFilesAtomic([
      [join(folder, 'a'), 'new'],
      [join(folder, second), 'new'],
    ])
  await refused(t, pair('b'), 'NOT_WRITABLE', /b: it is a folder/)
  await refused(t, pair('a/c'), 'NOT_WRITABLE', /Cannot write .*a\/c/)
  await refused(t, pair('missing/c'), 'NOT_WRITABLE', /Cannot write .*missing\/c/)
  t.deepEqual(await contents(folder), before)
  t.deepEqual((await readdir(folder)).sort(), ['a', 'b'])
  await pair('c')()
  t.is(await readFile(join(folder, 'c'), 'utf8'), 'new')
})

test('a folder is replaced whole, or stays as it was', async (t) => {
  const folder = await temporary(t)
  const path = join(folder, 'deep/model')
  await refused(t, () => writeFolderAtomic(path, async () => undefined), 'NOT_WRITABLE', /deep\/model/)
  await mkdir(join(folder, 'deep'))
  const fill = (name: string) => (temporary: string) => writeFile(join(temporary, name), name)
  await writeFolderAtomic(path, fill('first'))
  await writeFolderAtomic(path, fill('second'))
  t.deepEqual(await readdir(path), ['second'])
  const failing = async (temporary: string) => {
    await fill('third')(temporary)
    throw new Error('no more')
  }
  await t.throwsAsync(() => writeFolderAtomic(path, failing), { message: 'no more' })
  t.deepEqual(await readdir(path), ['second'])
  t.deepEqual(await readdir(join(folder, 'deep')), ['model'])
  await writeFile(join(folder, 'file'), '')
  await refused(t, () => writeFolderAtomic(join(folder, 'file/model'), fill('a')), 'NOT_WRITABLE', /file\/model/)
})

test('what dead writers left: half of something goes, what was to be replaced comes back', async (t) => {
  const folder = await temporary(t)
  const made = ['model.tmp-12', 'best.tmp-12', 'best.tmp-12-old', 'kept', 'kept.tmp-7-old', 'notes.tmp']
  for (const name of made) {
    await mkdir(join(folder, name))
    await writeFile(join(folder, name, 'from'), name)
  }
  await writeFile(join(folder, 'config.json.tmp-12'), '{')
  await clearLeftovers(folder)
  t.deepEqual((await readdir(folder)).sort(), ['best', 'kept', 'notes.tmp'])
  t.is(await readFile(join(folder, 'best/from'), 'utf8'), 'best.tmp-12-old')
  t.is(await readFile(join(folder, 'kept/from'), 'utf8'), 'kept')
  await t.notThrowsAsync(() => clearLeftovers(join(folder, 'nothing')))
})

test('a folder is made with its parents, at the root of what is missing too, and may be there already', async (t) => {
  const folder = await temporary(t)
  await makeFolder(join(folder, 'a/b/c'))
  await makeFolder(join(folder, 'a/b/c'))
  await makeFolder(join(folder, 'a/d/'))
  t.deepEqual((await readdir(join(folder, 'a'))).sort(), ['b', 'd'])
  await writeFile(join(folder, 'file'), '')
  await refused(t, () => makeFolder(join(folder, 'file/a')), 'NOT_WRITABLE', /Cannot write .*file\/a/)
})

test('a folder is removed as a whole, and may be gone already', async (t) => {
  const folder = await temporary(t)
  await mkdir(join(folder, 'a/b'), { recursive: true })
  await mkdir(join(folder, `a.tmp-${process.pid}`))
  await removeFolder(join(folder, 'a'))
  await removeFolder(join(folder, 'a'))
  t.deepEqual(await readdir(folder), [])
  await writeFile(join(folder, 'file'), '')
  await refused(t, () => removeFolder(join(folder, 'file/a')), 'NOT_WRITABLE', /Cannot write .*file\/a/)
})
