import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { NPairError } from '../../src/errors.js'
import { create } from '../../src/protocols/create.js'
import { evaluate } from '../../src/protocols/evaluate.js'
import { pairs } from '../../src/protocols/pairs.js'
import { writeFiles } from '../data/imageFiles.js'
import { temporaryFolder } from '../data/temporaryFolder.js'
import { labelledData, noisyEmbedder } from './labelledData.js'

/** Two people of three images, one of one: by hand below. */
const named = [
  'Ann/Ann_0001.jpg',
  'Ann/Ann_0002.jpg',
  'Ann/Ann_0003.jpg',
  'Bob/Bob_0001.jpg',
  'Bob/Bob_0002.jpg',
  'Cy/Cy_0001.jpg',
]
const people = () => labelledData([3, 2, 1], [], { names: named, classes: ['Ann', 'Bob', 'Cy'] })
const angles = [0, 20, 70, 90, 80, 75]
const byHand = {
  embedDataset: async () =>
    new Embeddings(
      Float32Array.from(angles.flatMap((a) => [Math.cos((a * Math.PI) / 180), Math.sin((a * Math.PI) / 180)])),
      2,
    ),
}

test("LFW's layout, by hand: the threshold of one fold decides the other; images by name and number", async (t) => {
  const folder = temporaryFolder(t)
  // Angles of the pairs: 20 same, 90 different | 70 same and 10 same were it not missing …
  writeFiles(folder, { 'pairs.txt': '2\t1\nAnn\t1\t2\nAnn\t1\tBob\t1\nBob\t1\t2\nAnn\t3\tCy\t1\n' })
  const protocol = pairs(people(), { path: join(folder, 'pairs.txt'), layout: 'lfw', far: [0.5], bootstrap: 20 })
  const result = await evaluate(byHand, protocol)
  // Fold 1: 20° same, 90° different. Fold 2: 10° same, 5° different. Fold 1's threshold accepts both pairs of fold 2; of fold 2 the
  // best is to accept all or none: the plateaus have no length, and the highest, none, is taken.
  t.deepEqual(
    result.tables.folds?.rows.map((row) => row[5]),
    [0.5, 0.5],
  )
  t.is(result.figures.accuracy?.value, 0.5)
  t.is(result.figures.auc?.value, 0.5) // of 4 comparisons 90° loses twice, 5° wins twice
  t.like(result.counts, { listedPairs: 4, leftOutPairs: 0, missingImages: 0, genuinePairs: 2, impostorPairs: 2 })
  t.deepEqual(
    result.tables.folds?.rows.map((row) => row[1]),
    [2, 3],
  )
  t.deepEqual(JSON.parse(JSON.stringify(result)), result)
  const outcomes = await protocol.outcomes?.(await byHand.embedDataset())
  t.deepEqual([...Array.from(outcomes?.values ?? [])], [0, 1, 1, 0])
})

test('missing images: pairs are left out of their own folds, counted and named; too few is an error', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'pairs.txt')
  writeFiles(folder, {
    'pairs.txt': '2 2\nAnn 1 2\nAnn 1 9\nAnn 1 Bob 1\nZoe 1 Bob 1\nBob 1 2\nAnn 1 3\nAnn 3 Cy 1\nAnn 2 Cy 1\n',
  })
  const result = await evaluate(byHand, pairs(people(), { path, layout: 'lfw', bootstrap: 0 }))
  t.like(result.counts, { listedPairs: 8, leftOutPairs: 2, missingImages: 2 })
  t.deepEqual(
    result.tables.folds?.rows.map((row) => [row[2], row[3]]),
    [
      [1, 1],
      [2, 2],
    ],
  )
  t.is(result.notes[0], '2 images that pairs.txt names are missing: Ann/Ann_0009, Zoe/Zoe_0001.')
  t.is(result.notes[1], '2 of 8 pairs were left out for that.')
  const none = labelledData([2, 2], [], { names: ['x/x_0001', 'x/x_0002', 'y/y_0001', 'y/y_0002'] })
  const error = t.throws(() => pairs(none, { path, layout: 'lfw' }), { instanceOf: NPairError, code: 'DATA_EMPTY' })
  t.regex(error?.message ?? '', /Of the 8 pairs of .* 0 have both images.*none in fold 1.*the first Ann\/Ann_0001/)
})

