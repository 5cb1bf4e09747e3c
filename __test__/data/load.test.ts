import { join } from 'node:path'
import test from 'ava'
import type { DataOptions } from '../../src/config/data.js'
import { loadData, loadJudged, loadSource } from '../../src/data/load.js'
import { NPairError } from '../../src/errors.js'
import { noise, pgm, writeClasses, writeFiles } from './imageFiles.js'
import { temporaryFolder } from './temporaryFolder.js'

// A config names no cache.
const folder = temporaryFolder({ teardown: (remove) => test.after.always(remove) })
process.env.NPAIR_CACHE = join(folder, 'cache')
const path = join(folder, 'faces')
writeClasses(path, [3, 3, 3, 3])
const data: DataOptions = { type: 'folder', path, size: 4 }

test('without a split all images train', async (t) => {
  const { train, test } = await loadData(data)
  t.is(train.length, 12)
  t.is(test, undefined)
  t.is((await loadData({ ...data, rotatedClasses: true })).train.classes.length, 16)
})

test('each split is that of the dataset, and only the training half is turned', async (t) => {
  const whole = await loadSource(data)
  const byClass = await loadData({ ...data, split: { by: 'class', test: 0.25, seed: 3 }, rotatedClasses: true })
  const expected = whole.splitByClass({ test: 0.25, seed: 3 })
  t.deepEqual(byClass.test?.plan, expected.test.plan)
  t.deepEqual(byClass.train.plan, expected.train.rotatedClasses().plan)
  t.is(byClass.train.classes.length, 12)
  t.is(byClass.test?.classes.length, 1)
  const named = await loadData({ ...data, split: { by: 'class', test: ['class2'] } })
  t.deepEqual(named.test?.classes, ['class2'])
  const within = await loadData({ ...data, split: { by: 'withinClass', test: 0.3 } })
  t.deepEqual(within.test?.plan, whole.splitWithinClass({ test: 0.3 }).test.plan)
  await t.throwsAsync(loadData({ ...data, split: { by: 'superClass', test: 0.5 } }), { code: 'DATA_CLASSES' })
})

test('what validation judges on is taken out of the training half before it is turned', async (t) => {
  const split = { by: 'class', test: 0.25, seed: 3 } as const
  const half = (await loadSource(data)).splitByClass({ test: 0.25, seed: 3 })
  const own = half.train.splitByClass({ test: 0.4, seed: 3 })
  const found = await loadData({ ...data, split: { ...split, validation: 0.4 }, rotatedClasses: true })
  t.deepEqual(found.train.plan, own.train.rotatedClasses().plan)
  t.deepEqual(found.validation?.plan, own.test.plan)
  t.deepEqual(found.test?.plan, half.test.plan)
  // Without a validation nothing is kept from training unless the config says so; with one a fifth is.
  t.is((await loadData({ ...data, split })).validation, undefined)
  const usual = await loadData({ ...data, split }, {}, true)
  t.deepEqual(usual.validation?.plan, half.train.splitByClass({ test: 0.2, seed: 3 }).test.plan)
  const optimistic = await loadData({ ...data, split: { ...split, validation: 'test' } }, {}, true)
  t.deepEqual(optimistic.validation?.plan, optimistic.test?.plan)
  t.deepEqual(optimistic.train.plan, half.train.plan)
  const named = await loadData({ ...data, split: { by: 'class', test: ['class2'], validation: ['class0'] } })
  t.deepEqual([named.train.classes, named.validation?.classes], [['class1', 'class3'], ['class0']])
})

test('characters in a config are split by alphabets', async (t) => {
  const { train, test } = await loadData({
    type: 'characters',
    size: 8,
    split: { by: 'superClass', test: 0.3, seed: 1 },
  })
  t.is(test?.superClasses.length, 3)
  t.is(train.superClasses.length, 7)
  t.is(train.length + (test?.length ?? 0), 4800)
})

