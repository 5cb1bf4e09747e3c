import '../train/ownCache.js'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { datasets } from '../../src/data/datasets.js'
import { openPack } from '../../src/data/pack.js'
import { Embeddings } from '../../src/embeddings.js'
import { engine } from '../../src/native/engine.js'
import { featureBaseline } from '../../src/protocols/featureBaseline.js'
import { refused, temporary } from '../train/tinyRun.js'
import { npyOf, writeNoisyRows } from './featureFiles.js'

const six = [1, -2, 0.5, 3, 0, 4]

test('rows of every type, labels of every kind: the same pack of float32', async (t) => {
  const folder = await temporary(t)
  const [path, labels] = [join(folder, 'rows.npy'), join(folder, 'labels')]
  // 1, −2, ½, 3, 0, 4 as float16
  const halves = Uint16Array.of(0x3c00, 0xc000, 0x3800, 0x4200, 0, 0x4400)
  const types = [
    ['<f4', Float32Array.from(six)],
    ['<f8', Float64Array.from(six)],
    ['<f2', halves],
  ] as const
  const hashes = new Set<string>()
  for (const [descr, data] of types)
    for (const [ending, content] of [
      ['.npy', npyOf('<i8', [3], BigInt64Array.of(7n, -1n, 7n))],
      ['.npy', npyOf('|u1', [3], Uint8Array.of(7, 255, 7))],
      ['.json', '["7", "-1", "7"]'],
      ['.json', '[7, -1, 7]'],
      ['.txt', '7\r\n-1\r\n7\r\n'],
      ['.labels', '7\n-1\n7'],
      ['.bom', '\uFEFF7\n-1\n7\n'],
    ] as const) {
      await writeFile(path, npyOf(descr, [3, 2], data))
      await writeFile(labels + ending, content)
      const dataset = await datasets.features(path, { labels: labels + ending })
      t.deepEqual(dataset.classes, typeof content !== 'string' && content.at(-2) === 255 ? ['255', '7'] : ['-1', '7'])
      // Sorted by label, then as in the file.
      t.deepEqual([...dataset.images], [1, 0, 2])
      t.deepEqual(
        [0, 1, 2].map((i) => dataset.imageName(i)),
        ['1', '0', '2'],
      )
      t.deepEqual(dataset.pack.ingest, { features: 2, normalize: false })
      t.deepEqual([...(await featureBaseline.embedDataset(dataset)).data], [0.5, 3, 1, -2, 0, 4])
      hashes.add(dataset.pack.sha256)
    }
  t.is(hashes.size, 2)
})

test('normalised rows have length 1, as Embeddings.normalized makes them; a row of zeros stays', async (t) => {
  const folder = await temporary(t)
  const { path, labels } = await writeNoisyRows(folder)
  const plain = await featureBaseline.embedDataset(await datasets.features(path, { labels }))
  const dataset = await datasets.features(path, { labels, normalize: true })
  t.deepEqual((await featureBaseline.embedDataset(dataset)).data, plain.normalized().data)
  const zeros = join(folder, 'zeros.npy')
  await writeFile(zeros, npyOf('<f4', [2, 2], Float32Array.of(0, 0, 3, 4)))
  await writeFile(join(folder, 'two.txt'), 'a\nb\n')
  const few = await datasets.features(zeros, { labels: join(folder, 'two.txt'), normalize: true })
  t.deepEqual([...(await featureBaseline.embedDataset(few)).data], [...Float32Array.of(0, 0, 0.6, 0.8)])
})

test('more rows than are read at a time, and the engine reads what was written', async (t) => {
  const folder = await temporary(t)
  const size = 1000
  const data = Float32Array.from({ length: 600 * size }, (_, i) => ((i * 7919) % 10_007) / 10_007)
  await writeFile(join(folder, 'rows.npy'), npyOf('<f4', [600, size], data))
  await writeFile(join(folder, 'labels.json'), JSON.stringify(Array.from({ length: 600 }, (_, i) => i % 30)))
  const told: number[] = []
  const dataset = await datasets.features(join(folder, 'rows.npy'), {
    labels: join(folder, 'labels.json'),
    onProgress: (done) => told.push(done),
  })
  t.true(told.length > 1 && told.at(-1) === 600)
  const native = await engine()
  const pack = await native.packOpen(dataset.pack.path)
  await t.throwsAsync(() => native.packRead(pack, Int32Array.of(0)), { message: /holds features and no images/ })
  await native.close(pack)
  const got = await featureBaseline.embedDataset(dataset)
  const expected = new Embeddings(data, size)
  for (const i of [0, 1, 299, 599]) t.deepEqual(got.row(i), expected.row(dataset.images[i] as number))
  // A damaged pack is found by its checksum.
  const bytes = await readFile(dataset.pack.path)
  const at = 4096 + 40 * 4
  bytes[at] = (bytes[at] as number) ^ 1
  await writeFile(dataset.pack.path, bytes)
  await refused(t, () => featureBaseline.embedDataset(dataset), 'PACK_CORRUPT', /block 0 of the images|header/)
})