test('pairs of one’s own: paths within the source, with folds or without; what disagrees with the classes is said', async (t) => {
  const folder = temporaryFolder(t)
  writeFiles(folder, {
    'own.txt':
      '# first second same\nAnn/Ann_0001.jpg Ann/Ann_0002.jpg 1\nAnn/Ann_0001 Bob/Bob_0001.png 0\nBob/Bob_0001 Cy/Cy_0001 1\n',
    'folds.tsv':
      'Ann/Ann_0001\tAnn/Ann_0002\t1\tone\nAnn/Ann_0001\tBob/Bob_0001\t0\tone\nBob/Bob_0001\tBob/Bob_0002\t1\ttwo\nAnn/Ann_0001\tCy/Cy_0001\t0\ttwo\n',
  })
  const plain = await evaluate(byHand, pairs(people(), { path: join(folder, 'own.txt'), bootstrap: 10 }))
  t.is(plain.headline, 'auc')
  t.is(plain.figures.auc?.value, 1)
  t.is(plain.figures.accuracy, undefined)
  t.deepEqual(plain.tables, {})
  t.regex(plain.notes[0] ?? '', /^1 pairs are same or different in the file, and not so by the classes/)
  const plan = { type: 'pairs' as const, path: join(folder, 'folds.tsv'), bootstrap: 0 }
  const folded = await evaluate(byHand, create(plan, people()))
  t.is(folded.figures.accuracy?.value, 1)
  t.is(folded.tables.folds?.rows.length, 2)
})

test('what is not of its layout is refused with its line', (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'p.txt')
  for (const [layout, text, message] of [
    [
      'lfw',
      '2 1\nAnn 1 2\nAnn 1 Bob 1\n',
      /has 2 pairs, and its first line promises 2 folds of 1 same and 1 different/,
    ],
    ['lfw', 'ten\nAnn 1 2\n', /line 1: expected the number of folds/],
    ['lfw', '1 1\nAnn 1\nAnn 1 Bob 1\n', /line 2: expected Name i j, and it is 'Ann 1'/],
    ['lfw', '1 1\nAnn 1 2\nAnn 1 2\n', /line 3: expected Name i Other j/],
    ['table', 'Ann/Ann_0001 Ann/Ann_0002 yes\n', /line 1: expected first, second, 1 or 0/],
    ['table', 'a b 1\n\na b 0 2\n', /line 3: expected first/],
    ['table', 'Ann/Ann_0001 Ann/Ann_0001.jpg 1\n', /one image twice/],
    ['table', '\n', /holds no line/],
  ] as const) {
    writeFiles(folder, { 'p.txt': text })
    const error = t.throws(() => pairs(people(), { path, layout }), {
      instanceOf: NPairError,
      code: 'PROTOCOL_CORRUPT',
    })
    t.regex(error?.message ?? '', message)
  }
  for (const [options, message, code] of [
    [{ path: join(folder, 'nothing') }, /Cannot read/, 'NOT_FOUND'],
    [{}, /for pairs.path/, 'INVALID_OPTION'],
    [{ path, layout: 'csv' }, /for pairs.layout/, 'INVALID_OPTION'],
    [{ path, far: [2] }, /for pairs.far/, 'INVALID_OPTION'],
    [{ path, folds: 3 }, /Unknown option pairs.folds/, 'INVALID_OPTION'],
  ] as const)
    t.regex(t.throws(() => pairs(people(), options as never), { instanceOf: NPairError, code })?.message ?? '', message)
  const twice = labelledData([2, 1], [], { names: ['a/x.jpg', 'a/x.png', 'b/y.jpg'] })
  writeFiles(folder, { 'p.txt': 'a/x b/y 0\n' })
  t.regex(
    t.throws(() => pairs(twice, { path }))?.message ?? '',
    /one image called a\/x \(there are a\/x.jpg, a\/x.png\)/,
  )
})

const known = fileURLToPath(new URL('../../../shared/data/lfw/pairs.txt', import.meta.url))
const realTest = existsSync(known) ? test : test.skip

realTest("LFW's own pairs.txt: 6,000 pairs of 7,701 images of 4,281 people, folds that share nobody", async (t) => {
  const images = new Map<string, Set<number>>()
  const add = (name: string, i: string) => images.set(name, (images.get(name) ?? new Set()).add(Number(i)))
  for (const line of readFileSync(known, 'utf8').trim().split('\n').slice(1)) {
    const [a, i, b, j] = line.split('\t') as [string, string, string, string?]
    add(a, i)
    add(j === undefined ? a : b, j ?? b)
  }
  const classes = [...images.keys()].sort()
  const list = classes.map((name) => [...(images.get(name) as Set<number>)])
  const names = classes.flatMap((name, c) =>
    (list[c] as number[]).map((i) => `lfw/${name}/${name}_${String(i).padStart(4, '0')}.jpg`),
  )
  const data = labelledData(
    list.map((own) => own.length),
    [],
    { names, classes },
  )
  t.deepEqual([data.length, classes.length], [7701, 4281])
  const protocol = pairs(data, { path: known, layout: 'lfw', bootstrap: 0 })
  const perfect = await evaluate(noisyEmbedder(0.01), protocol)
  t.is(perfect.figures.accuracy?.value, 1)
  t.like(perfect.counts, { genuinePairs: 3000, impostorPairs: 3000, leftOutPairs: 0 })
  t.deepEqual(
    perfect.tables.folds?.rows.map((row) => [row[2], row[3]]),
    new Array(10).fill([300, 300]),
  )
  t.is(
    perfect.tables.folds?.rows.reduce((sum, row) => sum + (row[1] as number), 0),
    4281,
  )
  t.is(perfect.notes.length, 0)
})
