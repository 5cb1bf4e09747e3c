import { chmod, mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { folderSource, imageExtensions, listImages } from '../../../src/data/sources/folder.js'
import { writeFiles } from '../imageFiles.js'
import { temporaryFolder } from '../temporaryFolder.js'

const names = async (root: string) => (await folderSource(root)).files.map((file) => file.name)
const empty = (...paths: string[]) => Object.fromEntries(paths.map((path) => [path, '']))

test('images at any depth, in code point order; the class is the path of the folder', async (t) => {
  const root = temporaryFolder(t)
  writeFiles(root, empty('b/1.png', 'b/10.png', 'b/2.png', 'a/x/y/1.jpg', 'ä/1.png', 'B/1.png', 'a/1.png'))
  const { files } = await folderSource(root)
  t.deepEqual(
    files.map((file) => [file.class, file.name]),
    [
      ['B', 'B/1.png'],
      ['a', 'a/1.png'],
      ['a/x/y', 'a/x/y/1.jpg'],
      ['b', 'b/1.png'],
      ['b', 'b/10.png'],
      ['b', 'b/2.png'],
      ['ä', 'ä/1.png'],
    ],
  )
  t.true(files.every((file) => file.where === join(root, file.name)))
})

test('every extension, in either case; other files, hidden ones and folders named like images do not count', async (t) => {
  const root = temporaryFolder(t)
  const images = imageExtensions.flatMap((extension, i) => [`a/${i}${extension}`, `a/${i}${extension.toUpperCase()}`])
  writeFiles(root, empty(...images, 'a/notes.txt', 'a/.hidden.png', '.git/1.png', 'a/.thumbs/1.png', 'a/png'))
  await mkdir(join(root, 'a', 'folder.png'))
  t.deepEqual(await names(root), images.sort())
})

test('names may hold anything that the file system takes', async (t) => {
  const root = temporaryFolder(t)
  const odd = ['a/line\nbreak.png', 'a/quote".png', 'a/back\\slash.png', 'a b/ä字😀.png']
  writeFiles(root, empty(...odd))
  t.deepEqual((await names(root)).sort(), odd.sort())
})

test('links are followed, once round a circle; one that leads nowhere is an image that cannot be read', async (t) => {
  const root = temporaryFolder(t)
  const elsewhere = temporaryFolder(t)
  writeFiles(root, { 'a/1.png': 'one' })
  writeFiles(elsewhere, { 'person/2.png': 'two', '3.png': 'three' })
  await symlink(join(elsewhere, 'person'), join(root, 'b'))
  await symlink(join(elsewhere, '3.png'), join(root, 'a', '3.png'))
  await symlink(root, join(root, 'a', 'circle'))
  await symlink(join(root, 'gone.png'), join(root, 'a', 'dead.png'))
  await symlink(join(root, 'gone'), join(root, 'a', 'dead'))
  const { files } = await folderSource(root)
  t.deepEqual(
    files.map((file) => file.name),
    ['a/1.png', 'a/3.png', 'a/dead.png', 'b/2.png'],
  )
  t.is(String(await files[1]?.read()), 'three')
  t.is(String(await files[3]?.read()), 'two')
  await t.throwsAsync(files[2]?.read() ?? Promise.resolve(), { code: 'ENOENT' })
})

test('the stamp changes with the files, and only then', async (t) => {
  const root = temporaryFolder(t)
  writeFiles(root, empty('a/1.png'))
  const stamp = async () => JSON.stringify((await folderSource(root)).stamp)
  const first = await stamp()
  t.is(await stamp(), first)
  await chmod(join(root, 'a', '1.png'), 0o600)
  t.is(await stamp(), first)
  writeFiles(root, { 'a/1.png': 'x' })
  t.not(await stamp(), first)
})

test('images outside of a class folder, a file instead of a folder', async (t) => {
  const root = temporaryFolder(t)
  writeFiles(root, empty('a/1.png', 'loose.png'))
  await t.throwsAsync(folderSource(root), {
    code: 'DATA_EMPTY',
    message: `loose.png lies directly in ${root}: images belong into one folder a class`,
  })
  await t.throwsAsync(folderSource(join(root, 'loose.png')), {
    code: 'NOT_FOUND',
    message: `${join(root, 'loose.png')} is no folder`,
  })
})

test('listImages gives paths below the folder as it was named', async (t) => {
  const root = temporaryFolder(t)
  writeFiles(root, empty('2.png', 'a/1.png', 'a/.x.png'))
  t.deepEqual(await listImages(root), [join(root, '2.png'), join(root, 'a', '1.png')])
  t.deepEqual(await listImages(`${root}//`), [join(root, '2.png'), join(root, 'a', '1.png')])
  await t.throwsAsync(listImages(join(root, 'none')), { code: 'NOT_FOUND' })
})
