import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { type BenchmarkInput, datasets } from '../../../src/data/datasets.js'
import { NPairError } from '../../../src/errors.js'
import { evaluate } from '../../../src/protocols/evaluate.js'
import { reId } from '../../../src/protocols/reId.js'
import { noisyEmbedder } from '../../protocols/labelledData.js'
import { noise, pgm, writeFiles } from '../imageFiles.js'
import { temporaryFolder } from '../temporaryFolder.js'

const picture = (seed: number) => pgm(4, 4, noise(16, seed))
const pictures = (names: readonly string[]) => Object.fromEntries(names.map((name, i) => [name, picture(i)]))

function reader(t: Parameters<typeof temporaryFolder>[0], files: Record<string, string | Uint8Array>) {
  const root = temporaryFolder(t)
  writeFiles(root, files)
  const read = (name: BenchmarkInput['name'], half: 'train' | 'test', more: Partial<BenchmarkInput> = {}) =>
    datasets.benchmark(root, { name, half, size: 4, cache: join(root, 'cache'), ...more })
  const names = async (name: BenchmarkInput['name'], half: 'train' | 'test') => {
    const data = await read(name, half)
    return Array.from(data.labels, (label, i) => `${data.classes[label]}: ${data.imageName(i)}`)
  }
  return { root, read, names }
}

test('CUB-200-2011: classes 1 to 100 train, the others test', async (t) => {
  const images = [
    '001.Albatross/a.pgm',
    '001.Albatross/b.pgm',
    '100.Pelican/c.pgm',
    '101.Pelican/d.pgm',
    '200.Yellowthroat/e.pgm',
  ]
  const { read, names, root } = reader(t, {
    'images.txt': images.map((name, i) => `${i + 1} ${name}\n`).join(''),
    'image_class_labels.txt': '1 1\n2 1\n3 100\n4 101\n5 200\n',
    ...pictures(images.map((name) => `images/${name}`)),
  })
  t.deepEqual(await names('cub', 'train'), [
    '001.Albatross: 001.Albatross/a.pgm',
    '001.Albatross: 001.Albatross/b.pgm',
    '100.Pelican: 100.Pelican/c.pgm',
  ])
  t.deepEqual(await names('cub', 'test'), [
    '101.Pelican: 101.Pelican/d.pgm',
    '200.Yellowthroat: 200.Yellowthroat/e.pgm',
  ])
  const plan = (await read('cub', 'test')).plan
  t.like(plan, { type: 'benchmark', source: { name: 'cub', half: 'test' } })
  t.deepEqual((await datasets.fromPlan(plan, { cache: join(root, 'cache') })).plan, plan)
  // A plan is read from a file, where anything may stand.
  for (const [source, message] of [
    [{ name: 'cub', half: 'dev' }, /'train' or 'test' for half but received 'dev'/],
    [{ half: 'test' }, /'market1501' for name but received undefined/],
    [undefined, /an object for options but received undefined/],
  ] as const)
    await t.throwsAsync(() => datasets.fromPlan({ ...plan, source } as typeof plan), {
      ...{ instanceOf: NPairError, code: 'INVALID_OPTION', message },
    })
  rmSync(join(root, 'images/001.Albatross/b.pgm'))
  await t.throwsAsync(() => read('cub', 'train'), {
    instanceOf: NPairError,
    code: 'IMAGE_UNREADABLE',
    message: /b\.pgm/,
  })
  const skipped = await read('cub', 'train', { broken: 'skip' })
  t.deepEqual(
    skipped.summary.skipped.map(({ path }) => path),
    ['001.Albatross/b.pgm'],
  )
})

