import { rmSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { parseHTML } from 'linkedom'
import { datasets } from '../../src/data/datasets.js'
import { npy } from '../../src/model/npy.js'
import { clustering } from '../../src/protocols/clustering.js'
import { evaluate } from '../../src/protocols/evaluate.js'
import { featureBaseline } from '../../src/protocols/featureBaseline.js'
import { formatFigure } from '../../src/protocols/formatTable.js'
import { identification } from '../../src/protocols/identification.js'
import { oneShot } from '../../src/protocols/oneShot.js'
import type { Embedder } from '../../src/protocols/protocol.js'
import type { EvaluationResult } from '../../src/protocols/result.js'
import { retrieval } from '../../src/protocols/retrieval.js'
import type { SideBySide } from '../../src/protocols/sideBySide.js'
import { verification } from '../../src/protocols/verification.js'
import { type ReportOptions, reportModels } from '../../src/report/reportModels.js'
import { noisyEmbedder } from '../protocols/labelledData.js'
import { characters, refused, temporary } from '../train/tinyRun.js'
import { faults } from './faults.js'

const texts = (elements: Iterable<Element>) => [...elements].map((element) => element.textContent)

test('one model by several protocols: figures, definitions, versions, counts, notes, curves, neighbours, confusions, maps', async (t) => {
  const page = join(await temporary(t), 'judged.html')
  const { test: data } = await characters()
  const model = noisyEmbedder(1)
  const protocols = [verification(data, { folds: 3 }), retrieval(data), identification(data)]
  const results = await reportModels({ page, models: [{ name: 'runs/<a>', embedder: model }], protocols })
  for (const [i, protocol] of protocols.entries()) t.deepEqual(results[i], await evaluate(model, protocol))
  const text = await readFile(page, 'utf8')
  t.deepEqual(faults(text), [])
  const { document } = parseHTML(text)
  t.is(document.querySelector('h1')?.textContent, 'runs/<a>')
  for (const [i, result] of (results as EvaluationResult[]).entries()) {
    const section = document.querySelector(`#result-${i + 1}`)
    const said = section?.textContent ?? ''
    const rows = [...(section?.querySelectorAll('.figures tbody tr') ?? [])].map((row) => texts(row.children))
    t.deepEqual(
      rows,
      Object.values(result.figures).map((f) => [f.label, formatFigure(f), f.definition]),
    )
    for (const words of [result.definition, `Protocol ${result.protocol}, version 1.`, ...result.notes])
      t.true(said.includes(words), words)
  }
  t.true((results as EvaluationResult[]).some(({ notes }) => notes.length > 0))
  t.is(document.querySelectorAll('.headlines li').length, 3)
  t.deepEqual(texts(document.querySelectorAll('figure.plot h3')), [
    ...['Scores of same and different pairs', 'ROC', 'ROC, few false accepts', 'DET', 'Recall@K', 'CMC', 'Open set'],
    ...['Class of the nearest image', 'PCA', 'UMAP'],
  ])
  t.true(document.querySelectorAll('#gallery img[src^="data:image/png;base64,"]').length >= 6 * 6)
  t.true(document.querySelectorAll('#confusion .pairs img').length > 0)
  t.true(document.querySelectorAll('#map .points input').length > 30)
  t.regex(document.querySelector('#judged')?.textContent ?? '', /embedding size16/)
  t.regex(document.querySelector('.lead')?.textContent ?? '', /^Judged on \d+ images of \d+ classes · characters$/)
})

test('what was judged is told before the page is written, which may fail', async (t) => {
  const folder = join(await temporary(t), 'reports')
  await mkdir(folder)
  const { test: data } = await characters()
  const told: unknown[] = []
  const options = {
    ...{ page: join(folder, 'judged.html'), models: [{ name: 'a', embedder: noisyEmbedder(1) }] },
    protocols: [verification(data, { folds: 3 }), retrieval(data)],
    onResult: (result: unknown) => {
      told.push(result)
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await refused(t, () => reportModels(options), 'NOT_WRITABLE')
  t.deepEqual(told, await Promise.all(options.protocols.map((protocol) => evaluate(noisyEmbedder(1), protocol))))
  await refused(
    t,
    () => reportModels({ ...options, onResult: 1 } as never),
    'INVALID_OPTION',
    /a function for onResult/,
  )
})

test('two models: every figure of both, which is better with the interval, curves on the same axes, the same queries', async (t) => {
  const page = join(await temporary(t), 'judged.html')
  const { test: data } = await characters()
  const models = [
    { name: 'runs/a', embedder: noisyEmbedder(0.5) },
    { name: 'runs/b', embedder: noisyEmbedder(2, 2) },
  ]
  const protocols = [
    ...[verification(data, { folds: 3 }), retrieval(data), oneShot(data, { ways: 5, episodes: 50 })],
    // Which has no items to compare models on.
    clustering(data),
  ]
  const results = (await reportModels({ page, models, protocols })) as SideBySide[]
  const text = await readFile(page, 'utf8')
  t.deepEqual(faults(text), [])
  const { document } = parseHTML(text)
  t.deepEqual(texts(document.querySelectorAll('.runs li')), ['First: runs/a', 'Second: runs/b'])
  const cards = texts(document.querySelectorAll('.headlines li'))
  for (const [i, { first, second, comparison }] of results.entries()) {
    const section = document.querySelector(`#result-${i + 1}`)
    const rows = [...(section?.querySelectorAll('.scroll tbody tr') ?? [])].map((row) => texts(row.children))
    for (const [name, figure] of Object.entries(first.figures)) {
      const other = second.figures[name]
      t.deepEqual(
        rows.find(([label]) => label === figure.label),
        [figure.label, formatFigure(figure), other ? formatFigure(other) : 'n/a'],
      )
      t.true(section?.querySelector('details')?.textContent.includes(`${figure.label}: `), name)
    }
    const sentence = comparison?.sentence ?? 'This protocol has no items to compare the models on.'
    t.is(section?.querySelector('.verdict')?.textContent, sentence)
    t.true(cards[i]?.includes(sentence))
    for (const figures of [first.figures, second.figures])
      t.true(cards[i]?.includes(formatFigure(figures[first.headline] as EvaluationResult['figures'][string])))
    const difference = [...(section?.querySelectorAll('figure') ?? [])].find(
      (figure) => figure.querySelector('h3')?.textContent === 'First minus second',
    )
    if (comparison === undefined) t.is(difference, undefined)
    else
      t.regex(difference?.querySelector('svg')?.getAttribute('aria-label') ?? '', /95 % interval \[-?0\.\d+, 0\.\d+\]/)
  }
  t.is(results.filter(({ comparison }) => comparison !== undefined).length, 3)

  const ticks = (title: string) => {
    const figure = [...document.querySelectorAll('figure')].find((f) => f.querySelector('h3')?.textContent === title)
    return texts(figure?.querySelectorAll('[aria-label$="tick label"] text') ?? [])
  }
  for (const title of ['Scores of same and different pairs', 'ROC', 'ROC, few false accepts', 'DET', 'Recall@K']) {
    t.true(ticks(`${title}: runs/a`).length > 3, title)
    t.deepEqual(ticks(`${title}: runs/a`), ticks(`${title}: runs/b`), title)
  }
  const [query] = document.querySelectorAll('#gallery .gallery > li')
  t.is(query?.querySelectorAll('.query img').length, 1)
  t.deepEqual(texts(query?.querySelectorAll('.found .name') ?? []), ['runs/a', 'runs/b'])
  t.deepEqual(texts(document.querySelectorAll('h2')).slice(4), [
    ...['Nearest neighbours', 'Confused classes: runs/a', 'Confused classes: runs/b'],
    ...['Map of the embeddings', 'Models and data'],
  ])
  const groups = [...document.querySelectorAll('#map input')].map((input) => input.getAttribute('name'))
  t.deepEqual([...new Set(groups)], ['pca', 'pca-2', 'umap', 'umap-2'])
  t.is(document.querySelectorAll('#map > style').length, 1)
})

test('a model against itself, and one of perfect embeddings: names tell them apart, what has no curve is said', async (t) => {
  const page = join(await temporary(t), 'judged.html')
  const { test: data } = await characters()
  const perfect = { name: 'a', embedder: noisyEmbedder(0) }
  await reportModels({ page, models: [perfect, perfect], protocols: [verification(data, { folds: 3 })] })
  const text = await readFile(page, 'utf8')
  t.deepEqual(faults(text), [])
  const { document } = parseHTML(text)
  t.deepEqual(texts(document.querySelectorAll('.runs li')), ['First: a (first)', 'Second: a (second)'])
  t.regex(document.querySelector('.verdict')?.textContent ?? '', /^No difference between the models is shown/)
  await reportModels({
    ...{ page, protocols: [verification(data, { folds: 3 })] },
    models: [perfect, { name: 'b', embedder: noisyEmbedder(2) }],
  })
  t.regex(await readFile(page, 'utf8'), /DET: a has nothing to draw of it\./)
})

test('features have no pictures: the page says so, and confused classes and maps have names', async (t) => {
  const folder = await temporary(t)
  const [rows, labels, page] = ['e.npy', 'labels.txt', 'judged.html'].map((name) => join(folder, name)) as [
    ...[string, string, string],
  ]
  const { test: images } = await characters()
  await writeFile(rows, npy(await noisyEmbedder(2).embedDataset(images)))
  await writeFile(labels, Array.from(images.labels, (label) => `${images.classes[label]}\n`).join(''))
  const data = await datasets.features(rows, { labels })
  const models = [{ name: 'e.npy', embedder: featureBaseline }]
  await reportModels({ page, models, protocols: [retrieval(data)] })
  const text = await readFile(page, 'utf8')
  t.deepEqual(faults(text), [])
  const { document } = parseHTML(text)
  t.regex(document.querySelector('#pictures')?.textContent ?? '', /images are not at hand/)
  t.is(document.querySelectorAll('img, image, .thumb').length, 0)
  t.is(document.querySelector('#gallery'), null)
  const caption = document.querySelector('#confusion figcaption')?.textContent ?? ''
  t.regex(caption, /Classes: 1 alphabet03\/character\d+, 2 alphabet03/)
  t.true(document.querySelectorAll('#confusion svg text').length > 4)
  t.true(document.querySelectorAll('#map .tip').length > 30)
})

test('a wrong place is told before anything is embedded, wrong options by name; nothing is left behind', async (t) => {
  const folder = await temporary(t)
  const { test: data } = await characters()
  const never: Embedder = {
    embedDataset: async () => {
      throw new Error('embedded')
    },
  }
  const options: ReportOptions = {
    ...{ page: join(folder, 'a.html'), models: [{ name: 'a', embedder: never }], protocols: [retrieval(data)] },
  }
  await writeFile(join(folder, 'file'), '')
  await mkdir(join(folder, 'folder.html'))
  for (const [page, message] of [
    [join(folder, 'none', 'a.html'), /for page but received '.*none\/a\.html': .*none is no folder that is there/],
    [join(folder, 'file', 'a.html'), /file is no folder that is there/],
    [join(folder, 'folder.html'), /it is a folder/],
  ] as const)
    await refused(t, () => reportModels({ ...options, page }), 'NOT_WRITABLE', message)
  await refused(
    t,
    () => reportModels({ ...options, page: join(folder, 'e.npy') }),
    'INVALID_OPTION',
    /ends with \.html, for page/,
  )
  const wrong: [object, RegExp][] = [
    [{ models: [] }, /a list of one model or two for models/],
    [{ models: [...options.models, ...options.models, ...options.models] }, /one model or two/],
    [{ models: [{ name: '', embedder: never }] }, /for models\[0\]\.name/],
    [{ models: [{ name: 'a', embedder: {} }] }, /a function for models\[0\]\.embedder\.embedDataset/],
    [{ protocols: [] }, /one protocol or more for protocols/],
    [{ protocols: [{ type: 'retrieval' }] }, /a function for protocols\[0\]\.judge/],
    [{ pictures: folder }, /nothing for images, which are pictures, for pictures/],
    [{ pictures: '' }, /the path of a folder for pictures/],
    [{ pages: 'x' }, /did you mean page\?/],
  ]
  for (const [change, message] of wrong)
    await refused(t, () => reportModels({ ...options, ...change }), 'INVALID_OPTION', message)
  await t.throwsAsync(() => reportModels(options), { message: 'embedded' })
  t.deepEqual((await readdir(folder)).sort(), ['file', 'folder.html'])
})
