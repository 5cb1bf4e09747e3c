import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import type { SplitOptions } from '../../src/config/data.js'
import { loadData } from '../../src/data/load.js'
import { nets } from '../../src/index.js'
import { type TrainInput, train } from '../../src/train/train.js'
import { writeClasses } from '../data/imageFiles.js'
import { refused, temporary, tiny } from './tinyRun.js'

const retrieval = { every: 1, protocol: { type: 'retrieval' as const } }
const asks = 'batch.pairs asks for 8 classes with at least two images each, but the data has'
const own = 'data.split.validation of a config, by default 0.2'

/** Ten classes of four images, two of them in the test half. */
const cases: [name: string, Partial<SplitOptions>, Partial<TrainInput>, option: string, message: string][] = [
  [
    'the default validation leaves too few classes to train on',
    {},
    { batch: { pairs: 8 }, validation: retrieval },
    'batch.pairs',
    `In the training part: ${asks} 6 (0 of 6 classes have fewer). Kept from it are 2 classes for validation (${own}) and ` +
      '2 classes for the test half (data.split.test of a config): less for them leaves more to train on',
  ],
  [
    'so does the test half alone',
    { test: 0.4, validation: 'test' },
    { batch: { pairs: 8 }, validation: retrieval },
    'batch.pairs',
    `In the training part: ${asks} 6 (0 of 6 classes have fewer). Kept from it are ` +
      '4 classes for the test half, which validation judges on (data.split.test of a config): less for them leaves more to train on',
  ],
  [
    'images that are kept from their classes',
    { by: 'withinClass', test: 0.5, validation: 0.5 },
    { batch: { pairs: 8 }, validation: retrieval },
    'batch.pairs',
    `In the training part: ${asks} 0 (10 of 10 classes have fewer). Kept from it are 10 images for validation (${own}) and ` +
      '20 images for the test half (data.split.test of a config): less for them leaves more to train on',
  ],
  [
    'mined classes',
    {},
    {
      batch: { pairs: 8, mining: { type: 'hardNegativeClasses', candidates: 8 } },
      validation: retrieval,
    },
    'batch.pairs',
    `In the training part: ${asks} 6 (0 of 6 classes have fewer). Kept from it are 2 classes for validation (${own}) and ` +
      '2 classes for the test half (data.split.test of a config): less for them leaves more to train on',
  ],
  [
    'the validation itself has too few classes for its protocol',
    { validation: 0.1 },
    { validation: retrieval },
    'validationData',
    'In the validation part (1 class, 4 images): Retrieval needs two classes and one of them with two images; the data has ' +
      `1 classes, the largest of 4. More for it: raise ${own}`,
  ],
  [
    'the test half has, which validation judges on',
    { validation: 'test' },
    { validation: { ...retrieval, protocol: { type: 'oneShot', ways: 5 } } },
    'oneShot.ways',
    'In the validation part (2 classes, 8 images): all classes has 2 classes with 2 or more images, too few for 5 ways: ' +
      "lower ways, or set fewerWays to 'skip' or 'all'. More for it: raise data.split.test of a config",
  ],
]
for (const [name, split, options, option, message] of cases)
  test(`too few classes are said with the part that lacks them: ${name}`, async (t) => {
    const folder = await temporary(t)
    const path = join(folder, 'images')
    writeClasses(path, new Array<number>(10).fill(4))
    const cut = { by: 'class', test: 0.2, ...split } as const
    const loaded = await loadData({ type: 'folder', path, size: 4, split: cut }, {}, true)
    const { train: data, validation: validationData, test } = loaded
    const parts = { ...(validationData && { validationData }), ...(test && { test }) }
    const input = tiny(data, join(folder, 'run'), { net: nets.linear({ embeddingSize: 4 }), ...options, ...parts })
    const error = await refused(t, () => train(input), 'DATA_CLASSES')
    t.is(error.message, message)
    t.is(error.option, option)
    await t.throwsAsync(stat(join(folder, 'run')), undefined, 'nothing was written')
  })

test('data that nothing was kept from says nothing of parts', async (t) => {
  const folder = await temporary(t)
  for (const name of ['images', 'others']) writeClasses(join(folder, name), [3, 3, 3])
  const load = async (name: string) => (await loadData({ type: 'folder', path: join(folder, name), size: 4 })).train
  const [data, others] = [await load('images'), await load('others')]
  const options = { net: nets.linear({ embeddingSize: 4 }), validation: retrieval, validationData: others }
  const run = (change: Partial<TrainInput>) => train(tiny(data, join(folder, 'run'), { ...options, ...change }))
  const few = await refused(t, () => run({ batch: { pairs: 4 } }), 'DATA_CLASSES')
  t.regex(few.message, /^batch\.pairs asks for 4 classes .*\(0 of 3 classes have fewer\)$/)
  const protocol = { type: 'oneShot', ways: 5 } as const
  const judged = await refused(
    t,
    () => run({ batch: { pairs: 3 }, validation: { ...retrieval, protocol } }),
    'DATA_CLASSES',
  )
  t.regex(judged.message, /^In the validation part \(3 classes, 9 images\): .* 'skip' or 'all'$/)
})
