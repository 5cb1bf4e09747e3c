import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { parseHTML } from 'linkedom'
import { datasets } from '../../src/data/datasets.js'
import { npy } from '../../src/model/npy.js'
import { formatFigure } from '../../src/protocols/formatTable.js'
import { train } from '../../src/train/train.js'
import { writeClasses } from '../data/imageFiles.js'
import { labelledData, noisyEmbedder } from '../protocols/labelledData.js'
import { outside } from '../report/outside.js'
import { temporary, tiny, trainTiny } from '../train/tinyRun.js'
import { npair } from './npair.js'

const lines = (list: Iterable<unknown>) => Array.from(list, (line) => `${line}\n`).join('')

test('eval --report of a model, and of one against embeddings of the same images: pictures, both figures, the sentence', async (t) => {
  const folder = await temporary(t)
  const [run, images, page] = ['run', 'images', 'page.html'].map((name) => join(folder, name)) as [
    ...[string, string, string],
  ]
  await trainTiny(run, { checkpointEvery: 0 })
  writeClasses(images, [3, 3, 4])
  const args = ['eval', run, '--data', images, '--protocol', 'retrieval', '--report', page]
  const alone = await npair(...args)
  t.is(alone.code, 0, alone.stderr)
  t.regex(alone.stdout, /^retrieval \(version 1\)/)
  t.true(alone.stdout.endsWith(`report: ${page}\n`))
  const one = await readFile(page, 'utf8')
  t.deepEqual(outside(one), [])
  const { weights } = JSON.parse(await readFile(join(run, 'model', 'model.json'), 'utf8'))
  for (const fact of [`<h1>${run}</h1>`, weights, 'nPairMc, 12 steps, seed 5', 'conv4', 'id="gallery"', 'id="map"'])
    t.true(one.includes(fact), fact)

  const data = await datasets.folder(images, { size: 28 })
  await writeFile(join(folder, 'b.npy'), npy(await noisyEmbedder(0.1).embedDataset(data)))
  await writeFile(join(folder, 'b.txt'), lines(Array.from({ length: data.length }, (_, i) => data.imageName(i))))
  const against = ['--against', join(folder, 'b.npy'), '--against-names', join(folder, 'b.txt')]
  const both = await npair(...args, ...against, '--json')
  t.is(both.code, 0, both.stderr)
  t.true(both.stderr.endsWith(`report: ${page}\n`), both.stderr)
  const { first, second, comparison } = JSON.parse(both.stdout)
  const text = await readFile(page, 'utf8')
  t.deepEqual(outside(text), [])
  const { document } = parseHTML(text)
  const row = [...document.querySelectorAll('#result-1 tr')].find((tr) => tr.firstElementChild?.textContent === 'mAP')
  t.deepEqual(
    [...(row?.querySelectorAll('td') ?? [])].map((cell) => cell.textContent),
    [formatFigure(first.figures.map), formatFigure(second.figures.map)],
  )
  t.is(document.querySelector('.verdict')?.textContent, comparison.sentence)
  // The rows are of images that are at hand.
  t.true(document.querySelectorAll('#gallery .found img').length >= 2 * 2 * 3)
  t.is(document.querySelector('#pictures'), null)
  t.regex(document.querySelector('#judged')?.textContent ?? '', /weights \(SHA-256\)[0-9a-f]{64}not known/)
})

test('a second model of other pixels is known as the first is: views, page, and a cohort that it sees as it was trained', async (t) => {
  const folder = await temporary(t)
  const [one, small, images, strangers, page] = ['one', 'small', 'images', 'strangers', 'page.html'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string, string]
  await trainTiny(one, { checkpointEvery: 0 })
  const data = await datasets.characters({ alphabets: 3, characters: 6, drawings: 6, seed: 3, size: 20 })
  const { model } = await train(tiny(data, small, { checkpointEvery: 0 }))
  await model.close()
  writeClasses(images, [3, 3, 4, 3])
  // As many as are judged: rows of the one are not taken for those of the other.
  writeClasses(strangers, [4, 4, 5])
  const args = ['--data', images, '--protocol', 'verification', '--set', 'folds=2', '--set', 'bootstrap=0', '--mirror']
  const cohort = ['--cohort', strangers, '--set', 'scoreNorm.type=s', '--json']
  const both = await npair('eval', one, ...args, ...cohort, '--against', small, '--report', page)
  t.is(both.code, 0, both.stderr)
  const alone = await npair('eval', small, ...args, ...cohort)
  const { first, second } = JSON.parse(both.stdout)
  t.deepEqual(
    [second.figures, second.definition],
    [JSON.parse(alone.stdout).figures, JSON.parse(alone.stdout).definition],
  )
  for (const { definition } of [first, second]) t.regex(definition, /An image is seen in 2 views/)
  const { document } = parseHTML(await readFile(page, 'utf8'))
  const judged = document.querySelector('#judged table')?.textContent ?? ''
  const { weights } = JSON.parse(await readFile(join(small, 'model', 'model.json'), 'utf8'))
  t.true(judged.includes(weights))
  t.notRegex(judged, /not known/)
})

