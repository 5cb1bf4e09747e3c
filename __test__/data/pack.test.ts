import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import type { IngestOptions } from '../../src/data/ingestOptions.js'
import { openPack, readPackImages } from '../../src/data/pack.js'
import { type PackContent, writePack } from '../../src/data/writePack.js'
import { NPairError } from '../../src/errors.js'
import { engine } from '../../src/native/engine.js'
import { noise } from './imageFiles.js'
import { packsIn, temporaryFolder } from './temporaryFolder.js'

const ingest = (height: number, width: number, channels: 1 | 3 = 1): IngestOptions => ({
  ...{ size: [height, width], channels, interpolation: 'nearest', fit: 'fill', background: 255, broken: 'skip' },
})

function content(count: number): PackContent {
  return {
    ...{ classes: ['ä "quoted"', 'b\nc'], superClasses: ['only'], superClassOf: [0, 0], skipped: [] },
    labels: Int32Array.from({ length: count }, (_, i) => i % 2),
    names: Array.from({ length: count }, (_, i) => `folder/${i}\n字.png`),
  }
}

async function* each(images: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, undefined> {
  yield* images
}

const images = (count: number, bytes: number) =>
  Array.from({ length: count }, (_, i) => Uint8Array.from(noise(bytes, i)))

/** A pack of seven images over several blocks: 400×500×3 bytes each, a block is 1 MiB. */
async function largePack(folder: string): Promise<{ path: string; images: Uint8Array[] }> {
  const all = images(7, 600_000)
  const path = join(folder, 'large.pack')
  await writePack(path, ingest(400, 500, 3), content(7), each(all), () => content(7))
  return { path, images: all }
}

test('what was written is read: index, images over block borders, in any order', async (t) => {
  const { path, images } = await largePack(temporaryFolder(t))
  const { info, labels, names, classes, superClasses, superClassOf, skipped } = await openPack(path)
  t.like(info, { path, count: 7, height: 400, width: 500, channels: 3 })
  t.deepEqual(info.ingest, ingest(400, 500, 3))
  t.deepEqual(labels, content(7).labels)
  t.deepEqual({ names, classes, superClasses, superClassOf: [...superClassOf], skipped }, {
    ...{
      names: content(7).names,
      classes: content(7).classes,
      superClasses: ['only'],
      superClassOf: [0, 0],
      skipped: [],
    },
  } as never)
  const order = [6, 0, 3, 3, 1, 5]
  const read = await readPackImages(path, order)
  t.true(read.every((image, i) => Buffer.compare(image, images[order[i] as number] as Uint8Array) === 0))
  t.deepEqual(await readPackImages(path, []), [])
})

test('the engine reads the same bytes, on a page of its own', async (t) => {
  const { path, images } = await largePack(temporaryFolder(t))
  const { packOpen, packRead, close } = await engine()
  const pack = await packOpen(path)
  const pixels = await packRead(pack, Int32Array.of(6, 0, 4))
  await close(pack)
  t.is(Buffer.compare(pixels, Buffer.concat([6, 0, 4].map((i) => images[i] as Uint8Array))), 0)
  const file = await readFile(path)
  const { images: section } = JSON.parse(file.toString('utf8', 48, 48 + file.readUInt32LE(12)))
  t.is(section.offset % 4096, 0)
})

test('a pack of exactly one block, and of one image', async (t) => {
  const folder = temporaryFolder(t)
  for (const [count, height, width] of [
    [4, 512, 512],
    [1, 1, 1],
  ] as const) {
    const path = join(folder, `${count}.pack`)
    const all = images(count, height * width)
    await writePack(path, ingest(height, width), content(count), each(all), () => content(count))
    const read = await readPackImages(path, [count - 1, 0])
    t.true(Buffer.compare(read[0] as Uint8Array, all[count - 1] as Uint8Array) === 0)
    t.is((await openPack(path)).info.count, count)
  }
})

test('rows that are none are refused', async (t) => {
  const { path } = await largePack(temporaryFolder(t))
  for (const row of [7, -1, 1.5, Number.NaN])
    await t.throwsAsync(readPackImages(path, [0, row]), {
      code: 'INVALID_OPTION',
      message: `Expected a row in [0, 7) of ${path} but received ${row}`,
    })
})

test('fewer images than announced leave room, and long reasons need none', async (t) => {
  const path = join(temporaryFolder(t), 'few.pack')
  const all = images(3, 16)
  const skipped = Array.from({ length: 500 }, (_, i) => ({ path: `${i}.png`, reason: 'because '.repeat(20) }))
  await writePack(path, ingest(4, 4), content(503), each(all), () => ({ ...content(3), skipped }))
  t.deepEqual((await openPack(path)).skipped, skipped)
  t.deepEqual(await readPackImages(path, [0, 1, 2]), all)
})

test('the name of the content: equal for equal content, whatever the reasons; another for every difference', async (t) => {
  const folder = temporaryFolder(t)
  const all = images(4, 16)
  const write = async (options: IngestOptions, index: PackContent, pixels: readonly Uint8Array[]) => {
    const path = join(folder, `${Math.random()}.pack`)
    await writePack(path, options, index, each(pixels), () => index)
    return (await openPack(path)).info.sha256
  }
  const skip = (reason: string) => ({ ...content(4), skipped: [{ path: 'x', reason }] })
  const first = await write(ingest(4, 4), content(4), all)
  t.is(await write(ingest(4, 4), content(4), all), first)
  t.is(await write(ingest(4, 4), skip('a'), all), first)
  t.is(await write(ingest(4, 4), skip('bcd'), all), first)
  const others = [
    await write(ingest(2, 8), content(4), all),
    await write(ingest(4, 4), { ...content(4), labels: Int32Array.of(0, 1, 1, 0) }, all),
    await write(ingest(4, 4), { ...content(4), names: ['a', 'b', 'c', 'd'] }, all),
    await write(ingest(4, 4), { ...content(4), classes: ['a', 'b'] }, all),
    await write(ingest(4, 4), content(4), [...all].reverse()),
  ]
  t.is(new Set([first, ...others]).size, 6)
})

test('images that end in an error leave nothing, and the error is theirs', async (t) => {
  const cache = temporaryFolder(t)
  await mkdir(join(cache, 'packs'))
  async function* failing() {
    yield new Uint8Array(16)
    throw new RangeError('no more')
  }
  const path = join(cache, 'packs', 'x.pack')
  await t.throwsAsync(
    writePack(path, ingest(4, 4), content(2), failing(), () => content(2)),
    { instanceOf: RangeError, message: 'no more' },
  )
  t.deepEqual(await packsIn(cache), [])
})

test('a folder that cannot be written to is named', async (t) => {
  const folder = temporaryFolder(t)
  await writeFile(join(folder, 'file'), '')
  const path = join(folder, 'file', 'x.pack')
  const error = await t.throwsAsync(
    writePack(path, ingest(4, 4), content(1), each(images(1, 16)), () => content(1)),
    { instanceOf: NPairError, code: 'NOT_WRITABLE' },
  )
  t.true(error?.message.startsWith(`Cannot write ${path}: ENOTDIR`), error?.message)
})

/** Where things stand in a pack of four 4×4 images. */
async function smallPack(folder: string) {
  const path = join(folder, 'small.pack')
  const all = images(4, 16)
  const index = { ...content(4), skipped: [{ path: 'x.png', reason: 'the file is empty' }] }
  await writePack(path, ingest(4, 4), index, each(all), () => index)
  const bytes = await readFile(path)
  const header = JSON.parse(bytes.toString('utf8', 48, 48 + bytes.readUInt32LE(12)))
  return { path, bytes, header }
}

test('a flipped bit is found, and its place named', async (t) => {
  const { path, bytes, header } = await smallPack(temporaryFolder(t))
  const read = async (): Promise<void> => {
    await openPack(path)
    await readPackImages(path, [0, 1, 2, 3])
  }
  await t.notThrowsAsync(read())
  for (const [at, place] of [
    [0, 'this is no pack (its first bytes are not NPAIRPAK)'],
    [8, 'this pack has version 0, and this npair reads versions 1 and 2'],
    [12, 'the header does not match its checksum'],
    [15, 'the header is cut off'],
    [20, 'the header does not match its checksum'],
    [60, 'the header does not match its checksum'],
    [header.labels.offset + 1, 'the labels section does not match its checksum'],
    [header.names.offset + 5, 'the names section does not match its checksum'],
    [header.skipped.offset + 3, 'the skipped section does not match its checksum'],
    [header.images.offset + 20, 'block 0 of the images does not match its checksum'],
  ] as const) {
    const damaged = Buffer.from(bytes)
    damaged[at] = (damaged[at] as number) ^ 1
    await writeFile(path, damaged)
    await t.throwsAsync(read(), { code: 'PACK_CORRUPT', message: `${path}: ${place}` }, place)
  }
})

test('in a later block, the block is named, and the others are read', async (t) => {
  const { path, images } = await largePack(temporaryFolder(t))
  const bytes = await readFile(path)
  const { images: section } = JSON.parse(bytes.toString('utf8', 48, 48 + bytes.readUInt32LE(12)))
  const at = section.offset + 2 * 2 ** 20 + 7
  bytes[at] = (bytes[at] as number) ^ 0x80
  await writeFile(path, bytes)
  await t.throwsAsync(readPackImages(path, [0, 3]), {
    code: 'PACK_CORRUPT',
    message: `${path}: block 2 of the images does not match its checksum`,
  })
  t.is(Buffer.compare((await readPackImages(path, [6]))[0] as Uint8Array, images[6] as Uint8Array), 0)
})

test('a truncated pack is refused at every length', async (t) => {
  const { path, bytes, header } = await smallPack(temporaryFolder(t))
  const lengths = [0, 7, 47, 48, 100, header.images.offset, header.labels.offset + 1, header.names.offset + 1]
  for (const length of [...lengths, bytes.length - 1]) {
    await writeFile(path, bytes.subarray(0, length))
    const error = await t.throwsAsync(openPack(path), { code: 'PACK_CORRUPT' }, String(length))
    t.regex(error?.message ?? '', length < 48 ? /this is no pack/ : /cut off/)
  }
  t.is((await stat(path)).size, bytes.length - 1)
})

test('a pack of a newer version is refused with both numbers, by the engine as well', async (t) => {
  const { path, bytes } = await smallPack(temporaryFolder(t))
  const { packOpen } = await engine()
  for (const [version, message] of [
    [3, `${path}: this pack has version 3, and this npair reads versions 1 and 2`],
    // That of features, and these are images.
    [2, /the header contradicts itself/],
  ] as const) {
    bytes.writeUInt32LE(version, 8)
    await writeFile(path, bytes)
    await t.throwsAsync(openPack(path), { code: 'PACK_CORRUPT', message })
    await t.throwsAsync(packOpen(path), { code: 'PACK_CORRUPT', message })
  }
})

test('a pack that is not there', async (t) => {
  const path = join(temporaryFolder(t), 'none.pack')
  await t.throwsAsync(openPack(path), { code: 'NOT_FOUND', message: new RegExp(`^Cannot read ${path}: ENOENT`) })
})