test("Cars-196 in both of its layouts: classes 1 to 98 train, whatever the set's own parts are", async (t) => {
  const list = (name: string) => readFileSync(new URL(`../../fixtures/cars/${name}`, import.meta.url))
  const older = reader(t, {
    'cars_annos.mat': list('cars_annos.mat'),
    ...pictures(Array.from({ length: 6 }, (_, i) => `car_ims/00000${i + 1}.jpg`)),
  })
  const cars = (from: typeof older, half: 'train' | 'test') => from.names('cars196', half)
  t.deepEqual(await cars(older, 'train'), [
    '001: car_ims/000001.jpg',
    '001: car_ims/000002.jpg',
    '098: car_ims/000003.jpg',
  ])
  t.deepEqual(await cars(older, 'test'), [
    '099: car_ims/000004.jpg',
    '196: car_ims/000005.jpg',
    '196: car_ims/000006.jpg',
  ])
  const images = pictures(
    [1, 2, 3].map((i) => `cars_train/0000${i}.jpg`).concat('cars_test/00001.jpg', 'cars_test/00002.jpg'),
  )
  for (const folder of ['', 'devkit/']) {
    const newer = reader(t, {
      [`${folder}cars_train_annos.mat`]: list('cars_train_annos.mat'),
      [`${folder}cars_test_annos_withlabels.mat`]: list('cars_test_annos_withlabels.mat'),
      ...images,
    })
    t.deepEqual(await cars(newer, 'train'), [
      '001: cars_test/00001.jpg',
      '001: cars_train/00001.jpg',
      '098: cars_train/00002.jpg',
    ])
    t.deepEqual(await cars(newer, 'test'), ['099: cars_test/00002.jpg', '196: cars_train/00003.jpg'])
  }
  const refused = async (files: Record<string, Uint8Array>, code: 'NOT_FOUND' | 'DATA_EMPTY', message: RegExp) => {
    await t.throwsAsync(() => reader(t, { 'car_ims/000001.jpg': picture(1), ...files }).read('cars196', 'test'), {
      instanceOf: NPairError,
      code,
      message,
    })
  }
  await refused({}, 'NOT_FOUND', /has neither cars_annos.mat nor devkit.cars_train_annos.mat nor cars_train_annos.mat/)
  await refused({ 'cars_train_annos.mat': list('cars_train_annos.mat') }, 'NOT_FOUND', /cars_test_annos_withlabels.mat/)
  await refused(
    { 'cars_annos.mat': list('cars_train_annos.mat') },
    'DATA_EMPTY',
    /annotation 1 has no relative_im_path/,
  )
  await refused(
    { 'cars_annos.mat': list('cars_annos.mat').subarray(0, 300) },
    'DATA_EMPTY',
    /cars_annos.mat: it is cut off/,
  )
  await refused({ 'cars_annos.mat': picture(3) }, 'DATA_EMPTY', /no little-endian MAT-file of version 5/)
})

test('Stanford Online Products: its two lists, kinds of product as super-classes', async (t) => {
  const { names, read } = reader(t, {
    'Ebay_train.txt': 'image_id class_id super_class_id path\n1 1 1 bicycle_final/11.pgm\n2 1 1 bicycle_final/12.pgm\n',
    'Ebay_test.txt':
      'image_id class_id super_class_id path\n3 11319 1 bicycle_final/21.pgm\n4 11320 2 sofa_final/22.pgm\n',
    ...pictures(['bicycle_final/11.pgm', 'bicycle_final/12.pgm', 'bicycle_final/21.pgm', 'sofa_final/22.pgm']),
  })
  t.deepEqual(await names('sop', 'train'), ['1: bicycle_final/11.pgm', '1: bicycle_final/12.pgm'])
  t.deepEqual(await names('sop', 'test'), ['11319: bicycle_final/21.pgm', '11320: sofa_final/22.pgm'])
  t.deepEqual((await read('sop', 'test')).superClasses, ['bicycle_final', 'sofa_final'])
})

