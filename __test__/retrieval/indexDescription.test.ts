import { readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { Index } from '../../src/retrieval/searchIndex.js'
import { temporaryFolder } from '../data/temporaryFolder.js'
import { entriesOf, modelOf } from './indexRows.js'
import { throws } from './throws.js'

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
  await refused(/version 4; this npair reads versions 1, 2 and 3/, json, text.replace('"version":3', '"version":4'))
  for (const [from, to] of [
    ['"count":2', '"count":3'],
    ['"count":2', '"count":-2'],
    ['"size":2', '"size":0'],
    ['"metric":"cosine"', '"metric":"l1"'],
    ['"rows":"rows-1.f32"', '"rows":"../rows-1.f32"'],
    ['"id":"image 1"', '"id":1'],
    ['"checksum"', '"other"'],
    ['"version":3', '"version":1'],
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
