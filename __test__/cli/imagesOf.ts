import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { datasetPixels } from '../../src/data/pixels.js'
import { characters } from '../train/tinyRun.js'

/** Writes the test images of `characters` into a folder, and returns their paths. */
export async function imagesOf(folder: string): Promise<string[]> {
  const { test: data } = await characters()
  const files: string[] = []
  for (const [i, pixels] of (await datasetPixels(data, Array.from(data.images.keys()))).entries()) {
    const file = join(folder, `${data.imageName(i)}.png`)
    files.push(file)
    await mkdir(dirname(file), { recursive: true })
    await sharp(pixels, { raw: { width: 28, height: 28, channels: 1 } })
      .png()
      .toFile(file)
  }
  return files
}
