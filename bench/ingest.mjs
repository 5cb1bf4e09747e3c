// Decoding a folder of JPEGs into a pack beside sharp alone, which only decodes and resizes them.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { datasets } from '../dist/index.js'
import { alternate, formatRatio, median, ratio } from './alternate.mjs'

const size = 112
const cases = [
  { side: 112, images: 600, quality: 95 },
  { side: 250, images: 300, quality: 85 },
]

export const title = 'Ingestion'
export const about =
  `Generated JPEGs of three colours to ${size}x${size} pixels. npair lists, decodes, resizes, hashes and writes a pack; sharp alone ` +
  'decodes and resizes the same files, as many at a time as there are processors, and drops the pixels. Images a second.'

export async function bench({ tiny = false }) {
  const folder = await mkdtemp(join(tmpdir(), 'npair-bench-'))
  const rows = []
  try {
    for (const { side, images, quality } of cases) {
      const count = tiny ? 8 : images
      const source = join(folder, String(side))
      const paths = await generate(source, side, count, quality)
      const contestants = { npair: ours(folder, source), sharp: alone(paths) }
      const seconds = await alternate(contestants, 1, tiny ? 1 : 9, 1)
      const speed = (who) => Math.round(count / median(seconds[who]))
      rows.push({
        images: `${side}x${side}, quality ${quality}`,
        'npair, images/s': speed('npair'),
        'sharp alone, images/s': speed('sharp'),
        'against sharp alone': formatRatio(ratio(seconds.sharp, seconds.npair)),
      })
    }
  } finally {
    await rm(folder, { recursive: true })
  }
  return rows
}

/** Smooth pictures with some noise, ten a class: about as hard to decode as photographs. */
async function generate(folder, side, count, quality) {
  const paths = []
  for (let i = 0; i < count; i++) {
    const place = join(folder, `class${String(Math.floor(i / 10)).padStart(3, '0')}`)
    await mkdir(place, { recursive: true })
    const pixels = Buffer.alloc(3 * side * side)
    let state = i + 1
    for (let at = 0; at < pixels.length; at++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      const [x, y] = [Math.floor(at / 3) % side, Math.floor(at / 3 / side)]
      pixels[at] =
        128 + 70 * Math.sin((x * (1 + (i % 7))) / 20 + (at % 3)) * Math.cos(y / (9 + (i % 5))) + (state >>> 27)
    }
    const path = join(place, `${i}.jpg`)
    const raw = { raw: { width: side, height: side, channels: 3 } }
    await writeFile(path, await sharp(pixels, raw).jpeg({ quality }).toBuffer())
    paths.push(path)
  }
  return paths
}

function ours(folder, source) {
  return {
    async run() {
      const cache = await mkdtemp(join(folder, 'cache-'))
      const start = performance.now()
      await datasets.folder(source, { size, channels: 3, cache })
      const seconds = (performance.now() - start) / 1000
      await rm(cache, { recursive: true })
      return seconds
    },
  }
}

function alone(paths) {
  return {
    async run() {
      const start = performance.now()
      let next = 0
      const worker = async () => {
        while (next < paths.length)
          await sharp(paths[next++]).resize(size, size, { fit: 'fill' }).removeAlpha().raw().toBuffer()
      }
      await Promise.all(Array.from({ length: availableParallelism() }, worker))
      return (performance.now() - start) / 1000
    },
  }
}
