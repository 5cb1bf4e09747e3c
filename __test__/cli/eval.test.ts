import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { datasets } from '../../src/data/datasets.js'
import { npy } from '../../src/model/npy.js'
import { evaluate } from '../../src/protocols/evaluate.js'
import { retrieval } from '../../src/protocols/retrieval.js'
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
  ] as const) {
    const ended = await npair('eval', rows, '--labels', labels, ...args)
    t.is(ended.code, 2, ended.stderr)
    t.regex(ended.stderr, message)
  }
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
