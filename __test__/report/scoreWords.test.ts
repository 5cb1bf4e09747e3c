import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { parseHTML } from 'linkedom'
import { Embeddings } from '../../src/embeddings.js'
import type { Embedder } from '../../src/protocols/protocol.js'
import { verification } from '../../src/protocols/verification.js'
import { reportModels } from '../../src/report/reportModels.js'
import { noisyEmbedder } from '../protocols/labelledData.js'
import { characters, temporary } from '../train/tinyRun.js'

/** As a model with `fusion: 'scores'`: rows are compared by product. */
const fused: Embedder = {
  async embedDataset(dataset) {
    const rows = (await noisyEmbedder(1).embedDataset(dataset)).normalized()
    const data = Float32Array.from(Array.from(rows, (row) => Array.from(row)).flat())
    return new Embeddings(data, 16, 'dot')
  },
}

test('a page calls scores what they are: cosines, of all views, or normalised', async (t) => {
  const page = join(await temporary(t), 'judged.html')
  const { train, test: data } = await characters()
  const plain = verification(data, { folds: 3 })
  const normalised = verification(data, { folds: 3, scoreNorm: { type: 's', cohort: train } })
  const views = 'mean of the cosines of all combinations of views'
  for (const [embedder, protocol, score, near] of [
    [noisyEmbedder(1), plain, 'cosine similarity', 'cosine similarity'],
    [noisyEmbedder(1), normalised, 'normalised score', 'cosine similarity'],
    [fused, plain, views, views],
    [fused, normalised, 'normalised score', views],
  ] as const) {
    await reportModels({ page, models: [{ name: 'a', embedder }], protocols: [protocol] })
    const { document } = parseHTML(await readFile(page, 'utf8'))
    const [figure] = document.querySelectorAll('figure.plot')
    t.is(figure?.querySelector('h3')?.textContent, 'Scores of same and different pairs')
    t.is(figure?.querySelector('[aria-label="x-axis label"]')?.textContent, `${score} →`)
    t.true(figure?.querySelector('figcaption')?.textContent.startsWith(`Share of each kind of pair by ${score}.`))
    t.true(figure?.querySelector('svg')?.getAttribute('aria-label')?.startsWith(`Histogram of pairs by ${score}.`))
    const said = document.querySelector('#gallery p')?.textContent ?? ''
    t.true(said.includes(`nearest others by ${near} (the number under each)`), said)
  }
  await reportModels({
    ...{ page, protocols: [plain] },
    models: [
      { name: 'a', embedder: noisyEmbedder(1) },
      { name: 'b', embedder: fused },
    ],
  })
  t.true((await readFile(page, 'utf8')).includes(`nearest others by cosine similarity (a) or ${views} (b) (the number`))
})
