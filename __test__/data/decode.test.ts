import { join } from 'node:path'
import test from 'ava'
import sharp from 'sharp'
import { decodeBytes, decodeImage } from '../../src/data/decode.js'
import type { Decoding } from '../../src/data/ingestOptions.js'
import { NPairError } from '../../src/errors.js'
import { noise, pgm, writeFiles } from './imageFiles.js'
import { temporaryFolder } from './temporaryFolder.js'

const grey = { channels: 1, interpolation: 'nearest', fit: 'fill', background: 255 } as const
const rgb = { ...grey, channels: 3 } as const
/** Colours that lossy formats keep nearly: every pixel the same. */
const plain = ([r, g, b]: Colour, alpha?: number) =>
  sharp({
    create: { width: 8, height: 8, channels: alpha === undefined ? 3 : 4, background: { r, g, b, alpha: alpha ?? 1 } },
  })
type Colour = readonly [r: number, g: number, b: number]
const decode = async (bytes: Uint8Array, options: Decoding) => [...(await decodeBytes(bytes, options))]
const one = (bytes: Uint8Array, options: Omit<Decoding, 'size'>) => decode(bytes, { ...options, size: [1, 1] })

const near = (found: readonly number[], wanted: readonly number[], tolerance: number) =>
  found.length === wanted.length && found.every((x, i) => Math.abs(x - (wanted[i] as number)) <= tolerance)

/** Luminance of Rec. 709 in linear light, as sharp makes grey of colours. */
function luminance(colour: Colour): number {
  const [x, y, z] = colour.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4))
  const linear = 0.2126 * (x as number) + 0.7152 * (y as number) + 0.0722 * (z as number)
  return 255 * (linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055)
}

test('every format that sharp reads gives its colours, and their luminance as grey', async (t) => {
  const colour = [200, 100, 50] as const
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8" fill="#c86432"/></svg>'
  const files = {
    png: await plain(colour).png().toBuffer(),
    indexed: await plain(colour).png({ palette: true }).toBuffer(),
    jpeg: await plain(colour).jpeg({ quality: 100 }).toBuffer(),
    webp: await plain(colour).webp({ lossless: true }).toBuffer(),
    tiff: await plain(colour).tiff({ compression: 'lzw' }).toBuffer(),
    gif: await plain(colour).gif().toBuffer(),
    avif: await plain(colour).avif({ lossless: true }).toBuffer(),
    svg: Buffer.from(svg),
    ppm: Buffer.concat([Buffer.from('P6 1 1 255\n'), Buffer.from(colour)]),
  }
  for (const [format, bytes] of Object.entries(files)) {
    t.true(near(await one(bytes, rgb), colour, 2), format)
    t.true(near(await one(bytes, grey), [luminance(colour)], 2), format)
  }
})

test('grey of the primary colours', async (t) => {
  for (const colour of [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [13, 13, 13],
    [128, 128, 128],
  ] as const) {
    const found = await one(await plain(colour).png().toBuffer(), grey)
    t.true(near(found, [luminance(colour)], 1), `${colour}: ${found}`)
  }
})

test('CMYK becomes RGB and grey', async (t) => {
  const bytes = await plain([200, 100, 50]).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer()
  t.is((await sharp(bytes).metadata()).channels, 4)
  // A profile stands between, so that the colours are not quite the same.
  t.true(near(await one(bytes, rgb), [200, 100, 50], 40))
  t.is((await one(bytes, grey)).length, 1)
})

test('grey pictures are repeated in three channels, byte for byte', async (t) => {
  const values = noise(36, 1)
  const raw = sharp(Uint8Array.from(values), { raw: { width: 6, height: 6, channels: 1 } }).toColourspace('b-w')
  for (const bytes of [await raw.clone().png().toBuffer(), pgm(6, 6, values)]) {
    t.deepEqual(await decode(bytes, { ...grey, size: [6, 6] }), values)
    t.deepEqual(
      await decode(bytes, { ...rgb, size: [6, 6] }),
      values.flatMap((v) => [v, v, v]),
    )
  }
})

