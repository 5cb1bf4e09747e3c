import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Embeddings } from '../../src/embeddings.js'
import { npy } from '../../src/model/npy.js'
import { Random } from '../../src/random.js'

/** A NumPy file of some type and shape. */
export function npyOf(descr: string, shape: readonly number[], data: ArrayBufferView): Buffer {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.map((n) => `${n},`).join(' ')}), }\n`
  const prefix = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0, 0])
  prefix.writeUInt16LE(text.length, 8)
  return Buffer.concat([prefix, Buffer.from(text), new Uint8Array(data.buffer, data.byteOffset, data.byteLength)])
}

export const featureSize = 12

/**
 * Rows of 20 classes, 6 each and mixed: four numbers tell the class, the other eight are louder and tell nothing, so that there
 * is something to learn.
 */
export function noisyRows(): { rows: Embeddings; labels: string[] } {
  const centres = Array.from({ length: 20 }, (_, c) => {
    const random = new Random(7, 'glyphs', c)
    return Array.from({ length: 4 }, () => random.normal())
  })
  const labels: string[] = []
  const data = new Float32Array(120 * featureSize)
  for (let i = 0; i < 120; i++) {
    const random = new Random(8, 'glyphs', i)
    const label = (7 * i) % 20
    labels.push(`class ${label}`)
    for (let k = 0; k < featureSize; k++)
      data[i * featureSize + k] = k < 4 ? (centres[label]?.[k] as number) + 0.1 * random.normal() : 3 * random.normal()
  }
  return { rows: new Embeddings(data, featureSize), labels }
}

/** The same as files: `rows.npy` and `labels.txt`. */
export async function writeNoisyRows(folder: string): Promise<{ path: string; labels: string }> {
  const { rows, labels } = noisyRows()
  const at = { path: join(folder, 'rows.npy'), labels: join(folder, 'labels.txt') }
  await writeFile(at.path, npy(rows))
  await writeFile(at.labels, `${labels.join('\n')}\n`)
  return at
}
