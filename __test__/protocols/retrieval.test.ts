import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { NPairError } from '../../src/errors.js'
import { evaluate } from '../../src/protocols/evaluate.js'
import { formatTable } from '../../src/protocols/formatTable.js'
import { retrieval } from '../../src/protocols/retrieval.js'
import { labelledData, noisyEmbedder } from './labelledData.js'

test('figures, lone queries counted and said, plain JSON', async (t) => {
  const data = labelledData([3, 3, 1])
  // Class 0 at 0°, 10° and 80°; class 1 at 90°, 100°, 70°; the lone image at 180°.
  const angles = [0, 10, 80, 90, 100, 70, 180].map((a) => (a * Math.PI) / 180)
  const embedder = {
    embedDataset: async () => new Embeddings(Float32Array.from(angles.flatMap((a) => [Math.cos(a), Math.sin(a)])), 2),
  }
  const result = await evaluate(embedder, retrieval(data, { at: [4, 1] }))
  // 0→10 hit, 10→0 hit, 80→70 or 90 miss, 90→100 or 80, 100→90 hit, 70→80 miss, lone miss.
  t.true([3 / 7, 4 / 7].includes(result.figures['recall@1']?.value as number))
  t.is(result.headline, 'recall@1')
  t.is(result.counts.loneQueries, 1)
  t.is(result.counts.queries, 7)
  t.regex(result.notes.join(), /1 queries are alone/)
  t.deepEqual(JSON.parse(JSON.stringify(result)), result)
  t.regex(formatTable(result), /MAP@R/)
})

test('a perfect embedder finds all', async (t) => {
  const result = await evaluate(noisyEmbedder(0.01), retrieval(labelledData([4, 2, 7])))
  for (const name of ['recall@1', 'recall@8', 'rPrecision', 'map@r']) t.is(result.figures[name]?.value, 1, name)
})

test('refused by name: options, one class, single images, embeddings that are not finite or not as many', async (t) => {
  const data = labelledData([2, 2])
  for (const at of [[], [0], [1.5], 3, ['1']] as number[][])
    t.is(t.throws(() => retrieval(data, { at }), { instanceOf: NPairError })?.option, 'retrieval.at')
  t.is(t.throws(() => retrieval(data, { top: 3 } as object), { instanceOf: NPairError })?.code, 'INVALID_OPTION')
  for (const sizes of [[5], [1, 1, 1], []])
    t.is(t.throws(() => retrieval(labelledData(sizes)), { instanceOf: NPairError })?.code, 'DATA_CLASSES')
  const rows = (values: number[]) => ({ embedDataset: async () => new Embeddings(Float32Array.from(values), 1) })
  const bad = await t.throwsAsync(evaluate(rows([1, 2, Number.NaN, 1]), retrieval(data)), { instanceOf: NPairError })
  t.is(bad?.code, 'NON_FINITE')
  t.regex(bad?.message ?? '', /image 2/)
  t.is(
    (await t.throwsAsync(evaluate(rows([1, 2]), retrieval(data)), { instanceOf: NPairError }))?.code,
    'INVALID_OPTION',
  )
})
