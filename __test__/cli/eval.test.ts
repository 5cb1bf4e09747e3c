import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { datasets } from '../../src/data/datasets.js'
import type { Embeddings } from '../../src/embeddings.js'
import { npy } from '../../src/model/npy.js'
import { evaluate } from '../../src/protocols/evaluate.js'
import { retrieval } from '../../src/protocols/retrieval.js'
import { rowsAt } from '../../src/protocols/rows.js'
import { verification } from '../../src/protocols/verification.js'
import { train } from '../../src/train/train.js'
import { writeClasses } from '../data/imageFiles.js'
import { labelledData, noisyEmbedder } from '../protocols/labelledData.js'
import { temporary, tiny, trainTiny } from '../train/tinyRun.js'
import { npair } from './npair.js'

test('eval of a .npy from anywhere: several protocols, rows as names in a file of pairs, JSON as the library gives it', async (t) => {
  const folder = await temporary(t)
  const data = labelledData(new Array<number>(24).fill(4))
  const embeddings = await noisyEmbedder(1).embedDataset(data)
  const [rows, labels, pairs] = ['e.npy', 'labels.txt', 'pairs.txt'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  await writeFile(rows, npy(embeddings))
  await writeFile(labels, Array.from(data.labels, (label) => `class ${String(label).padStart(2, '0')}\n`).join(''))
  await writeFile(pairs, '0 1 1\n0 4 0\n5 6 1\n5 90 0\n')
  const many = await npair(
    'eval',
    rows,
    '--labels',
    labels,
    '--protocol',
    'retrieval',
    '--protocol',
    'pairs',
    '--json',
    '--set',
    `pairs.path=${pairs}`,
    '--set',
    'retrieval.bootstrap=0',
  )
  t.is(many.code, 0, many.stderr)
  const [first, second] = JSON.parse(many.stdout)
  const expected = await evaluate({ embedDataset: async () => embeddings }, retrieval(data, { bootstrap: 0 }))
  t.deepEqual(first.figures, JSON.parse(JSON.stringify(expected.figures)))
  t.like(second, { protocol: 'pairs', version: 1, counts: { listedPairs: 4, leftOutPairs: 0 } })
  const one = await npair('eval', rows, '--labels', labels, '--protocol', 'verification', '--set', 'folds=4')
  t.regex(one.stdout, /^verification \(version 1\)/)
  for (const [args, message] of [
    [['--protocol', 'pairs', '--protocol', 'retrieval', '--set', 'bootstrap=0'], /a name such as pairs.bootstrap/],
    [['--protocol', 'nothing'], /for --protocol/],
    [[], /for --protocol but received undefined/],
    [['--protocol', 'retrieval', '--data', folder], /for --data/],
    [['--protocol', 'retrieval', '--type', 'folder'], /for --type but received 'folder'/],
  ] as const) {
    const ended = await npair('eval', rows, '--labels', labels, ...args)
    t.is(ended.code, 2, ended.stderr)
    t.regex(ended.stderr, message)
  }
})

test('eval of two .npy by the names of their rows: pairs by name, the other file in another order; wrong names are told', async (t) => {
  const folder = await temporary(t)
  const file = (name: string) => join(folder, name)
  const data = labelledData(new Array<number>(12).fill(3))
  const names = Array.from(data.labels, (label, i) => `person ${label}/${i}.jpg`)
  const [one, other] = [await noisyEmbedder(1).embedDataset(data), await noisyEmbedder(3, 2).embedDataset(data)]
  const turned = Array.from(names.keys()).reverse()
  const lines = (list: readonly string[]) => list.map((line) => `${line}\n`).join('')
  await writeFile(file('one.npy'), npy(one))
  await writeFile(file('one.txt'), lines(names))
  await writeFile(file('labels.txt'), lines(Array.from(data.labels, String)))
  await writeFile(file('other.npy'), npy(rowsAt(other, turned)))
  await writeFile(file('other.txt'), lines(turned.map((i) => names[i] as string)))
  await writeFile(file('pairs.tsv'), lines([`${names[0]}\t${names[1]}\t1`, `${names[0]}\t${names[5]}\t0`]))
  const first = [file('one.npy'), '--labels', file('labels.txt')]
  const named = [...first, '--names', file('one.txt')]
  const against = ['--against', file('other.npy'), '--against-names', file('other.txt')]
  const judged = await npair('eval', ...named, '--protocol', 'pairs', '--set', `path=${file('pairs.tsv')}`, '--json')
  t.is(judged.code, 0, judged.stderr)
  t.like(JSON.parse(judged.stdout), { counts: { listedPairs: 2, leftOutPairs: 0, missingImages: 0 } })
  const both = await npair('eval', ...named, ...against, '--protocol', 'retrieval', '--set', 'bootstrap=0', '--json')
  t.is(both.code, 0, both.stderr)
  // Classes sort by their names, 10 before 2, and so do the images of a file; figures do not depend on it.
  const recall = async (rows: Embeddings) =>
    (await evaluate({ embedDataset: async () => rows }, retrieval(data, { bootstrap: 0 }))).figures['recall@1']?.value
  const { first: a, second: b } = JSON.parse(both.stdout)
  t.is(a.figures['recall@1'].value, await recall(one))
  t.is(b.figures['recall@1'].value, await recall(other))
  t.not(await recall(one), await recall(other))

  const rename = async (change: (list: string[]) => void) => {
    const list = turned.map((i) => names[i] as string)
    change(list)
    await writeFile(file('wrong.txt'), lines(list))
    return npair(
      'eval',
      ...named,
      '--against',
      file('other.npy'),
      '--against-names',
      file('wrong.txt'),
      '--protocol',
      'retrieval',
    )
  }
  for (const [change, message] of [
    [
      (list: string[]) => list.splice(3, 1, 'nobody.jpg'),
      /wrong.txt: 1 images have no row in it, the first person 10\/32.jpg; 1 of its names are of no image, the first nobody.jpg \[FEATURES_CORRUPT\]/,
    ],
    [
      (list: string[]) => list.splice(3, 1, list[0] as string),
      /wrong.txt: rows 0 and 3 have one name, person 11\/35.jpg/,
    ],
    [(list: string[]) => list.pop(), /wrong.txt: it has 35 names for 36 rows/],
    [(list: string[]) => list.splice(3, 1, ''), /wrong.txt: the name of row 3 is empty/],
  ] as const) {
    const ended = await rename(change)
    t.is(ended.code, 1)
    t.regex(ended.stderr, message)
  }
  for (const [args, message] of [
    [
      [...named, '--against', file('other.npy')],
      /the names of the rows of --against, which are matched by name for --against-names/,
    ],
    [[...named, '--against-names', file('other.txt')], /nothing without a .npy for --against for --against-names/],
    [[...named, '--against', folder], /a .npy beside a .npy for --against/],
    [[...named, ...against, '--cohort', file('one.npy')], /for --cohort/],
    [[...named, '--cohort', file('one.npy')], /nothing without --set scoreNorm.type=z, t or s for --cohort/],
    [[...named, '--set', 'scoreNorm.type=s'], /scoreNorm/],
  ] as const) {
    const ended = await npair('eval', ...args, '--protocol', 'retrieval')
    t.is(ended.code, 2, ended.stderr)
    t.regex(ended.stderr, message)
  }
  // By number, as long as no names are given.
  await writeFile(file('same.npy'), npy(other))
  const numbered = await npair(
    'eval',
    ...first,
    '--against',
    file('same.npy'),
    '--protocol',
    'retrieval',
    '--set',
    'bootstrap=0',
    '--json',
  )
  t.is(JSON.parse(numbered.stdout).second.figures['recall@1'].value, await recall(other), numbered.stderr)

  const cohort = await noisyEmbedder(1, 9).embedDataset(labelledData(new Array<number>(20).fill(1)))
  await writeFile(file('cohort.npy'), npy(cohort))
  const norm = [
    '--cohort',
    file('cohort.npy'),
    '--set',
    'scoreNorm.type=s',
    '--set',
    'scoreNorm.top=5',
    '--set',
    'folds=4',
  ]
  const normalised = await npair(
    'eval',
    ...first,
    ...norm,
    '--protocol',
    'verification',
    '--set',
    'bootstrap=0',
    '--json',
  )
  t.is(normalised.code, 0, normalised.stderr)
  const library = await evaluate(
    { embedDataset: async () => one },
    verification(data, { folds: 4, bootstrap: 0, scoreNorm: { type: 's', top: 5, cohort } }),
  )
  t.is(JSON.parse(normalised.stdout).definition, library.definition)
  t.is(JSON.parse(normalised.stdout).counts.genuinePairs, library.counts.genuinePairs as number)
})

test('eval of two models side by side: both results and which is better', async (t) => {
  const folder = await temporary(t)
  const [one, other] = [join(folder, 'one'), join(folder, 'other')]
  await trainTiny(one, { checkpointEvery: 0 })
  await trainTiny(other, { checkpointEvery: 0, seed: 6 })
  const images = join(folder, 'images')
  writeClasses(images, [3, 3, 4])
  const args = ['--data', images, '--protocol', 'retrieval', '--against', other]
  const json = await npair('eval', one, ...args, '--json')
  t.is(json.code, 0, json.stderr)
  const { first, second, comparison } = JSON.parse(json.stdout)
  t.is(comparison.first, first.figures['recall@1'].value)
  t.is(comparison.second, second.figures['recall@1'].value)
  const plain = await npair('eval', one, ...args)
  t.true(plain.stdout.includes(comparison.sentence), plain.stdout)
  const fused = await npair('eval', one, '--data', images, '--protocol', 'retrieval', '--mirror', '--fusion', 'scores')
  t.regex(fused.stdout, /nearest first by mean of the cosines of all combinations of views/, fused.stderr)
  t.regex(fused.stdout, /seen in 2 views: its centre crop, each also mirrored/)
  const strangers = join(folder, 'strangers')
  writeClasses(strangers, [2, 3, 2])
  const verify = ['--protocol', 'verification', '--set', 'folds=2', '--set', 'bootstrap=0', '--set', 'scoreNorm.type=z']
  const people = join(folder, 'people')
  writeClasses(people, [3, 3, 4, 3])
  const normalised = await npair('eval', one, '--data', people, ...verify, '--cohort', strangers)
  t.regex(normalised.stdout, /z-norm\); the cohort has 7 images/, normalised.stderr)
  const without = await npair('eval', one, '--data', people, ...verify)
  t.is(without.code, 2)
  t.regex(without.stderr, /a dataset or embeddings for verification.scoreNorm.cohort/)
  for (const [flag, word] of [
    ['--fusion', 'max'],
    ['--crops', 'ten'],
    ['--crops', 'five'],
  ] as const) {
    const refused = await npair('eval', one, '--data', images, '--protocol', 'retrieval', flag, word)
    t.regex(refused.stderr, /for (--)?(fusion|crops) but received/)
  }
  const missing = await npair('eval', one, '--protocol', 'retrieval')
  t.is(missing.code, 2)
  t.regex(missing.stderr, /for --data/)
})

