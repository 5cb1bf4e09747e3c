import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { NPairError, type NPairErrorCode } from '../../src/errors.js'
import { FolderLock } from '../../src/files/folderLock.js'
import { Random } from '../../src/random.js'
import { writeIndex } from '../../src/retrieval/indexFiles.js'
import type { Hit, IndexEntry } from '../../src/retrieval/indexOptions.js'
import { Index } from '../../src/retrieval/searchIndex.js'
import { temporaryFolder } from '../data/temporaryFolder.js'
import { score, someRows } from '../reference/nearest.js'

const entriesOf = (count: number, first = 0): IndexEntry[] =>
  Array.from({ length: count }, (_, i) => ({ id: `image ${first + i}`, label: (first + i) % 5, metadata: { at: [i] } }))

const rowsOf = (rows: Embeddings, from: number, to: number) =>
  new Embeddings(rows.data.slice(from * rows.size, to * rows.size), rows.size)

async function throws(t: ExecutionContext, code: NPairErrorCode, work: Promise<unknown>): Promise<string> {
  const error = await t.throwsAsync(work, { instanceOf: NPairError })
  t.is(error?.code, code, error?.message)
  return error?.message ?? ''
}

/** Slow and obvious: a list of rows in order, all scores, a sort. */
class Plain {
  rows: { entry: IndexEntry; row: Float32Array }[] = []

  search(query: Float32Array, k: number, filter: (entry: IndexEntry) => boolean): Hit[] {
    const hits = this.rows
      .filter(({ entry }) => filter(entry))
      .map(({ entry, row }) => ({ ...entry, score: score(query, row, 'cosine') }))
    return hits.sort((a, b) => b.score - a.score).slice(0, k)
  }
}

test('a long random life equals a list that is sorted', async (t) => {
  for (const shortlist of ['float32', 'int8'] as const) {
    const random = new Random(8, 'report')
    const all = someRows(3000, 7, () => random.normal())
    const folder = join(await temporaryFolder(t), 'index')
    const plain = new Plain()
    let index = await Index.build(rowsOf(all, 0, 0), [], { shortlist })
    let next = 0
    for (let round = 0; round < 60; round++) {
      const count = Math.min(random.below(90), all.count - next)
      const entries = entriesOf(count, next)
      await index.add(rowsOf(all, next, next + count), entries)
      entries.forEach((entry, i) => {
        plain.rows.push({ entry, row: all.row(next + i) })
      })
      next += count
      const gone = new Set(Array.from({ length: random.below(30) }, () => `image ${random.below(next + 1)}`))
      const left = plain.rows.filter(({ entry }) => !gone.has(entry.id))
      t.is(await index.remove(gone), plain.rows.length - left.length)
      plain.rows = left
      t.is(index.count, left.length)
      if (round % 20 === 19) {
        await index.save(folder)
        await index.close()
        index = await Index.load(folder, { shortlist })
      }
      const queries = rowsOf(all, random.below(2900), 2900 + random.below(100))
      const some = new Embeddings(queries.data.slice(0, 7 * 4), 7)
      const [k, label] = [1 + random.below(20), random.below(8)]
      const filter = (entry: IndexEntry) => label > 4 || entry.label === label
      const found = await index.search(some, label > 5 ? { k } : { k, filter })
      t.deepEqual(
        found,
        Array.from(some, (query) => plain.search(query, k, filter)),
      )
    }
    t.true(next > 1000)
    await index.close()
  }
})

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

test('while writers replace it, a reader finds rows and entries of one generation', async (t) => {
  const folder = join(await temporaryFolder(t), 'index')
  const row = (angle: number) => Float32Array.of(Math.cos(angle), Math.sin(angle))
  // Image i points to i · 0.1: whoever finds other rows to an entry finds another score than 1.
  const build = async (first: number) => {
    const rows = new Embeddings(Float32Array.from([0, 1, 2].flatMap((i) => [...row((first + i) * 0.1)])), 2)
    return Index.build(rows, entriesOf(3, first))
  }
  let ended = false
  const writing = (async () => {
    for (let round = 0; round < 60; round++) {
      // The same names, other content: now and then another's folder is in its place.
      const index = await build(round % 20)
      const own = `${folder}-${round}`
      await index.save(own)
      if (round > 0) await rename(folder, `${own}-old`)
      await rename(own, folder)
      if (round > 0) await rm(`${own}-old`, { recursive: true })
      await index.close()
    }
    ended = true
  })()
  let loaded = 0
  while (!ended) {
    const index = await Index.load(folder, { verify: loaded % 2 === 0 }).catch((error: NPairError) => {
      // Between two renames, or three times in a row replaced.
      t.true(error.code === 'NOT_FOUND' || /is missing/.test(error.message), error.message)
      return undefined
    })
    if (index === undefined) continue
    loaded++
    for (let i = 0; i < 30; i++)
      if (index.has(`image ${i}`)) {
        const [hits] = await index.search(new Embeddings(row(i * 0.1), 2), { k: 1 })
        t.is(hits?.[0]?.id, `image ${i}`)
      }
    await index.close()
  }
  await writing
  t.true(loaded > 5, String(loaded))
})