test('splits as of images; turned classes are refused; a plan gives the same dataset, also where its files have moved', async (t) => {
  const folder = await temporary(t)
  const { path, labels } = await writeNoisyRows(folder)
  const whole = await datasets.features(path, { labels, normalize: true })
  t.deepEqual(whole.summary, { images: 120, classes: 20, skipped: [] })
  const { train, test: held } = whole.splitByClass({ test: 0.25, seed: 3 })
  t.deepEqual([train.classes.length, held.classes.length], [15, 5])
  t.throws(() => whole.rotatedClasses(), { message: /^Expected images for rotatedClasses but these are features/ })
  t.throws(() => whole.splitBySuperClass({ test: 0.5 }), { message: /no super-classes/ })
  const again = await datasets.fromPlan(JSON.parse(JSON.stringify(held.plan)))
  t.deepEqual([again.images, again.classes, again.plan], [held.images, held.classes, held.plan])
  const elsewhere = await temporary(t)
  const moved = await writeNoisyRows(elsewhere)
  await rm(path)
  t.deepEqual((await datasets.fromPlan(held.plan, { path: moved.path })).images, held.images)
  await writeFile(moved.labels, `${'x\n'.repeat(60)}${'y\n'.repeat(60)}`)
  await refused(
    t,
    () => datasets.fromPlan(held.plan, { path: moved.path }),
    'PACK_CORRUPT',
    /are not those of the plan/,
  )
})

test('what is wrong with features or labels is named', async (t) => {
  const folder = await temporary(t)
  const [path, labels] = [join(folder, 'rows.npy'), join(folder, 'labels.txt')]
  const good = npyOf('<f4', [3, 2], Float32Array.from(six))
  const load = (options: object = {}) => datasets.features(path, { labels, ...options })
  await writeFile(labels, 'a\nb\na\n')
  await refused(t, load, 'NOT_FOUND', /rows\.npy/)
  for (const [bytes, code, message] of [
    [npyOf('<f4', [0, 2], new Float32Array()), 'DATA_EMPTY', /holds no rows/],
    [npyOf('<f4', [6], Float32Array.from(six)), 'FEATURES_CORRUPT', /its shape is \(6\)/],
    [good.subarray(0, -1), 'FEATURES_CORRUPT', /bytes instead of/],
    [
      npyOf('<f4', [3, 2], Float32Array.of(1, 2, 3, Number.NaN, 5, 6)),
      'FEATURES_CORRUPT',
      /NaN in row 1, column 1 is not finite/,
    ],
    [
      npyOf('<f8', [3, 2], Float64Array.of(1, 2, 3, 4, 1e39, 6)),
      'FEATURES_CORRUPT',
      /1e\+39 in row 2, column 0 is too large/,
    ],
  ] as const) {
    await writeFile(path, bytes)
    await refused(t, load, code, message)
  }
  await writeFile(path, good)
  for (const [name, content, message] of [
    ['a.txt', 'a\nb\n', /it has 2 labels for 3 rows/],
    ['b.txt', 'a\n\nb\n', /the label of row 1 is empty/],
    ['c.json', '{"a": 1}', /it holds no array/],
    ['d.json', '["a", 1.5, "b"]', /the label of row 1 is neither a text nor an integer/],
    ['e.json', '["a"', /e\.json: .*JSON/],
    ['f.npy', npyOf('<f4', [3], new Float32Array(3)), /its numbers are no integers/],
    ['g.npy', npyOf('<i8', [3], BigInt64Array.of(1n, 2n ** 60n, 2n)), /the label of row 1 is beyond/],
    ['h.npy', npyOf('<i4', [3, 1], new Int32Array(3)), /its shape is \(3, 1\), and \[n\]/],
  ] as const) {
    await writeFile(join(folder, name), content)
    await refused(t, () => load({ labels: join(folder, name) }), 'FEATURES_CORRUPT', message)
  }
  await refused(t, () => load({ labels: join(folder, 'none.txt') }), 'NOT_FOUND', /none\.txt/)
  await refused(t, () => load({ labels: 3 }), 'INVALID_OPTION', /for labels but received 3/)
  await refused(t, () => load({ normalise: true }), 'INVALID_OPTION', /did you mean normalize/)
  await refused(t, () => load({ normalize: 1 }), 'INVALID_OPTION', /true or false for normalize/)
  t.is((await openPack((await load()).pack.path)).info.count, 3)
})
