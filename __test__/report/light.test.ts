import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { Dataset } from '../../src/data/dataset.js'
import { openPack } from '../../src/data/pack.js'
import { writePack } from '../../src/data/writePack.js'
import type { Embeddings } from '../../src/embeddings.js'
import { create } from '../../src/protocols/create.js'
import { evaluate } from '../../src/protocols/evaluate.js'
import type { EvaluationResult } from '../../src/protocols/result.js'
import { verification } from '../../src/protocols/verification.js'
import { Random } from '../../src/random.js'
import { confusions } from '../../src/report/confusions.js'
import { embeddingMap } from '../../src/report/embeddingMap.js'
import { gallery } from '../../src/report/gallery.js'
import { nearImages } from '../../src/report/nearImages.js'
import { writeReport } from '../../src/report/report.js'
import { saveReportData } from '../../src/report/reportData.js'
import { reportModels } from '../../src/report/reportModels.js'
import { noisyEmbedder } from '../protocols/labelledData.js'
import { temporary } from '../train/tinyRun.js'

/** 20,000 images, so many a class, with long names: pictures of pure noise. */
async function noise(folder: string, perClass = 2): Promise<Dataset> {
  const [count, side] = [20_000, 64]
  const content = {
    ...{ labels: Int32Array.from({ length: count }, (_, i) => Math.floor(i / perClass)), skipped: [] },
    names: Array.from(
      { length: count },
      (_, i) => `a folder of some length/person ${Math.floor(i / perClass)}/photograph ${i}.jpg`,
    ),
    classes: Array.from({ length: count / perClass }, (_, c) => `a folder of some length/person ${c}`),
    ...{ superClasses: [], superClassOf: [] },
  }
  // Noise of all positions of one long random strip: no two images alike, none that can be compressed.
  const random = new Random(1, 'report')
  const strip = Uint8Array.from({ length: side * side * 3 + count }, () => random.below(256))
  async function* images() {
    for (let i = 0; i < count; i++) yield strip.subarray(i, i + side * side * 3)
  }
  const ingest = {
    ...{ size: [side, side] as [number, number], channels: 3 as const, interpolation: 'linear' as const },
    ...{ fit: 'fill' as const, background: 0, broken: 'error' as const },
  }
  const pack = join(folder, 'pack')
  await writePack(pack, ingest, content, images(), () => content)
  return Dataset.whole(await openPack(pack), { type: 'labels' })
}

test('the report of 10,000 classes takes less than 5 MB, even of pictures of pure noise', async (t) => {
  const folder = await temporary(t)
  const data = await noise(folder)
  const run = join(folder, 'run')
  await mkdir(run)

  const embeddings = await noisyEmbedder(2).embedDataset(data)
  const near = await nearImages(data, embeddings)
  t.is(near.length, 20_000)
  // As many images as 20 classes of 20 have.
  const map = await embeddingMap(data, embeddings, true, { classes: 200 })
  t.is(map?.images.length, 400)
  const result = await evaluate({ embedDataset: async () => embeddings }, create({ type: 'verification' }, data))
  await saveReportData(run, {
    ...{
      results: [withRows(result, data)],
      gallery: await gallery(data, near),
      confusions: await confusions(data, near),
    },
    ...(map && { map }),
  })
  const { size } = await stat(await writeReport(run))
  t.true(size < 5e6, `${size} bytes`)
  t.true(size > 2e5, `${size} bytes`)
  t.log(`${(size / 1e6).toFixed(2)} MB`)
})

// A map shows up to 20 images of a class: where there are as many it weighs more than 10,000 classes of two do.
for (const perClass of [2, 20])
  test(`so does a page of two models, ${perClass} images a class`, async (t) => {
    const folder = await temporary(t)
    const data = await noise(folder, perClass)
    const page = join(folder, 'judged.html')
    const models = [1, 2].map((seed) => ({ name: `model ${seed}`, embedder: noisyEmbedder(2, seed) }))
    // A split that names every class is in the plan of the data, and many rows in a table.
    const cut = data.splitByClass({ test: data.classes.slice(1), seed: 1 }).test
    const judged = verification(cut, { bootstrap: 0 })
    const long = { ...judged, judge: async (rows: Embeddings) => withRows(await judged.judge(rows), cut) }
    await reportModels({ page, models, protocols: [long] })
    const { size } = await stat(page)
    t.true(size < 5e6, `${size} bytes`)
    t.true(size > 1e6, `${size} bytes`)
    t.log(`${(size / 1e6).toFixed(2)} MB`)
  })

/** A result with a table of a row a class. */
function withRows(result: EvaluationResult, data: Dataset): EvaluationResult {
  const columns = [
    { label: 'Class', unit: 'text' as const },
    { label: 'Accuracy', unit: 'fraction' as const },
  ]
  const perClass = { label: 'Classes', columns, rows: data.classes.map((name, c) => [name, c / data.length]) }
  return { ...result, tables: { ...result.tables, perClass } }
}
