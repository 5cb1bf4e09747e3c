import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { create } from '../../src/protocols/create.js'
import { evaluate } from '../../src/protocols/evaluate.js'
import { pixelBaseline } from '../../src/protocols/pixelBaseline.js'
import { retrieval } from '../../src/protocols/retrieval.js'
import { fittingProtocols, judgeRun } from '../../src/report/judgeRun.js'
import { labelledData, noisyEmbedder } from '../protocols/labelledData.js'
import { characters, refused, temporary } from '../train/tinyRun.js'

const fitting = (...data: Parameters<typeof labelledData>) => fittingProtocols(labelledData(...data))

test('protocols that fit: ways of the smallest alphabet, folds of two classes', (t) => {
  t.deepEqual(fitting(new Array<number>(30).fill(3)), [
    { type: 'oneShot', ways: 20 },
    { type: 'retrieval' },
    { type: 'identification' },
    { type: 'verification', folds: 10 },
  ])
  t.deepEqual(fitting([3, 3, 3, 3, 3], [0, 0, 0, 1, 1]), [
    { type: 'oneShot', ways: 2 },
    { type: 'retrieval' },
    { type: 'identification' },
    { type: 'verification', folds: 2 },
  ])
  t.deepEqual(fitting([3, 3]), [{ type: 'oneShot', ways: 2 }, { type: 'retrieval' }])
  t.deepEqual(fitting([3]), [])
})

test('classes of one image count for nothing, and what is offered can be made', (t) => {
  t.deepEqual(fitting([1, 1, 1, 1, 1]), [])
  t.deepEqual(fitting([2, 1, 1, 1, 1]), [{ type: 'retrieval' }])
  t.deepEqual(fitting([3, 3, 1, 3, 1], [0, 0, 0, 1, 1]), [
    { type: 'oneShot', ways: 2, fewerWays: 'skip' },
    { type: 'retrieval' },
  ])
  const shapes: Parameters<typeof labelledData>[] = [
    [
      [3, 3, 1, 3, 1],
      [0, 0, 0, 1, 1],
    ],
    [[50, 2, 2, 2, 1, 1, 1]],
    [[...new Array<number>(19).fill(2), 1, 1, 40]],
  ]
  for (const shape of shapes)
    for (const options of fitting(...shape))
      t.notThrows(() => create(options, labelledData(...shape)), JSON.stringify(options))
})

test('results and report with untrained pixels beside each headline', async (t) => {
  const folder = await temporary(t)
  const { test: data } = await characters()
  const { results, baseline } = await judgeRun(folder, noisyEmbedder(0.1), data)
  t.deepEqual(JSON.parse(await readFile(join(folder, 'results.json'), 'utf8')), results)
  t.deepEqual(
    results.map(({ protocol }) => protocol),
    ['oneShot', 'retrieval', 'identification', 'verification'],
  )
  t.is(baseline.name, 'untrained pixels')
  t.deepEqual(baseline.results[1], await evaluate(pixelBaseline, retrieval(data)))
  const report = await readFile(join(folder, 'report.html'), 'utf8')
  t.is([...report.matchAll(/<span class="beside">untrained pixels: \d+\.\d\d %/g)].length, 4)
  const figure = baseline.results[1]?.figures['recall@1']?.value as number
  t.true(report.includes(`untrained pixels: ${(100 * figure).toFixed(2)} %`))
})

test('embeddings that are not finite are no result', async (t) => {
  const folder = await temporary(t)
  const { test: data } = await characters()
  const broken = {
    embedDataset: async () => {
      const embeddings = await noisyEmbedder(1).embedDataset(data)
      embeddings.data[17] = Number.NaN
      return embeddings
    },
  }
  await refused(t, () => judgeRun(folder, broken, data), 'NON_FINITE', /The embedding of alphabet03/)
  await refused(t, () => judgeRun(folder, noisyEmbedder(1), data, { signal: AbortSignal.abort() }), 'ABORTED')
  t.deepEqual(await readdir(folder), [])
})