test('In-Shop: queries and gallery by the list; rank-k of re-identification is its Recall@K', async (t) => {
  const rows = [
    ['img/W/id_1/01_1.pgm', 'id_1', 'train'],
    ['img/W/id_2/01_1.pgm', 'id_2', 'query'],
    ['img/W/id_2/02_1.pgm', 'id_2', 'gallery'],
    ['img/W/id_3/01_1.pgm', 'id_3', 'query'],
    ['img/W/id_3/02_1.pgm', 'id_3', 'gallery'],
  ]
  const { names, read } = reader(t, {
    'list_eval_partition.txt': `5\nimage_name item_id evaluation_status\n${rows.map((row) => row.join('   ')).join('\n')}\n`,
    ...pictures(rows.map(([name]) => name as string)),
  })
  t.deepEqual(await names('inShop', 'train'), ['id_1: img/W/id_1/01_1.pgm'])
  t.deepEqual(await names('inShop', 'test'), [
    'id_2: gallery/img/W/id_2/02_1.pgm',
    'id_2: query/img/W/id_2/01_1.pgm',
    'id_3: gallery/img/W/id_3/02_1.pgm',
    'id_3: query/img/W/id_3/01_1.pgm',
  ])
  const protocol = reId(await read('inShop', 'test'), { query: '^query/', camera: '^(query|gallery)/', bootstrap: 0 })
  const result = await evaluate(noisyEmbedder(0.01), protocol)
  t.is(result.figures.rank1?.value, 1)
  t.like(result.counts, { queries: 2, gallery: 2, loneQueries: 0 })
})

test('Market-1501: its folders; junk and distractors are classes that its protocol knows', async (t) => {
  const { names, read, root } = reader(
    t,
    pictures([
      'bounding_box_train/0002_c1s1_000451_03.pgm',
      'query/0001_c1s1_001051_00.pgm',
      'bounding_box_test/0001_c2s1_001051_01.pgm',
      'bounding_box_test/0000_c1s1_000151_02.pgm',
      'bounding_box_test/-1_c1s1_000401_03.pgm',
    ]),
  )
  t.deepEqual(await names('market1501', 'train'), ['0002: 0002_c1s1_000451_03.pgm'])
  const data = await read('market1501', 'test')
  t.deepEqual([...data.classes], ['-1', '0000', '0001'])
  const result = await evaluate(noisyEmbedder(0.01), reId(data, { query: '^query/', bootstrap: 0 }))
  t.like(result.counts, { queries: 1, gallery: 2, cameras: 2 })
  t.is(result.figures.map?.value, 1)
  writeFiles(root, { 'query/who.pgm': picture(9) })
  await t.throwsAsync(() => read('market1501', 'test'), {
    instanceOf: NPairError,
    message: /who.pgm is not named like/,
  })
})

test('what is not of its layout is refused with its line', async (t) => {
  const { root, read } = reader(t, {
    'images.txt': '1 a/b.pgm\n',
    'image_class_labels.txt': '2 1\n',
    'Ebay_test.txt': 'head\n1 2 3\n',
    'list_eval_partition.txt': '1\nhead\na.pgm id_1 test\n',
  })
  const refused = async (name: string, code: string, message: RegExp, more: object = {}) => {
    await t.throwsAsync(() => read(name as 'cub', 'test', more), { instanceOf: NPairError, code, message })
  }
  await refused('cub', 'DATA_EMPTY', /image 1 of images.txt has no class/)
  await refused('sop', 'DATA_EMPTY', /Ebay_test.txt: line 2 has 3 fields instead of 4/)
  await refused('inShop', 'DATA_EMPTY', /line 3 has the part test/)
  await refused('market1501', 'NOT_FOUND', /Cannot read .*(query|bounding_box_test)/)
  await t.throwsAsync(async () => read('cars' as 'cub', 'test'), {
    instanceOf: NPairError,
    message: /for name but received 'cars'/,
  })
  writeFiles(root, { 'image_class_labels.txt': '1 1\n' })
  await refused('cub', 'DATA_EMPTY', /holds no test image of cub/)
})