test('16 bits lose their low byte, they are not cut off', async (t) => {
  const deep = (levels: readonly number[], space: 'grey16' | 'rgb16') =>
    sharp(
      Uint16Array.from({ length: 64 * levels.length }, (_, i) => levels[i % levels.length] as number),
      {
        raw: { width: 8, height: 8, channels: levels.length as 1 | 3 | 4 },
      },
    )
      .toColourspace(space)
      .png()
      .toBuffer()
  const greyPng = await deep([0x8040], 'grey16')
  t.is((await sharp(greyPng).metadata()).depth, 'ushort')
  t.true(near(await one(greyPng, grey), [0x80], 1))
  t.true(near(await one(greyPng, rgb), [0x80, 0x80, 0x80], 1))
  t.true(near(await one(await deep([0x8040, 0x4020, 0x20ff], 'rgb16'), rgb), [0x80, 0x40, 0x20], 1))
  const half = [0x8000, 0x4000, 0x2000, 0x8000]
  t.true(near(await one(await deep(half, 'rgb16'), { ...rgb, background: 0 }), [64, 32, 16], 1))
})

test('what is transparent shows the background', async (t) => {
  for (const background of [0, 128, 255]) {
    const clear = await plain([10, 20, 30], 0).png().toBuffer()
    t.deepEqual(await one(clear, { ...rgb, background }), [background, background, background])
    t.deepEqual(await one(clear, { ...grey, background }), [background])
    const half = await plain([0, 0, 0], 0.5).png().toBuffer()
    t.true(near(await one(half, { ...grey, background }), [background / 2], 1))
    const greyAlpha = await plain([0, 0, 0], 0).toColourspace('b-w').png().toBuffer()
    t.is((await sharp(greyAlpha).metadata()).channels, 2)
    t.deepEqual(await one(greyAlpha, { ...grey, background }), [background])
    t.deepEqual(await one(greyAlpha, { ...rgb, background }), [background, background, background])
  }
})

test('the picture is turned as its EXIF says, for all eight orientations', async (t) => {
  const [a, b, c, d] = [0, 80, 160, 240]
  // Upright it is [[a, b], [c, d]]; each orientation says how the stored one, read as it lies, is to be turned.
  const stored = [
    [a, b, c, d],
    [b, a, d, c],
    [d, c, b, a],
    [c, d, a, b],
    [a, c, b, d],
    [b, d, a, c],
    [d, b, c, a],
    [c, a, d, b],
  ]
  for (const [k, pixels] of stored.entries()) {
    const file = await sharp(Uint8Array.from(pixels), { raw: { width: 2, height: 2, channels: 1 } })
      .toColourspace('b-w')
      .withMetadata({ orientation: k + 1 })
      .png()
      .toBuffer()
    t.is((await sharp(file).metadata()).orientation, k + 1)
    t.deepEqual(await decode(file, { ...grey, size: [2, 2] }), [a, b, c, d], `orientation ${k + 1}`)
  }
})

test('fill stretches, cover cuts, contain borders', async (t) => {
  // 2 high, 4 wide, a level for each column.
  const bytes = pgm(4, 2, [10, 20, 30, 40, 10, 20, 30, 40])
  const as = (fit: Decoding['fit']) => decode(bytes, { ...grey, fit, size: [4, 4], background: 99 })
  t.deepEqual(await as('fill'), [10, 20, 30, 40, 10, 20, 30, 40, 10, 20, 30, 40, 10, 20, 30, 40])
  t.deepEqual(await as('cover'), [20, 20, 30, 30, 20, 20, 30, 30, 20, 20, 30, 30, 20, 20, 30, 30])
  t.deepEqual(await as('contain'), [99, 99, 99, 99, 10, 20, 30, 40, 10, 20, 30, 40, 99, 99, 99, 99])
  const colour = await decode(bytes, { ...rgb, fit: 'contain', size: [4, 4], background: 99 })
  t.deepEqual(colour.slice(0, 3), [99, 99, 99])
})

test('size is height, then width', async (t) => {
  const tall = await decode(pgm(1, 3, [1, 2, 3]), { ...grey, size: [3, 1] })
  t.deepEqual(tall, [1, 2, 3])
  t.deepEqual(await decode(pgm(1, 3, [1, 2, 3]), { ...grey, size: [3, 2] }), [1, 1, 2, 2, 3, 3])
})