test('eval --report of a .npy: no pictures, and the page says so', async (t) => {
  const folder = await temporary(t)
  const file = (name: string) => join(folder, name)
  const data = labelledData(new Array<number>(12).fill(3))
  await writeFile(file('e.npy'), npy(await noisyEmbedder(1).embedDataset(data)))
  await writeFile(file('labels.txt'), lines(data.labels))
  const args = ['eval', file('e.npy'), '--labels', file('labels.txt'), '--report', file('page.html')]
  const many = await npair(
    ...args,
    '--protocol',
    'retrieval',
    '--protocol',
    'verification',
    '--set',
    'verification.folds=4',
  )
  t.is(many.code, 0, many.stderr)
  const page = await readFile(file('page.html'), 'utf8')
  t.regex(page, /What was judged are rows of numbers, whose images are not at hand/)
  t.notRegex(page, /<img|<image/)
  for (const id of ['result-1', 'result-2', 'confusion', 'map']) t.true(page.includes(`<section id="${id}">`), id)
})

test('eval --report of a .npy whose rows are named by files, with --pictures: neighbours as pictures, whatever their shape', async (t) => {
  const folder = await temporary(t)
  const file = (name: string) => join(folder, name)
  writeClasses(file('images'), [3, 3, 4])
  const data = await datasets.folder(file('images'), { size: 28 })
  const names = Array.from({ length: data.length }, (_, i) => data.imageName(i))
  await writeFile(file('e.npy'), npy(await noisyEmbedder(2).embedDataset(data)))
  await writeFile(file('labels.txt'), lines(data.labels))
  await writeFile(file('names.txt'), lines(names))
  const rows = ['eval', file('e.npy'), '--labels', file('labels.txt'), '--protocol', 'retrieval']
  const named = [...rows, '--names', file('names.txt'), '--report', file('page.html'), '--pictures']
  const ended = await npair(...named, file('images'))
  t.is(ended.code, 0, ended.stderr)
  const page = await readFile(file('page.html'), 'utf8')
  t.deepEqual(outside(page), [])
  const { document } = parseHTML(page)
  t.is(document.querySelector('#pictures'), null)
  t.true(document.querySelectorAll('#gallery img[src^="data:image/webp;base64,"]').length >= 10)
  t.true(document.querySelectorAll('#confusion img, #map .thumb').length > 10)
  const missing = await npair(...named, folder)
  t.is(missing.code, 2)
  t.is(missing.stdout, '')
  t.regex(missing.stderr, /an image for every row for --pictures but received '.*': .* is no file \[NOT_FOUND\]/)
  // A picture that cannot be read is found when the page is drawn: the figures are there by then.
  await writeFile(join(file('images'), `${names[0]}`), 'no image')
  await rm(file('page.html'))
  for (const json of [[], ['--json']]) {
    const broken = await npair(...named, file('images'), ...json)
    t.is(broken.code, 1)
    t.regex(broken.stderr, /\[IMAGE_UNREADABLE\]\n$/)
    t.notRegex(broken.stdout + broken.stderr, /report: /)
    if (json.length > 0) t.is(JSON.parse(broken.stdout).protocol, 'retrieval')
    else t.regex(broken.stdout, /^Recall@1 +\d/m)
    t.false((await readdir(folder)).includes('page.html'))
  }
  for (const [args, message] of [
    [[...rows, '--pictures', folder], /nothing without --report and --names for --pictures/],
    [
      ['eval', folder, '--protocol', 'retrieval', '--report', file('a.html'), '--pictures', folder],
      /nothing without a \.npy to judge and --names for --pictures/,
    ],
  ] as const) {
    const refused = await npair(...args)
    t.is(refused.code, 2, refused.stderr)
    t.regex(refused.stderr, message)
  }
})

test('eval --report with a wrong place: told before the model is looked for, and nothing is written', async (t) => {
  const folder = await temporary(t)
  for (const [page, message] of [
    [
      join(folder, 'none', 'page.html'),
      /for --report but received '.*': .*none is no folder that is there \[NOT_WRITABLE\]/,
    ],
    [join(folder, 'rows.npy'), /the path of a page, which ends with \.html, for --report but received '.*rows\.npy'/],
  ] as const) {
    const ended = await npair(
      'eval',
      join(folder, 'no-model'),
      '--data',
      folder,
      '--protocol',
      'retrieval',
      '--report',
      page,
    )
    t.is(ended.code, 2, ended.stderr)
    t.regex(ended.stderr, message)
  }
  t.deepEqual(await readdir(folder), [])
})