test('a model that is judged against another sees the images as it was trained; other images or features are refused', async (t) => {
  const folder = await temporary(t)
  const [one, small, images] = [join(folder, 'one'), join(folder, 'small'), join(folder, 'images')]
  await trainTiny(one, { checkpointEvery: 0 })
  const data = await datasets.characters({ alphabets: 3, characters: 6, drawings: 6, seed: 3, size: 20 })
  const run = await train(tiny(data, small, { checkpointEvery: 0 }))
  writeClasses(images, [3, 3, 4])
  const own = await datasets.folder(images, { size: 20 })
  const alone = await evaluate(run.model, retrieval(own))
  await run.model.close()
  const args = ['--data', images, '--protocol', 'retrieval', '--json']
  const both = await npair('eval', one, ...args, '--against', small)
  t.is(both.code, 0, both.stderr)
  const { first, second } = JSON.parse(both.stdout)
  t.deepEqual(second.figures, JSON.parse(JSON.stringify(alone.figures)))
  const swapped = JSON.parse((await npair('eval', small, ...args, '--against', one)).stdout)
  t.deepEqual([swapped.first.figures, swapped.second.figures], [second.figures, first.figures])
  // Pixels of another size are not what the model was trained on.
  const stretched = await npair('eval', one, ...args, '--size', '40')
  t.is(stretched.code, 1)
  t.regex(stretched.stderr, /decoded as the model was trained on for dataset but received size 40x40 instead of 28x28/)
  const gone = await npair('eval', one, ...args, '--against', join(folder, 'nothing'))
  t.is(gone.code, 1)
  t.regex(gone.stderr, /NOT_FOUND/)
})