test('each interpolation is its own, made smaller; made larger, all but nearest and linear are cubic', async (t) => {
  const bytes = pgm(8, 8, noise(64, 5))
  const at = (side: number, interpolation: Decoding['interpolation']) =>
    decode(bytes, { ...grey, size: [side, side], interpolation })
  const kernels = ['nearest', 'linear', 'cubic', 'mitchell', 'lanczos2', 'lanczos3'] as const
  const [smaller, larger] = [new Set<string>(), new Set<string>()]
  for (const kernel of kernels) {
    smaller.add(String(await at(5, kernel)))
    larger.add(String(await at(20, kernel)))
  }
  t.is(smaller.size, 6)
  t.is(larger.size, 3)
  const own = new Set(noise(64, 5))
  t.true((await at(20, 'nearest')).every((level) => own.has(level)))
  t.false((await at(20, 'linear')).every((level) => own.has(level)))
})

test('broken images are refused with path and reason', async (t) => {
  const folder = temporaryFolder(t)
  const picture = sharp(Uint8Array.from(noise(48 * 48 * 3, 2)), { raw: { width: 48, height: 48, channels: 3 } })
  const [png, jpeg, webp, tiff, gif] = await Promise.all([
    picture.clone().png().toBuffer(),
    picture.clone().jpeg().toBuffer(),
    picture.clone().webp().toBuffer(),
    picture.clone().tiff().toBuffer(),
    picture.clone().gif().toBuffer(),
  ])
  const flipped = Buffer.from(png)
  flipped[1500] = (flipped[1500] as number) ^ 0x10
  const cut = (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.length / 2))
  const files: Record<string, Uint8Array> = {
    'zero.png': new Uint8Array(0),
    'zero.jpg': new Uint8Array(0),
    'zero.pgm': new Uint8Array(0),
    'half.png': cut(png),
    'half.jpg': cut(jpeg),
    'half.webp': cut(webp),
    'half.tif': cut(tiff),
    'half.gif': cut(gif),
    'nearly.jpg': jpeg.subarray(0, jpeg.length - 40),
    'nearly.png': png.subarray(0, png.length - 40),
    'flipped.png': flipped,
    'half.pgm': pgm(8, 8, noise(64, 1)).subarray(0, 40),
    'text.png': Buffer.from('not found'),
  }
  writeFiles(folder, files)
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(folder, name)
    const error = await t.throwsAsync(decodeImage(path, { ...rgb, size: [8, 8] }), { instanceOf: NPairError }, name)
    t.is(error?.code, 'IMAGE_UNREADABLE')
    t.regex(error?.message ?? '', /^Cannot read .*: \S/, name)
    t.true(error?.message.startsWith(`Cannot read ${path}: `), error?.message)
    if (name.startsWith('zero')) t.true(error?.message.endsWith(': the file is empty'))
    await t.throwsAsync(decodeImage(bytes, { ...rgb, size: [8, 8] }), { code: 'IMAGE_UNREADABLE' }, name)
  }
  await t.throwsAsync(decodeImage(join(folder, 'none.png'), { ...rgb, size: [8, 8] }), {
    code: 'IMAGE_UNREADABLE',
    message: `Cannot read ${join(folder, 'none.png')}: ENOENT: no such file or directory`,
  })
  await t.throwsAsync(decodeImage(new Uint8Array(0), { ...rgb, size: [8, 8] }), {
    message: 'Cannot read an image of 0 bytes: the file is empty',
  })
})

test('a picture whose file is whole is read in all those formats', async (t) => {
  const picture = sharp(Uint8Array.from(noise(48 * 48 * 3, 2)), { raw: { width: 48, height: 48, channels: 3 } })
  for (const bytes of [
    await picture.clone().png().toBuffer(),
    await picture.clone().jpeg().toBuffer(),
    await picture.clone().webp().toBuffer(),
    await picture.clone().tiff().toBuffer(),
    await picture.clone().gif().toBuffer(),
    Buffer.concat([await picture.clone().jpeg().toBuffer(), Buffer.from('trailing bytes')]),
  ])
    t.is((await decodeImage(bytes, { ...rgb, size: [8, 8] })).length, 192)
})
