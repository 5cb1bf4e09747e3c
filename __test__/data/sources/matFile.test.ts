import { readFileSync } from 'node:fs'
import { deflateSync } from 'node:zlib'
import test from 'ava'
import { type MatStructs, readMat } from '../../../src/data/sources/matFile.js'
import { Random } from '../../../src/random.js'

const files = (
  [
    ['cars_annos', 6],
    ['cars_train_annos', 3],
    ['cars_test_annos_withlabels', 2],
    ['cars_small', 18],
  ] as const
).map(([name, images]) => [images, read(name)] as const)

const both = ['annotations', 'class_names']

function read(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../../fixtures/cars/${name}.mat`, import.meta.url)))
}

test('what scipy.io.savemat wrote: struct arrays, numbers of several types, text, cells, compressed or not', (t) => {
  for (const [images, bytes] of files) {
    const variables = readMat(bytes, both)
    t.deepEqual([...variables.keys()].sort(), ['annotations', 'class_names'])
    t.deepEqual(variables.get('class_names'), ['AM General Hummer SUV 2000', 'smart fortwo Convertible 2012'])
    const { structs } = variables.get('annotations') as MatStructs
    t.is(structs.length, images)
    structs.forEach((row, i) => {
      t.deepEqual(row.bbox_x1, Float64Array.of(300 + i))
    })
  }
  const { structs } = readMat(read('cars_annos'), both).get('annotations') as MatStructs
  t.deepEqual(structs[4], {
    ...{ relative_im_path: 'car_ims/000005.jpg', bbox_x1: Float64Array.of(304) },
    ...{ class: Float64Array.of(196), test: Float64Array.of(0) },
  })
})

test('damaged files are errors, whatever byte is another or missing', (t) => {
  for (const [, bytes] of files) {
    const random = new Random(7, 'report', bytes.length, 0)
    for (let trial = 0; trial < 1000; trial++) {
      const copy = bytes.slice(0, trial % 2 === 0 ? bytes.length : random.below(bytes.length))
      if (copy.length > 0) copy[random.below(copy.length)] = random.below(256)
      try {
        readMat(copy, both)
      } catch (error) {
        // None of the language's own complaints, but for zlib's about compressed data.
        t.true(error instanceof Error && (error.constructor === Error || 'code' in error), String(error))
      }
    }
  }
  const newest = new TextEncoder().encode(`MATLAB 7.3 MAT-file${' '.repeat(200)}`)
  t.throws(() => readMat(newest, both), { message: /version 7.3 \(HDF5\)/ })
})

/** A data element, filled up to a multiple of 8 bytes. */
function element(type: number, data: Uint8Array): Buffer {
  const tag = Buffer.alloc(8)
  tag.writeUInt32LE(type, 0)
  tag.writeUInt32LE(data.length, 4)
  return Buffer.concat([tag, data, Buffer.alloc(type === 15 ? 0 : (8 - (data.length % 8)) % 8)])
}

/** A variable of `count` numbers that take a byte each, all zero. */
function zeros(name: string, count: number): Buffer {
  const dimensions = Buffer.alloc(8)
  dimensions.writeInt32LE(count, 0)
  dimensions.writeInt32LE(1, 4)
  const parts = [element(6, Buffer.of(6, 0, 0, 0, 0, 0, 0, 0)), element(5, dimensions), element(1, Buffer.from(name))]
  return element(14, Buffer.concat([...parts, element(1, Buffer.alloc(count))]))
}

function matFile(variables: readonly Buffer[]): Uint8Array {
  const head = Buffer.alloc(128, ' ')
  head.writeUInt16LE(0x0100, 124)
  head.write('IM', 126)
  return Buffer.concat([head, ...variables])
}

test('a small file that inflates to gigabytes is refused, and variables that nobody asked for are not inflated', (t) => {
  const compressed = (name: string, count: number) => element(15, deflateSync(zeros(name, count), { level: 1 }))
  const few = compressed('annotations', 3)
  // 140 MB of one variable; many of 4 MB each, of which every number becomes 8 bytes.
  const [large, hidden] = [compressed('annotations', 140e6), compressed('other', 140e6)]
  const many: Buffer[] = Array(9).fill(compressed('annotations', 4e6))
  const message = /^what it holds takes more than 128 MB/
  for (const file of [matFile([large]), matFile(many)]) {
    t.true(file.length < 1e6, `${file.length}`)
    t.throws(() => readMat(file, ['annotations']), { message })
  }
  for (const others of [hidden, zeros('other', 9)]) {
    const read = readMat(matFile([others, few]), ['annotations'])
    t.deepEqual([...read], [['annotations', new Float64Array(3)]])
  }
})
