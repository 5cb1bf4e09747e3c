import { cp, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import sharp from 'sharp'
import { datasets } from '../../src/data/datasets.js'
import { datasetPixels } from '../../src/data/pixels.js'
import type { Embeddings } from '../../src/embeddings.js'
import { sha256 } from '../../src/files/sha256.js'
import { nets } from '../../src/index.js'
import { Model } from '../../src/model/model.js'
import { characters, copyOf, readTensors, refused, temporary, trainTiny } from '../train/tinyRun.js'

/** A trained run, and images of the other half as raw pixels. */
async function trained(t: ExecutionContext, change: Parameters<typeof trainTiny>[1] = {}) {
  const folder = join(await temporary(t), 'run')
  await trainTiny(folder, { checkpointEvery: 0, ...change })
  const { test: data } = await characters()
  const pixels = await datasetPixels(data, Array.from(data.images.keys()))
  return { folder, data, raw: pixels.map((image) => ({ data: image, height: 28, width: 28, channels: 1 })) }
}

async function load(t: ExecutionContext, folder: string, options: Parameters<typeof Model.load>[1] = {}) {
  const model = await Model.load(folder, { device: 'cpu', ...options })
  t.teardown(() => model.close())
  return model
}

/** Kernels differ with the size of the batch, in the last bits. */
function close(t: ExecutionContext, got: ArrayLike<number>, expected: ArrayLike<number>, what: string) {
  t.is(got.length, expected.length, what)
  const largest = Math.max(...Array.from(expected, Math.abs))
  const off = Array.from(got).findIndex((x, i) => !(Math.abs(x - (expected[i] as number)) <= 1e-5 * largest))
  t.is(off, -1, `${what}: ${got[off]} for ${expected[off]} at ${off}`)
}

test('paths, encoded images and raw pixels of one picture embed alike, as the dataset’s', async (t) => {
  const { folder, data, raw } = await trained(t)
  const model = await load(t, folder)
  const first = raw[0] as (typeof raw)[number]
  const encoded = await sharp(first.data, { raw: { width: 28, height: 28, channels: 1 } })
    .png()
    .toBuffer()
  await writeFile(join(folder, '../a.png'), encoded)
  const embeddings = await model.embed([join(folder, '../a.png'), encoded, first, new Uint8Array(encoded)])
  t.is(embeddings.count, 4)
  t.is(embeddings.size, 8)
  for (let i = 1; i < 4; i++) t.deepEqual(embeddings.row(i), embeddings.row(0))
  const all = await model.embedDataset(data)
  close(t, embeddings.row(0), all.row(0), 'as the dataset')
  t.is((await model.embed([])).count, 0)
})

test('a bundle alone is enough: a run folder, its model folder, and a copy elsewhere', async (t) => {
  const { folder, raw } = await trained(t)
  await cp(join(folder, 'model'), join(folder, '../shipped'), { recursive: true })
  const rows = async (path: string) => (await (await load(t, path)).embed(raw.slice(0, 3))).data
  const expected = await rows(folder)
  t.deepEqual(await rows(join(folder, 'model')), expected)
  t.deepEqual(await rows(join(folder, '../shipped')), expected)
})

test('more images than go through the network at a time come in order', async (t) => {
  const { folder, raw } = await trained(t)
  const model = await load(t, folder)
  const single: Embeddings[] = []
  for (const image of raw) single.push(await model.embed([image]))
  // 300 images: two whole batches of 128 and a part of a third.
  const many = await model.embed(
    Array.from({ length: 300 }, (_, i) => raw[(7 * i) % raw.length] as (typeof raw)[number]),
  )
  for (let i = 0; i < 300; i++) close(t, many.row(i), single[(7 * i) % raw.length]?.data ?? [], `image ${i}`)
})

test('flip fusion: the sum of the embeddings of the image and of its mirror image', async (t) => {
  const { folder, data, raw } = await trained(t, { mirror: true })
  const flipped = raw.map((image) => {
    const mirrored = new Uint8Array(image.data.length)
    for (let y = 0; y < 28; y++)
      for (let x = 0; x < 28; x++) mirrored[y * 28 + x] = image.data[y * 28 + 27 - x] as number
    return { ...image, data: mirrored }
  })
  const [fused, plain] = [await load(t, folder), await load(t, folder, { mirror: false })]
  t.true(fused.description.mirror)
  const [a, b] = [await plain.embed(raw), await plain.embed(flipped)]
  const sum = a.data.map((x, i) => x + (b.data[i] as number))
  const got = await fused.embed(raw)
  close(t, got.data, sum, 'embed')
  close(t, (await fused.embedDataset(data)).data, sum, 'embedDataset')
  t.notDeepEqual(got.data, (await plain.embed(raw)).data)
  const asked = await load(t, (await trained(t)).folder, { mirror: true })
  t.false(asked.description.mirror)
})

test('shifts: the sum of the embeddings of the image and of it moved by hand, the edge repeated', async (t) => {
  const { folder, raw } = await trained(t, { shifts: [3] })
  const moved = (down: number, right: number) =>
    raw.map((image) => {
      const inside = (i: number) => Math.min(27, Math.max(0, i))
      const at = (_: number, i: number) => inside(Math.floor(i / 28) - down) * 28 + inside((i % 28) - right)
      return { ...image, data: Uint8Array.from({ length: 784 }, (x, i) => image.data[at(x as number, i)] as number) }
    })
  const [whole, plain] = [await load(t, folder), await load(t, folder, { shifts: [] })]
  t.deepEqual(whole.description.shifts, [3])
  const sum = new Float64Array(8 * raw.length)
  for (const [down, right] of [
    [0, 0],
    [3, 0],
    [-3, 0],
    [0, 3],
    [0, -3],
  ] as const)
    (await plain.embed(moved(down, right))).data.forEach((x, i) => {
      sum[i] = (sum[i] as number) + x
    })
  close(t, (await whole.embed(raw)).data, sum, 'embed')
})

test('preprocessing travels: an inverted picture for a model that inverts is another picture', async (t) => {
  const { folder, raw } = await trained(t, { preprocess: { invert: true, mean: 0.25, std: 0.5 } })
  const model = await load(t, folder)
  t.deepEqual(model.description.preprocess, { invert: true, mean: [0.25], std: [0.5] })
  t.like(model.description.ingest, { size: [28, 28] })
  // The same weights without inversion, fed with pictures inverted by hand, must see the same.
  const other = await copyOf(t, join(folder, 'model'))
  const description = JSON.parse(await readFile(join(other, 'model.json'), 'utf8'))
  description.preprocess.invert = false
  await writeFile(join(other, 'model.json'), JSON.stringify(description))
  const negative = raw.map((image) => ({ ...image, data: image.data.map((x) => 255 - x) }))
  const [expected, got] = [await model.embed(raw), await (await load(t, other)).embed(negative)]
  close(t, got.data, expected.data, 'inverted by hand')
})

test('the bundle’s weights are those of the last step, by name', async (t) => {
  const { folder } = await trained(t)
  const bundle = await readTensors(join(folder, 'model/weights.safetensors'))
  t.deepEqual(bundle, await readTensors(join(folder, 'checkpoints/step-000012/weights.safetensors')))
  const description = JSON.parse(await readFile(join(folder, 'model/model.json'), 'utf8'))
  t.is(description.weights, await sha256(join(folder, 'model/weights.safetensors')))
  t.is(description.trained.steps, 12)
  t.is(description.embeddingSize, 8)
})

test('after close: CLOSED; closing twice is harmless', async (t) => {
  const { folder, data, raw } = await trained(t)
  const model = await Model.load(folder, { device: 'cpu' })
  await model.close()
  await model.close()
  await refused(t, () => model.embed(raw), 'CLOSED', /This model was closed/)
  await refused(t, async () => model.embedDataset(data), 'CLOSED')
  const other = await Model.load(folder, { device: 'cpu' })
  const [embedding] = await Promise.allSettled([other.embed(raw), other.close()])
  if (embedding.status === 'rejected') t.is(embedding.reason.code, 'CLOSED')
  else t.is(embedding.value.count, raw.length)
})

test('what cannot be embedded is named', async (t) => {
  const { folder, raw } = await trained(t)
  const model = await load(t, folder)
  const [good] = raw as [(typeof raw)[number]]
  const png = await sharp(good.data, { raw: { width: 28, height: 28, channels: 1 } })
    .png()
    .toBuffer()
  const broken = join(folder, '../broken.png')
  await writeFile(broken, png.subarray(0, 60))
  await writeFile(join(folder, '../empty.png'), '')
  await refused(t, () => model.embed([good, broken]), 'IMAGE_UNREADABLE', /broken.png/)
  await refused(
    t,
    () => model.embed([join(folder, '../empty.png')]),
    'IMAGE_UNREADABLE',
    /empty.png: the file is empty/,
  )
  await refused(t, () => model.embed([join(folder, 'nothing.png')]), 'IMAGE_UNREADABLE', /nothing.png/)
  await refused(t, () => model.embed([png.subarray(0, 60)]), 'IMAGE_UNREADABLE', /an image of 60 bytes/)
  const wrong: unknown[] = [
    { ...good, height: 27 },
    { ...good, channels: 3 },
    { ...good, data: good.data.subarray(1) },
    { ...good, data: Array.from(good.data) },
    ...[null, 3, {}, undefined],
  ]
  for (const image of wrong) {
    const error = await refused(
      t,
      () => model.embed([good, image as never]),
      'INVALID_OPTION',
      /Expected a path, an encoded image, or raw pixels of 28x28x1 for images\[1\] but received/,
    )
    t.is(error.option, 'images[1]')
  }
  await refused(t, () => model.embed('a.png' as never), 'INVALID_OPTION', /Expected an array of paths/)
  t.is((await model.embed([good])).count, 1)
  const small = await datasets.characters({ alphabets: 2, characters: 2, drawings: 2, size: 20 })
  await refused(t, () => model.embedDataset(small), 'INVALID_OPTION', /received size 20x20 instead of 28x28/)
})

test('what cannot be loaded is named', async (t) => {
  const { folder } = await trained(t)
  const bundle = join(folder, 'model')
  const damaged = async (change: (copy: string) => Promise<unknown>) => {
    const copy = await copyOf(t, bundle)
    await change(copy)
    return () => Model.load(copy)
  }
  const rewrite = (change: (description: Record<string, unknown>) => unknown) => async (copy: string) => {
    const file = join(copy, 'model.json')
    await writeFile(file, JSON.stringify(change(JSON.parse(await readFile(file, 'utf8')))))
  }
  const cut = (name: string) => async (copy: string) =>
    truncate(join(copy, name), (await readFile(join(copy, name))).length - 5)
  const other = join(folder, '../other')
  await trainTiny(other, { net: nets.conv4({ width: 5, embeddingSize: 8 }), checkpointEvery: 0 })
  const foreign = (copy: string) => cp(join(other, 'model/weights.safetensors'), join(copy, 'weights.safetensors'))

  await refused(t, await damaged(cut('model.json')), 'BUNDLE_CORRUPT', /model.json is cut off or altered/)
  await refused(
    t,
    await damaged(cut('weights.safetensors')),
    'BUNDLE_CORRUPT',
    /weights.safetensors does not match its checksum/,
  )
  await refused(
    t,
    await damaged((copy) => writeFile(join(copy, 'model.json'), 'null')),
    'BUNDLE_CORRUPT',
    /has format undefined/,
  )
  await refused(
    t,
    await damaged(rewrite((description) => ({ ...description, format: 7 }))),
    'BUNDLE_CORRUPT',
    /model.json has format 7, and this npair reads format 1/,
  )
  await refused(t, await damaged(foreign), 'BUNDLE_CORRUPT', /weights.safetensors does not match/)
  await refused(
    t,
    await damaged(async (copy) => {
      await foreign(copy)
      const weights = await sha256(join(copy, 'weights.safetensors'))
      await rewrite((description) => ({ ...description, weights }))(copy)
    }),
    'WEIGHTS_MISMATCH',
    /has shape/,
  )
  await refused(
    t,
    await damaged((copy) => rm(join(copy, 'weights.safetensors'))),
    'BUNDLE_CORRUPT',
    /weights.safetensors is missing/,
  )
  const empty = join(folder, '../empty')
  await mkdir(empty)
  await refused(t, () => Model.load(empty), 'NOT_FOUND', /neither a bundle .* nor a finished run/)
  await refused(t, () => Model.load(join(empty, 'nothing')), 'NOT_FOUND')
  await refused(t, () => Model.load(join(bundle, 'model.json')), 'NOT_FOUND')
  await refused(t, () => Model.load(''), 'INVALID_OPTION', /for path/)
  await refused(
    t,
    () => Model.load(bundle, { device: 'gpu' as never }),
    'INVALID_OPTION',
    /for device but received 'gpu'/,
  )
  await refused(t, () => Model.load(bundle, { mirror: 'yes' as never }), 'INVALID_OPTION', /true or false for mirror/)
  await refused(t, () => Model.load(bundle, { mirrors: true } as never), 'INVALID_OPTION', /Unknown option mirrors/)
  await refused(
    t,
    () => Model.load(bundle, { shifts: [28] }),
    'INVALID_OPTION',
    /integers in 1 to 27 for images of 28x28 for shifts/,
  )
  t.deepEqual((await readdir(bundle)).sort(), ['model.json', 'weights.safetensors'])
})