test('progress and signal reach the source', async (t) => {
  let last = 0
  await loadData({ ...data, size: 5 }, { onProgress: (done) => (last = done) })
  t.is(last, 12)
  await t.throwsAsync(loadData({ ...data, size: 6 }, { signal: AbortSignal.abort() }), { code: 'ABORTED' })
})

test('what a config can have wrong here', async (t) => {
  const { path: _, ...pathless } = data
  for (const [options, message] of [
    [pathless, 'Expected the path of the images for data.path but received undefined of type undefined'],
    [
      { ...data, split: { by: 'withinClass', test: ['class0'] } },
      'Expected a fraction in (0, 1) for data.split.test but received ["class0"] of type array',
    ],
    [
      { ...data, split: { by: 'class', test: ['nobody'] } },
      "Expected names among the 4 classes (class0, class1, class2, class3) for data.split.test but received 'nobody' of type string",
    ],
    [
      { ...data, split: { by: 'class', test: ['class1'], validation: ['class1'] } },
      "Expected names among the 3 classes (class0, class2, class3) for data.split.validation but received 'class1' of type string",
    ],
  ] as const) {
    const error = await t.throwsAsync(loadData(options as DataOptions), { instanceOf: NPairError, message })
    t.is(error?.code, 'INVALID_OPTION')
  }
  const few = loadData({ ...data, split: { by: 'class', test: 0.75, validation: 0.5 } })
  await t.throwsAsync(few, { code: 'DATA_CLASSES', message: /nothing to spare for data\.split\.validation: 1 classes/ })
  await t.throwsAsync(loadData({ ...data, split: { by: 'class', test: 0.75 } }, {}, true), {
    code: 'DATA_CLASSES',
    message:
      /cannot be split in two halves\. Leave more to it by data\.split\.test, or judge on the test half \(data\.split\.validation: 'test'\)$/,
  })
  const validation = ['class1', 'class2', 'class3']
  await t.throwsAsync(loadData({ ...data, split: { by: 'class', test: ['class0'], validation } }), {
    message: /for data\.split\.validation: All 3 classes are in the validation part: none is left to train on/,
  })
})

test('a published set: its own halves, one of them, one that is cut; not two cuts at once', async (t) => {
  const root = join(folder, 'cub')
  const images = [1, 2, 100, 101, 150].flatMap((c) => [1, 2].map((i) => ({ c, name: `${c}.Bird/${i}.pgm` })))
  writeFiles(root, {
    'images.txt': images.map(({ name }, i) => `${i + 1} ${name}\n`).join(''),
    'image_class_labels.txt': images.map(({ c }, i) => `${i + 1} ${c}\n`).join(''),
    ...Object.fromEntries(images.map(({ name }, i) => [`images/${name}`, pgm(4, 4, noise(16, i))])),
  })
  const cub = { type: 'benchmark' as const, name: 'cub' as const, path: root, size: 4 }
  const { train, test } = await loadData({ ...cub, rotatedClasses: true })
  t.deepEqual([train.classes.length, test?.classes.length], [12, 2])
  t.deepEqual([...(await loadJudged(cub)).classes], ['101.Bird', '150.Bird'])
  const alone = await loadData({ ...cub, half: 'test' })
  t.deepEqual([alone.train.classes.length, alone.test], [2, undefined])
  const cut = { ...cub, half: 'train' as const, split: { by: 'class' as const, test: ['100.Bird'] } }
  t.deepEqual((await loadData(cut)).train.classes.length, 2)
  t.deepEqual([...(await loadJudged({ ...cut, rotatedClasses: true })).classes], ['100.Bird'])
  t.is((await loadJudged({ ...data, rotatedClasses: true })).classes.length, 4)
  await t.throwsAsync(() => loadData({ ...cub, split: cut.split }), {
    instanceOf: NPairError,
    code: 'INVALID_OPTION',
    message: /none without data.half, as the set has its own halves, for data.split/,
  })
  await t.throwsAsync(() => loadSource({ type: 'benchmark', name: 'cub', size: 4 }), { message: /for data.path/ })
})
