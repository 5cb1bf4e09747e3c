// Images of every kind that counts as one, alone and in what holds many.
import { strictEqual } from 'node:assert'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { datasets } from '../../dist/data/datasets.js'
import { decodeImage } from '../../dist/data/decode.js'
import { readZip } from '../../dist/data/sources/zip.js'
import { mutateBytes } from './mutate.mjs'
import { svgOf } from './svg.mjs'
import { zipOf } from './zipOf.mjs'

/** 28 × 20 pixels with something in them. */
export function picture(channels) {
  const data = Buffer.from({ length: 28 * 20 * channels })
  for (let i = 0; i < data.length; i++) data[i] = (i * i) % 251
  return { data, raw: { width: 28, height: 20, channels } }
}

const decoding = { size: [28, 28], channels: 1, interpolation: 'lanczos3', fit: 'fill', background: 255 }

/** A target that decodes an image of one format, made by `make(sharp)`, damaged by `damage`. */
const image =
  (make, damage = mutateBytes) =>
  async () => {
    const whole = await make((await import('sharp')).default)
    return async (random) => {
      await decodeImage(damage(random, whole), { ...decoding, channels: random.below(2) ? 1 : 3 })
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

const png = async () => {
  const { data, raw } = picture(1)
  return (await import('sharp')).default(data, { raw }).png().toBuffer()
}

/** An empty folder of this name. */
async function emptied(...path) {
  const folder = join(...path)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder)
  return folder
}

/** Every image that is there is read, or counted as skipped. */
function requireAll({ summary }, listed) {
  strictEqual(summary.images + summary.skipped.length, listed)
}

const inArchive = /(?:^|\/)[^/]+\/character\d+\/[^/]+\.png$/i

async function zip(folder) {
  const content = await png()
  const names = ['1', '2'].flatMap((c) => ['1', '2', '3'].map((d) => `images/Latin/character0${c}/${d}.png`))
  const whole = zipOf(names.map((name) => [name, content]))
  const path = join(folder, 'fuzzed.zip')
  return async (random) => {
    await writeFile(path, mutateBytes(random, whole))
    const data = await datasets.omniglot(path, { size: 28, broken: 'skip', cache: await emptied(folder, 'zip-cache') })
    const listed = await readZip(path)
    await listed.close()
    requireAll(data, listed.entries.filter(({ name }) => inArchive.test(name)).length)
    return []
  }
}

/** Two classes of four images, of which one to eight are damaged. */
async function inFolder(folder) {
  const content = await png()
  return async (random) => {
    const root = await emptied(folder, 'images')
    const damaged = 1 + random.below(8)
    for (let i = 0; i < 8; i++) {
      await mkdir(join(root, `class${i % 2}`), { recursive: true })
      await writeFile(join(root, `class${i % 2}`, `${i}.png`), i < damaged ? mutateBytes(random, content) : content)
    }
    requireAll(
      await datasets.folder(root, { size: 28, broken: 'skip', cache: await emptied(folder, 'folder-cache') }),
      8,
    )
    return []
  }
}

/** By name, as `targets` of targets.mjs. */
export const images = {
  png: encoded(3, (image) => image.png()),
  jpeg: encoded(3, (image) => image.withExif({ IFD0: { Orientation: '6' } }).jpeg()),
  webp: encoded(4, (image) => image.webp()),
  tiff: encoded(3, (image) => image.tiff({ compression: 'lzw' })),
  gif: encoded(3, (image) => image.gif()),
  avif: encoded(3, (image) => image.avif()),
  svg: image(
    () => undefined,
    (random) => (random.below(2) ? svgOf(random) : mutateBytes(random, svgOf(random))),
  ),
  pgm: netpbm(5, 1),
  pgmWide: netpbm(5, 1, true),
  pgmPlain: netpbm(2, 1),
  ppm: netpbm(6, 3),
  ppmWide: netpbm(6, 3, true),
  ppmPlain: netpbm(3, 3),
  ...{ zip, folder: inFolder },
}
