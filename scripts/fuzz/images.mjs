// Images of every kind that counts as one, alone and in what holds many.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { datasets } from '../../dist/data/datasets.js'
import { decodeImage } from '../../dist/data/decode.js'
import { mutateBytes } from './mutate.mjs'
import { zipOf } from './zipOf.mjs'

/** 28 × 20 pixels with something in them. */
export function picture(channels) {
  const data = Buffer.from({ length: 28 * 20 * channels })
  for (let i = 0; i < data.length; i++) data[i] = (i * i) % 251
  return { data, raw: { width: 28, height: 20, channels } }
}

const decoding = { size: [28, 28], channels: 1, interpolation: 'lanczos3', fit: 'fill', background: 255 }

/** A target that decodes an image of one format. */
const image = (make) => async () => {
  const whole = await make((await import('sharp')).default)
  return async (random) => {
    await decodeImage(mutateBytes(random, whole), { ...decoding, channels: random.below(2) ? 1 : 3 })
    return []
  }
}

const encoded = (channels, encode) =>
  image((sharp) => {
    const { data, raw } = picture(channels)
    return encode(sharp(data, { raw })).toBuffer()
  })
const netpbm = (kind, channels, wide = false) =>
  image(() => {
    const { data } = picture(channels)
    const samples = wide ? Buffer.concat([data, data]) : kind < 4 ? Buffer.from(data.join(' ')) : data
    return Buffer.concat([Buffer.from(`P${kind}\n# a comment\n28 20\n${wide ? 65535 : 255}\n`), samples])
  })

async function zip(folder) {
  const { data, raw } = picture(1)
  const png = await (await import('sharp')).default(data, { raw }).png().toBuffer()
  const names = ['1', '2'].flatMap((c) => ['1', '2', '3'].map((d) => `images/Latin/character0${c}/${d}.png`))
  const whole = zipOf(names.map((name) => [name, png]))
  const path = join(folder, 'fuzzed.zip')
  return async (random) => {
    await writeFile(path, mutateBytes(random, whole))
    const cache = join(folder, 'zip-cache')
    await rm(cache, { recursive: true, force: true })
    await mkdir(cache)
    await datasets.omniglot(path, { size: 28, broken: 'skip', cache })
    return []
  }
}

export const images = {
  png: encoded(3, (image) => image.png()),
  jpeg: encoded(3, (image) => image.withExif({ IFD0: { Orientation: '6' } }).jpeg()),
  webp: encoded(4, (image) => image.webp()),
  tiff: encoded(3, (image) => image.tiff({ compression: 'lzw' })),
  gif: encoded(3, (image) => image.gif()),
  pgm: netpbm(5, 1),
  pgmPlain: netpbm(2, 1),
  ppm: netpbm(6, 3),
  ppmWide: netpbm(6, 3, true),
  zip,
}