test('an add that fails on the way leaves every row that was there', async (t) => {
  const row = (count: number) => new Embeddings(new Float32Array(2 * count).fill(1), 2)
  const rows = row(4)
  const index = await Index.build(rows, entriesOf(4))
  await index.add(row(2), entriesOf(2, 4))
  await index.add(row(1), entriesOf(1, 6))
  // Rows are not copied: changed against the rules, they cannot be merged with those that the next add would merge them with.
  rows.data[0] = Number.NaN
  await throws(t, 'INVALID_OPTION', index.add(row(1), entriesOf(1, 7)))
  rows.data[0] = 1
  t.is(index.count, 7)
  const [hits] = await index.search(row(1))
  t.deepEqual(
    hits?.map(({ id }) => id),
    entriesOf(7).map(({ id }) => id),
  )
  await index.add(row(1), entriesOf(1, 7))
  t.is((await index.search(row(1)))[0]?.length, 8)
  await index.close()
})

test('closing twice, at once or one after the other, waits for what is under way', async (t) => {
  const index = await Index.build(new Embeddings(Float32Array.of(1, 2), 2), entriesOf(1))
  const searching = index.search(new Embeddings(Float32Array.of(1, 2), 2))
  await t.notThrowsAsync(Promise.all([index.close(), index.close()]))
  t.is((await searching)[0]?.length, 1)
  await t.notThrowsAsync(index.close())
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

test('as many hits as are asked for, where there are as many', async (t) => {
  const index = await Index.build(new Embeddings(Float32Array.of(1, 2, 3, 4), 2), entriesOf(2))
  const query = new Embeddings(Float32Array.of(1, 2), 2)
  for (const k of [1e9, 4e9, Number.MAX_SAFE_INTEGER]) t.is((await index.search(query, { k }))[0]?.length, 2)
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

test('damage is named', async (t) => {
  const folder = join(await temporaryFolder(t), 'index')
  await throws(t, 'NOT_FOUND', Index.load(folder))
  const index = await Index.build(new Embeddings(Float32Array.of(1, 2, 3, 4), 2), entriesOf(2))
  await index.save(folder)
  await index.close()
  const [json, rows] = [join(folder, 'index.json'), join(folder, 'rows-1.f32')]
  const [text, bytes] = [await readFile(json, 'utf8'), await readFile(rows)]
  const refused = async (pattern: RegExp, of: string, content: string | Uint8Array) => {
    const before = await readFile(of)
    await writeFile(of, content)
    t.regex(await throws(t, 'INDEX_CORRUPT', Index.load(folder)), pattern)
    await writeFile(of, before)
  }
  await refused(/no JSON/, json, text.slice(0, 50))
  await refused(/no index/, json, 'null')
  await refused(/version 3; this npair reads versions 1 and 2/, json, text.replace('"version":2', '"version":3'))
  for (const [from, to] of [
    ['"count":2', '"count":3'],
    ['"count":2', '"count":-2'],
    ['"size":2', '"size":0'],
    ['"metric":"cosine"', '"metric":"l1"'],
    ['"rows":"rows-1.f32"', '"rows":"../rows-1.f32"'],
    ['"id":"image 1"', '"id":1'],
    ['"checksum"', '"other"'],
    ['"version":2', '"version":1'],
  ] as const)
    await refused(/damaged/, json, text.replace(from, to))
  for (const [from, to] of [
    ['"metric":"cosine"', '"metric":"dot"'],
    ['"id":"image 1"', '"id":"image 7"'],
    ['"at":[1]', '"at":[2]'],
  ] as const)
    await refused(/index\.json was altered: its SHA-256/, json, text.replace(from, to))
  await refused(
    /SHA-256/,
    rows,
    bytes.map((byte, i) => byte ^ (i === 5 ? 1 : 0)),
  )
  await truncate(rows, 12)
  t.regex(await throws(t, 'INDEX_CORRUPT', Index.load(folder, { verify: false })), /12 bytes instead of 16/)
})

const modelOf = (weights: string, shifts: number[] = []) => ({
  identity: { weights: weights.repeat(64), definition: '0'.repeat(64), views: { mirror: false, shifts } },
})

test('an index is tied to the model that made it, in its views; one of vectors alone to none', async (t) => {
  const folder = join(await temporaryFolder(t), 'index')
  const model = modelOf('a', [1, 2])
  const row = () => new Embeddings(Float32Array.of(1, 2), 2)
  const index = await Index.build(row(), entriesOf(1), { model })
  await index.add(row(), entriesOf(1, 1), { model: modelOf('a', [2, 1]) })
  const refused = async (of: Index, wrong: ReturnType<typeof modelOf> | undefined, pattern: RegExp) => {
    const message = await throws(t, 'INDEX_MODEL', of.add(row(), entriesOf(1, 2), wrong ? { model: wrong } : {}))
    t.regex(message, pattern)
  }
  await refused(
    index,
    modelOf('b', [1, 2]),
    /the model with weights a{64}, and these are of the model with weights b{64}:/,
  )
  await refused(
    index,
    modelOf('a'),
    /weights a{64}, mirror false, shifts \[1, 2\], and .* weights a{64}, mirror false, shifts \[\]:/,
  )
  const other = { identity: { ...model.identity, definition: '1'.repeat(64) } }
  await refused(index, other, /definition 0{64}, and .* definition 1{64}:/)
  await refused(index, undefined, /weights a{64}, .* are of no model that is known/)
  await index.save(folder)
  const loaded = await Index.load(folder)
  t.deepEqual(loaded.model, model.identity)
  await refused(loaded, modelOf('b', [1, 2]), /weights b{64}/)

  const bare = await Index.build(row(), entriesOf(1))
  t.is(bare.model, undefined)
  await refused(bare, model, /holds embeddings of no model that is known/)
  t.deepEqual([index.count, loaded.count, bare.count], [2, 2, 1])
  const wrong = Index.build(row(), entriesOf(1), { model: { identity: { weights: 'x' } } as never })
  t.regex(await throws(t, 'INVALID_OPTION', wrong), /a Model for model/)
  await Promise.all([index, loaded, bare].map((each) => each.close()))
})

test('an index of before indexes had a model is read, and tied to none', async (t) => {
  const folder = join(await temporaryFolder(t), 'index')
  const index = await Index.build(new Embeddings(Float32Array.of(1, 2), 2), entriesOf(1), { model: modelOf('a') })
  await index.save(folder)
  await index.close()
  const path = join(folder, 'index.json')
  const { model, checksum, ...old } = { ...JSON.parse(await readFile(path, 'utf8')), version: 1 }
  await writeFile(path, JSON.stringify(old))
  const loaded = await Index.load(folder)
  t.deepEqual([loaded.count, loaded.model], [1, undefined])
  await loaded.close()
  for (const damaged of [
    { ...old, model },
    { ...old, version: 2, checksum, model: { ...model, weights: 'x' } },
  ]) {
    await writeFile(path, JSON.stringify(damaged))
    t.regex(await throws(t, 'INDEX_CORRUPT', Index.load(folder)), /damaged/)
  }
})

test('what is wrong is named, and changes nothing', async (t) => {
  const rows = new Embeddings(Float32Array.of(1, 0, 0, 1), 2)
  const index = await Index.build(rows, entriesOf(2))
  const refused = async (pattern: RegExp, work: Promise<unknown>) =>
    t.regex(await throws(t, 'INVALID_OPTION', work), pattern)
  await refused(/2 entries/, index.add(rows, entriesOf(1)))
  await refused(/entries\[1\]\.id/, index.add(rows, [{ id: 'new' }, { id: 'new' }]))
  await refused(/no other row has for entries\[0\]\.id/, index.add(rows, entriesOf(2, 1)))
  await refused(/a string for entries\[0\]\.id/, index.add(rows, [{ id: 1 }, { id: 2 }] as never))
  await refused(/entries\[0\]\.label/, index.add(rows, [{ id: 'a', label: Number.NaN }, { id: 'b' }]))
  await refused(/did you mean entries\[0\]\.label/, index.add(rows, [{ id: 'a', lable: 1 }, { id: 'b' }] as never))
  const cyclic: { inner?: unknown } = {}
  cyclic.inner = [cyclic]
  for (const [metadata, name] of [
    [1n, ''],
    [Number.NaN, ''],
    [{ a: [1, Number.POSITIVE_INFINITY] }, '.a[1]'],
    [[undefined], '[0]'],
    [new Map([[1, 2]]), ''],
    [{ at: new Date(0) }, '.at'],
    [{ f: () => 1 }, '.f'],
    [Symbol('s'), ''],
    [cyclic, '.inner[0]'],
  ] as const) {
    const error = await t.throwsAsync(index.add(rows, [{ id: 'a' }, { id: 'b', metadata }]), { instanceOf: NPairError })
    t.is(error?.option, `entries[1].metadata${name}`, error?.message)
  }
  await refused(
    /Row 0 of rows has the length NaN/,
    index.add(new Embeddings(Float32Array.of(Number.NaN, 1), 2), [{ id: 'a' }]),
  )
  await refused(/queries\.size/, index.search(new Embeddings(Float32Array.of(1), 1)))
  await refused(/for k/, index.search(rows, { k: 0.5 }))
  await refused(/a function for filter/, index.search(rows, { filter: 1 as never }))
  await refused(/for folder/, index.save(''))
  await refused(/for metric/, Index.build(rows, entriesOf(2), { metric: 'l2' as never }))
  t.is(index.count, 2)
  await index.close()
})
