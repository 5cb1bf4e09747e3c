import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Random } from '../../src/random.js'

/** A binary PGM of given pixels. */
export function pgm(width: number, height: number, pixels: ArrayLike<number>): Uint8Array {
  return Buffer.concat([Buffer.from(`P5\n${width} ${height}\n255\n`), Buffer.from(Array.from(pixels))])
}

/** Random grey levels, another picture for every seed. */
export function noise(count: number, seed: number): number[] {
  const random = new Random(seed, 'report', 7)
  return Array.from({ length: count }, () => random.below(256))
}

/** Writes files, and the folders they lie in. */
export function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
}

/** Writes a folder of 4x4 PGM files, `sizes[c]` of class `classC`; returns the pixels by name. */
export function writeClasses(folder: string, sizes: readonly number[]): Map<string, number[]> {
  const pixels = new Map<string, number[]>()
  sizes.forEach((size, c) => {
    for (let i = 0; i < size; i++) pixels.set(`class${c}/${i}.pgm`, noise(16, 1000 * c + i))
  })
  writeFiles(folder, Object.fromEntries([...pixels].map(([name, values]) => [name, pgm(4, 4, values)])))
  return pixels
}
