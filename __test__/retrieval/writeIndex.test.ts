import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { NPairError } from '../../src/errors.js'
import { FolderLock } from '../../src/files/folderLock.js'
import type { Hit } from '../../src/retrieval/indexOptions.js'
import { Index } from '../../src/retrieval/searchIndex.js'
import { writeIndex } from '../../src/retrieval/writeIndex.js'
import { temporaryFolder } from '../data/temporaryFolder.js'
import { entriesOf } from './indexRows.js'
import { throws } from './throws.js'

test('what is saved is loaded, by many; what was loaded stays though it is saved anew', async (t) => {
  const folder = join(await temporaryFolder(t), 'deep', 'index')
  const rows = new Embeddings(Float32Array.of(1, 0, 0, 1, 1, 1), 2)
  const index = await Index.build(rows, entriesOf(3), { metric: 'euclidean' })
  await index.save(folder)
  const readers = await Promise.all([Index.load(folder), Index.load(folder, { verify: false })])
  await index.remove(['image 0'])
  await index.save(folder)
  t.deepEqual((await readdir(folder)).sort(), ['index.json', 'rows-2.f32'])
  const query = new Embeddings(Float32Array.of(1, 0), 2)
  for (const reader of readers) {
    t.is(reader.metric, 'euclidean')
    t.deepEqual((await reader.search(query, { k: 1 }))[0], [{ ...entriesOf(1)[0], score: -0 } as Hit])
  }
  const message = await throws(t, 'OUTPUT_EXISTS', (readers[0] as Index).save(folder))
  t.regex(message, /saved by another since it was loaded \(generation 2, not 1\)/)
  const newest = await Index.load(folder)
  t.deepEqual([newest.count, newest.has('image 0')], [2, false])
  // Its rows have lost their name by the second time.
  await newest.save(folder)
  await newest.remove(['image 1'])
  await newest.save(folder)
  t.deepEqual((await readdir(folder)).sort(), ['index.json', 'rows-4.f32'])
  const last = await Index.load(folder)
  t.is(last.count, 1)
  await last.close()
  await Promise.all([index, newest, ...readers].map((each) => each.close()))
  await throws(t, 'CLOSED', newest.search(query))
  await newest.close()
})

test('what was loaded can be saved again and again, and elsewhere, whatever becomes of its folder', async (t) => {
  const [folder, other] = [join(await temporaryFolder(t), 'index'), join(await temporaryFolder(t), 'other')]
  const rows = new Embeddings(Float32Array.of(1, 0, 0, 1, 3, 4), 2)
  const index = await Index.build(rows, entriesOf(3))
  await index.save(folder)
  await index.close()
  const [first, second] = [await Index.load(folder), await Index.load(folder)]
  for (let round = 0; round < 3; round++) {
    await first.add(new Embeddings(Float32Array.of(0, -1), 2), entriesOf(1, 3 + round))
    await first.save(folder)
  }
  await second.remove(['image 0'])
  await second.save(other)
  await second.save(other)
  await rm(folder, { recursive: true })
  await first.save(join(other, 'first'))
  await Promise.all([first, second].map((each) => each.close()))
  const query = new Embeddings(Float32Array.of(3, 4), 2)
  for (const [path, count] of [
    [other, 2],
    [join(other, 'first'), 6],
  ] as const) {
    const again = await Index.load(path)
    t.is(again.count, count)
    const [hits] = await again.search(query, { k: 1 })
    t.deepEqual([hits?.[0]?.id, hits?.[0]?.score], ['image 2', 1])
    await again.close()
  }
})

test('an index that is removed and built anew is another, though it is of generation 1 again', async (t) => {
  const folder = join(await temporaryFolder(t), 'index')
  const rows = new Embeddings(Float32Array.of(1, 0, 0, 1), 2)
  const build = async (first: number) => {
    const index = await Index.build(rows, entriesOf(2, first))
    await index.save(folder)
    return index
  }
  const mine = await build(0)
  await rm(folder, { recursive: true })
  const theirs = await build(7)
  t.regex(await throws(t, 'OUTPUT_EXISTS', mine.save(folder)), /saved by another .*built anew/)
  const left = await Index.load(folder)
  t.true(left.has('image 7'))
  await Promise.all([mine, theirs, left].map((each) => each.close()))
})

test('a folder is the same, however its path is written', async (t) => {
  const folder = join(await temporaryFolder(t), 'index')
  const index = await Index.build(new Embeddings(Float32Array.of(1, 2), 2), entriesOf(1))
  await index.save(folder)
  await index.save(`${folder}/`)
  await index.save(relative(process.cwd(), folder))
  await index.close()
  const loaded = await Index.load(`${folder}/.`)
  await loaded.save(folder)
  await loaded.close()
  t.deepEqual((await readdir(folder)).sort(), ['index.json', 'rows-4.f32'])
})

test('rows that end with an error leave nothing behind', async (t) => {
  const folder = join(await temporaryFolder(t), 'index')
  // biome-ignore lint/correctness/useYield: it is to fail before it gives anything
  const parts = (async function* (): AsyncGenerator<Float32Array> {
    throw new NPairError('INDEX_CORRUPT', 'a segment ends before its last row')
  })()
  const what = { metric: 'cosine', size: 2, entries: entriesOf(1) } as const
  await throws(t, 'INDEX_CORRUPT', writeIndex(folder, undefined, parts, what, undefined))
  t.deepEqual(await readdir(folder), [])
  await mkdir(join(folder, 'rows-1.f32'))
  const index = await Index.build(new Embeddings(Float32Array.of(1, 2), 2), entriesOf(1))
  await throws(t, 'NOT_WRITABLE', index.save(folder))
  t.deepEqual(await readdir(folder), ['rows-1.f32'])
  await index.close()
})

test('one writer: another is told, and a full folder is left alone', async (t) => {
  const folder = await temporaryFolder(t)
  const index = await Index.build(new Embeddings(Float32Array.of(1, 2), 2), entriesOf(1))
  const lock = await FolderLock.take(folder, 'written')
  t.regex(await throws(t, 'RUN_LOCKED', index.save(folder)), /is being written by process/)
  await lock.release()
  await writeFile(join(folder, 'notes.txt'), 'mine')
  t.regex(await throws(t, 'OUTPUT_EXISTS', index.save(folder)), /notes\.txt/)
  t.deepEqual(await readdir(folder), ['notes.txt'])
  await writeFile(join(folder, 'file'), '')
  await throws(t, 'NOT_WRITABLE', index.save(join(folder, 'file', 'index')))
  await index.close()
})

test('a writer that is killed leaves the index as it was', async (t) => {
  const folder = join(await temporaryFolder(t), 'index')
  const index = await Index.build(new Embeddings(Float32Array.of(1, 2), 2), entriesOf(1))
  await index.save(folder)
  const script = `
    const { Index, Embeddings } = await import('npair')
    const index = await Index.load(process.argv[1])
    const rows = new Embeddings(new Float32Array(2 << 21).fill(1), 2)
    await index.add(rows, Array.from({ length: rows.count }, (_, i) => ({ id: String(i) })))
    console.log('saving')
    await index.save(process.argv[1])`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  for (let names: string[] = []; !names.some((name) => name.includes('.tmp-')); names = await readdir(folder))
    t.is(child.exitCode, null, 'it is at work')
  child.kill('SIGKILL')
  await once(child, 'close')
  const after = await Index.load(folder)
  t.is(after.count, 1)
  await after.save(folder)
  t.deepEqual((await readdir(folder)).sort(), ['index.json', 'rows-2.f32'])
  await Promise.all([index.close(), after.close()])
})
