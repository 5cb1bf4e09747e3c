import test from 'ava'
import fc from 'fast-check'
import sharp from 'sharp'
import { centreMass } from '../../src/data/centre.js'
import { decodeBytes } from '../../src/data/decode.js'
import { ingestDifference } from '../../src/data/ingestDifference.js'
import { resolveIngest } from '../../src/data/ingestOptions.js'

type Image = { data: Uint8Array; height: number; width: number; channels: number }

/** Where the mass is, `[y, x]`, by numpy-like sums over an array of arrays. */
function middle({ data, width, channels }: Image, background: number): [number, number] | undefined {
  const points = [...data].map((value, i) => {
    const pixel = Math.floor(i / channels)
    return { y: Math.floor(pixel / width), x: pixel % width, weight: Math.abs(value - background) }
  })
  const mass = points.reduce((sum, { weight }) => sum + weight, 0)
  const mean = (of: 'x' | 'y') => points.reduce((sum, point) => sum + point.weight * point[of], 0) / mass
  return mass === 0 ? undefined : [mean('y'), mean('x')]
}

/** Slow and obvious: every pixel of the result looked up where it came from. */
function slowly(image: Image, background: number): number[] {
  const found = middle(image, background)
  if (!found) return [...image.data]
  const { data, height, width, channels } = image
  const down = Math.round((height - 1) / 2 - found[0])
  const right = Math.round((width - 1) / 2 - found[1])
  return [...data].map((_, i) => {
    const [c, pixel] = [i % channels, Math.floor(i / channels)]
    const [y, x] = [Math.floor(pixel / width) - down, (pixel % width) - right]
    const inside = y >= 0 && y < height && x >= 0 && x < width
    return inside ? (data[(y * width + x) * channels + c] as number) : background
  })
}

const images = fc
  .record({ height: fc.integer({ min: 1, max: 9 }), width: fc.integer({ min: 1, max: 9 }) })
  .chain(({ height, width }) =>
    fc.constantFrom(1, 3).chain((channels) =>
      fc.record({
        ...{ height: fc.constant(height), width: fc.constant(width), channels: fc.constant(channels) },
        data: fc.uint8Array({ minLength: height * width * channels, maxLength: height * width * channels }),
      }),
    ),
  )

test('moved as by a slow look-up, whatever the picture and its background', (t) => {
  fc.assert(
    fc.property(images, fc.integer({ min: 0, max: 255 }), (image, background) => {
      t.deepEqual([...centreMass(image, background)], slowly(image, background))
    }),
    { numRuns: 2000 },
  )
})

test('a stroke in a corner comes into the middle, to half a pixel; nothing stays where it is', (t) => {
  const blank = { data: new Uint8Array(20 * 30).fill(255), height: 20, width: 30, channels: 1 }
  t.deepEqual(centreMass(blank, 255), blank.data)
  for (const [y, x] of [
    [0, 0],
    [16, 26],
    [3, 20],
  ] as const) {
    const data = blank.data.slice()
    for (let i = 0; i < 4; i++) data.fill(10 * i, (y + i) * 30 + x, (y + i) * 30 + x + 4)
    const [downwards, across] = middle({ ...blank, data: centreMass({ ...blank, data }, 255) }, 255) as [number, number]
    t.true(Math.abs(downwards - 9.5) <= 0.5 && Math.abs(across - 14.5) <= 0.5, `${downwards} ${across}`)
  }
})

test('decoded, a drawing is centred before it is made smaller, wherever it was', async (t) => {
  const drawn = (left: number, top: number, size = 105) =>
    sharp({ create: { width: size, height: size, channels: 3, background: '#fff' } })
      .composite([
        { input: { create: { width: 20, height: 30, channels: 3, background: '#036' } }, left, top },
        { input: { create: { width: 12, height: 8, channels: 3, background: '#900' } }, left: left + 20, top },
      ])
      .png()
      .toBuffer()
  for (const channels of [1, 3] as const) {
    const options = { ...resolveIngest({ size: 28, channels, centre: true }) }
    const reference = await decodeBytes(await drawn(40, 40), options)
    for (const [left, top] of [
      [0, 0],
      [70, 70],
      [5, 60],
    ] as const) {
      const found = await decodeBytes(await drawn(left, top), options)
      t.deepEqual(found, reference)
      const plain = await decodeBytes(await drawn(left, top), { ...options, centre: false })
      t.notDeepEqual(plain, reference)
    }
    const large = await decodeBytes(await drawn(300, 20, 420), { ...options, size: [112, 112] })
    const moved = middle({ data: large, height: 112, width: 112, channels }, 255) as [number, number]
    t.true(
      moved.every((at) => Math.abs(at - 55.5) < 0.5),
      `${moved}`,
    )
  }
})

test('it is part of what decides pixels, and missing where it is not asked for', (t) => {
  const [plain, centred] = [resolveIngest({ size: 28 }), resolveIngest({ size: 28, centre: true })]
  t.false('centre' in plain)
  t.deepEqual(resolveIngest({ size: 28, centre: false }), plain)
  t.deepEqual(resolveIngest(centred), centred)
  t.is(ingestDifference(plain, centred), 'centre false instead of true')
  t.is(ingestDifference(centred, centred), undefined)
})
