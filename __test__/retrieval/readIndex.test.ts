import { copyFile, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import type { NPairError } from '../../src/errors.js'
import { checksumOf } from '../../src/retrieval/indexDescription.js'
import { Index } from '../../src/retrieval/searchIndex.js'
import { temporaryFolder } from '../data/temporaryFolder.js'
import { entriesOf } from './indexRows.js'
import { throws } from './throws.js'
import { withUsearch } from './withUsearch.js'

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

withUsearch('a graph that is of other rows is named, though its checksum is right', async (t) => {
  const folder = await temporaryFolder(t)
  const build = async (name: string, count: number) => {
    const rows = new Embeddings(
      Float32Array.from({ length: 2 * count }, (_, i) => Math.sin(i * i + 1)),
      2,
    )
    const index = await Index.build(rows, entriesOf(count))
    await index.approximate()
    await index.save(join(folder, name))
    await index.close()
    return join(folder, name)
  }
  const [whole, other] = [await build('whole', 20), await build('other', 12)]
  const path = join(whole, 'index.json')
  const [own, theirs] = await Promise.all(
    [path, join(other, 'index.json')].map(async (file) => JSON.parse(await readFile(file, 'utf8'))),
  )
  await copyFile(join(other, theirs.graph.file), join(whole, own.graph.file))
  const mixed = { ...own, graph: { ...own.graph, sha256: theirs.graph.sha256 } }
  await writeFile(path, JSON.stringify({ ...mixed, checksum: checksumOf(mixed) }))
  const message = await throws(t, 'INDEX_CORRUPT', Index.load(whole, { approximate: true }))
  t.regex(message, /graph-1\.usearch links 12 rows and not the 20 of the index/)
})
