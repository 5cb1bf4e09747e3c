import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import type { NPairError } from '../../src/errors.js'
import { Index } from '../../src/retrieval/searchIndex.js'
import { temporaryFolder } from '../data/temporaryFolder.js'
import { entriesOf } from './indexRows.js'

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
