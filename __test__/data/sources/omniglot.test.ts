import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import sharp from 'sharp'
import { datasets } from '../../../src/data/datasets.js'
import { datasetPixels } from '../../../src/data/pixels.js'
import { omniglotSource } from '../../../src/data/sources/omniglot.js'
import { noise, writeFiles } from '../imageFiles.js'
import { packsIn, temporaryFolder } from '../temporaryFolder.js'
import { zipOf } from '../zipFile.js'

/** PNG drawings of two alphabets, below a prefix as in the real archive. */
async function drawings(): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {}
  for (const [k, name] of [
    'Latin/character02/0002_01.png',
    'Latin/character01/0001_02.png',
    'Latin/character01/0001_01.png',
    'Greek/character01/0003_01.png',
  ].entries())
    files[`images/${name}`] = await sharp(Uint8Array.from(noise(36, k)), { raw: { width: 6, height: 6, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toBuffer()
  return files
}

test('folder and zip give the same images, classes and super-classes', async (t) => {
  const folder = temporaryFolder(t)
  const files = await drawings()
  writeFiles(join(folder, 'tree'), { ...files, 'preview.png': 'what does not have the layout is let be' })
  await writeFile(
    join(folder, 'a.zip'),
    zipOf({ ...files, '__MACOSX/images/Latin/character01/._1.png': Buffer.alloc(3) }),
  )
  const options = { size: 6, interpolation: 'nearest', cache: join(folder, 'cache') } as const
  const loaded = await Promise.all(['tree', 'a.zip'].map((name) => datasets.omniglot(join(folder, name), options)))
  for (const data of loaded) {
    t.deepEqual(data.classes, ['Greek/character01', 'Latin/character01', 'Latin/character02'])
    t.deepEqual(data.superClasses, ['Greek', 'Latin'])
    t.deepEqual([...data.superClassOf], [0, 1, 1])
    t.deepEqual([...data.labels], [0, 1, 1, 2])
    const pixels = await datasetPixels(data, data.images)
    t.deepEqual(
      pixels.map((image) => [...image]),
      [3, 2, 1, 0].map((k) => noise(36, k)),
    )
  }
  t.is(loaded[0]?.pack.sha256, loaded[1]?.pack.sha256)
  t.not(loaded[0]?.pack.path, loaded[1]?.pack.path)
})

test('a broken drawing in a zip is named with the archive, or skipped; the archive is closed', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'a.zip')
  const name = 'images/Latin/character01/0001_03.png'
  const files = { ...(await drawings()), [name]: Buffer.from('torn') }
  await writeFile(path, zipOf(files))
  const cache = join(folder, 'cache')
  const error = await t.throwsAsync(datasets.omniglot(path, { size: 6, cache }), { code: 'IMAGE_UNREADABLE' })
  t.true(error?.message.startsWith(`Cannot read ${name} of ${path}: `), error?.message)
  t.deepEqual(await packsIn(cache), [])
  const { summary } = await datasets.omniglot(path, { size: 6, cache, broken: 'skip' })
  t.like(summary, { images: 4, classes: 3 })
  t.is(summary.skipped[0]?.path, name)

  const bytes = zipOf(await drawings())
  const directory = bytes.indexOf('PK\x01\x02', 0, 'latin1')
  bytes.writeUInt32LE(0, directory + 16)
  await writeFile(path, bytes)
  await t.throwsAsync(datasets.omniglot(path, { size: 6, cache }), {
    message: `Cannot read images/Latin/character02/0002_01.png of ${path}: it does not match its checksum in the archive`,
  })
})

test('nothing of the layout, nothing at all', async (t) => {
  const folder = temporaryFolder(t)
  writeFiles(folder, { 'a/1.png': '', 'b.zip': zipOf({ 'a/1.png': Buffer.from('x') }) })
  for (const path of [folder, join(folder, 'b.zip')])
    await t.throwsAsync(omniglotSource(path), {
      code: 'DATA_EMPTY',
      message: `${path} holds nothing of the layout Alphabet/characterNN/drawing.png`,
    })
  await t.throwsAsync(omniglotSource(join(folder, 'none')), { code: 'NOT_FOUND' })
})

const zip = fileURLToPath(new URL('../../../../shared/data/omniglot/images_background_small1.zip', import.meta.url))
const omniglot = existsSync(zip) ? test : test.skip
omniglot('the small background set 1: five alphabets, 136 characters, 20 drawings each', async (t) => {
  const source = await omniglotSource(zip)
  const classes = new Map<string, number>()
  for (const file of source.files) classes.set(file.class, (classes.get(file.class) ?? 0) + 1)
  t.deepEqual(
    new Set(source.files.map((file) => file.superClass)),
    new Set(['Balinese', 'Early_Aramaic', 'Greek', 'Korean', 'Latin']),
  )
  t.is(classes.size, 136)
  t.true([...classes.values()].every((n) => n === 20))
  const first = source.files[0]
  t.is(first?.class, 'Balinese/character01')
  const { width, height } = await sharp(await first?.read()).metadata()
  t.deepEqual([height, width], [105, 105])
  await source.close()
})
