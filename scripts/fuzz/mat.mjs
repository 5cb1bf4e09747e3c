// MATLAB's files, as published lists come in them: damaged as they are, and within what they compress.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deflateSync, inflateSync } from 'node:zlib'
import { cars } from '../../dist/data/sources/cars.js'
import { mutateBytes } from './mutate.mjs'

const list = fileURLToPath(new URL('../../__test__/fixtures/cars/cars_small.mat', import.meta.url))

/** The file with each of its compressed variables changed by `change`. */
function recompressed(whole, change) {
  const parts = [whole.subarray(0, 128)]
  for (let at = 128; at < whole.length; ) {
    const length = whole.readUInt32LE(at + 4)
    const body = deflateSync(change(inflateSync(whole.subarray(at + 8, at + 8 + length))))
    const tag = Buffer.from(whole.subarray(at, at + 8))
    tag.writeUInt32LE(body.length, 4)
    parts.push(tag, body)
    at += 8 + length
  }
  return Buffer.concat(parts)
}

export async function mat(folder) {
  const whole = await readFile(list)
  const root = join(folder, 'cars')
  await mkdir(root)
  return async (random) => {
    const inside = random.uniform() < 0.7
    const made = inside ? recompressed(whole, (bytes) => mutateBytes(random, bytes)) : mutateBytes(random, whole)
    await writeFile(join(root, 'cars_annos.mat'), made)
    await cars(root, random.below(2) ? 'train' : 'test')
    return []
  }
}
