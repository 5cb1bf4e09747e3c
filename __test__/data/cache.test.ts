import { utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { packPath } from '../../src/data/cache.js'
import { NPairError } from '../../src/errors.js'
import { packsIn, temporaryFolder } from './temporaryFolder.js'

test('a key has one path, another key another, and it is said whether the pack is there', async (t) => {
  const cache = join(temporaryFolder(t), 'new', 'folder')
  const { path, exists } = await packPath(cache, { a: 1 })
  t.false(exists)
  t.regex(path, /^.*\/new\/folder\/packs\/[0-9a-f]{24}\.pack$/)
  t.not((await packPath(cache, { a: 2 })).path, path)
  await writeFile(path, '')
  t.deepEqual(await packPath(cache, { a: 1 }), { path, exists: true })
})

test.serial('without a folder it is that of NPAIR_CACHE', async (t) => {
  const [cache, before] = [temporaryFolder(t), process.env.NPAIR_CACHE]
  process.env.NPAIR_CACHE = cache
  t.teardown(() => {
    if (before === undefined) delete process.env.NPAIR_CACHE
    else process.env.NPAIR_CACHE = before
  })
  t.true((await packPath(undefined, {})).path.startsWith(join(cache, 'packs')))
})

test('a folder that cannot be made is named', async (t) => {
  const folder = temporaryFolder(t)
  await writeFile(join(folder, 'file'), '')
  const error = await t.throwsAsync(packPath(join(folder, 'file'), {}), { instanceOf: NPairError })
  t.is(error?.code, 'NOT_WRITABLE')
  t.true(error?.message.startsWith(`Cannot make ${join(folder, 'file', 'packs')}: `), error?.message)
})

test('what a killed process has left goes after a day; what is being written, and packs, stay', async (t) => {
  const cache = temporaryFolder(t)
  await packPath(cache, {})
  const names = ['1.pack', '1.pack.tmp-dead', '2.pack.tmp-alive', 'notes.txt']
  for (const name of names) await writeFile(join(cache, 'packs', name), '')
  const longAgo = new Date(Date.now() - 25 * 3600 * 1000)
  for (const name of names) if (!name.includes('alive')) await utimes(join(cache, 'packs', name), longAgo, longAgo)
  await packPath(cache, {})
  t.deepEqual(await packsIn(cache), ['1.pack', '2.pack.tmp-alive', 'notes.txt'])
})
