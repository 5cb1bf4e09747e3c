import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { parseHTML } from 'linkedom'
import sharp from 'sharp'
import { checkTrainConfig } from '../../src/config/trainConfig.js'
import { datasets } from '../../src/data/datasets.js'
import { Random } from '../../src/random.js'
import { judgeRun } from '../../src/report/judgeRun.js'
import { writeReport } from '../../src/report/report.js'
import { trainConfig } from '../../src/report/trainConfig.js'
import { noisyEmbedder } from '../protocols/labelledData.js'
import { characters, refused, temporary, trainTiny } from '../train/tinyRun.js'
import { outside } from './outside.js'

test('a whole report: curves, histogram, ROC, gallery, plan, definitions, versions, seed; nothing from outside', async (t) => {
  const folder = join(await temporary(t), 'run')
  const { test: data } = await characters()
  await trainTiny(folder, {
    test: data,
    validationData: data,
    validation: { every: 4, protocol: { type: 'retrieval' }, figure: 'map@r' },
  })
  const { results } = await judgeRun(folder, noisyEmbedder(1), data)
  const page = await readFile(join(folder, 'report.html'), 'utf8')
  t.deepEqual(outside(page), [])
  const { document } = parseHTML(page)
  const folded = [...document.querySelectorAll('#training details h3')].map((title) => title.textContent)
  t.is(folded.length, Object.keys(results[1]?.figures ?? {}).length - 1)
  t.true(folded.includes('Validation: Recall@1') && !folded.includes('Validation: MAP@R'))
  const titles = [...document.querySelectorAll('figure.plot h3')]
    .map((title) => title.textContent)
    .filter((title) => !folded.includes(title))
  t.deepEqual(titles, [
    ...['Recall@K', 'CMC', 'Open set', 'Scores of same and different pairs', 'ROC', 'ROC, few false accepts', 'DET'],
    ...['Class of the nearest image', 'PCA', 'UMAP'],
    ...['Loss', 'Learning rate', 'Embedding norm', 'Gradient norm', 'Validation: MAP@R'],
  ])
  t.true(
    [...document.querySelectorAll('figure.plot')].every(
      (figure) => figure.querySelector('svg path, svg rect') !== null,
    ),
  )
  t.true(document.querySelectorAll('#gallery img[src^="data:image/png;base64,"]').length >= 6 * 6)
  for (const result of results) t.true(document.body.textContent.includes(result.definition), result.protocol)
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
  for (const fact of [version, process.version, 'conv4 trained with nPairMc', 'seed 5', '12 steps', '"pairs": 4'])
    t.true(document.body.textContent.includes(fact), fact)
  t.true(page.includes('ring: the model that is kept, of step '))
  const plan = await readFile(join(folder, 'config.json'), 'utf8')
  await writeFile(join(folder, 'config.json'), plan.replace('"keep": "best"', '"keep": "last"'))
  await writeReport(folder)
  t.regex(
    await readFile(join(folder, 'report.html'), 'utf8'),
    /during training; ring: the model that is kept, of step 12\./,
  )
})

test('class names, folder names and records are text, not markup', async (t) => {
  const evil = `<script>alert(1)</script>&"'<img src=x onerror=y>`.replaceAll('/', '∕')
  const folder = await temporary(t)
  for (const [c, name] of [evil, 'b', 'c', 'd'].entries()) {
    await mkdir(join(folder, 'images', name), { recursive: true })
    for (let i = 0; i < 3; i++) {
      const random = new Random(c, 'report', i)
      const pixels = Uint8Array.from({ length: 64 }, () => random.below(256))
      await sharp(pixels, { raw: { width: 8, height: 8, channels: 1 } })
        .png()
        .toFile(join(folder, 'images', name, `${i}.png`))
    }
  }
  const data = await datasets.folder(join(folder, 'images'), { size: 8 })
  const run = join(folder, `run ${evil}`)
  await mkdir(run)
  await writeFile(join(run, 'environment.json'), JSON.stringify({ npair: evil, [evil]: evil }))
  await writeFile(join(run, 'config.json'), JSON.stringify({ net: { type: evil }, loss: { type: evil }, note: evil }))
  await judgeRun(run, noisyEmbedder(1), data)
  const page = await readFile(join(run, 'report.html'), 'utf8')
  t.false(page.includes('<script'))
  t.false(page.includes('<img src=x'))
  t.deepEqual(outside(page), [])
  const { document } = parseHTML(page)
  t.is(document.querySelector('h1')?.textContent, `run ${evil}`)
  const names = [...document.querySelectorAll('#gallery .name')].map((name) => name.textContent)
  t.true(names.includes(evil))
})

test('what a run lacks is left out: no test half, no validation, no metrics, nothing at all', async (t) => {
  const folder = await temporary(t)
  const run = join(folder, 'run')
  await trainTiny(run, { checkpointEvery: 0 })
  await appendFile(join(run, 'metrics.jsonl'), '{"step":13,"los')
  const path = await writeReport(run)
  t.is(path, join(run, 'report.html'))
  const page = await readFile(path, 'utf8')
  t.regex(page, /The model was not judged: there was no test data\./)
  t.regex(page, /<h3>Loss<\/h3>/)
  t.notRegex(page, /Validation:|id="gallery"|id="result-1"|NaN|undefined/)
  await rm(join(run, 'metrics.jsonl'))
  await writeReport(run)
  t.notRegex(await readFile(path, 'utf8'), /id="training"|NaN|undefined/)
  const empty = join(folder, 'empty')
  await mkdir(empty)
  await writeReport(empty)
  t.regex(await readFile(join(empty, 'report.html'), 'utf8'), /The run folder holds no plan\./)
  await refused(t, () => writeReport(join(folder, 'nothing')), 'NOT_WRITABLE')
})

test('a config without a test half trains and gets its report', async (t) => {
  const folder = join(await temporary(t), 'run')
  const layers = [{ type: 'flatten' as const }, { type: 'linear' as const, name: 'a', out: 4 }]
  const checked = await checkTrainConfig({
    ...{ data: { type: 'characters', size: 8 }, net: { type: 'layers', layers } },
    ...{ batch: { pairs: 4 }, steps: 2, device: 'cpu', output: folder },
  })
  const { text, results } = await trainConfig(checked)
  t.deepEqual(results, [])
  t.is(
    text,
    `There was no test half: the model was not judged.\n\nmodel:  ${folder}/model\nreport: ${folder}/report.html`,
  )
  t.regex(await readFile(join(folder, 'report.html'), 'utf8'), /<h3>Loss<\/h3>/)
})
