import { join } from 'node:path'
import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { Index } from '../../src/retrieval/searchIndex.js'
import { temporaryFolder } from '../data/temporaryFolder.js'
import { entriesOf, modelOf } from './indexRows.js'
import { throws } from './throws.js'

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
