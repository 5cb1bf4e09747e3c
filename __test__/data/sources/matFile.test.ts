import { readFileSync } from 'node:fs'
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

function read(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../../fixtures/cars/${name}.mat`, import.meta.url)))
}

test('what scipy.io.savemat wrote: struct arrays, numbers of several types, text, cells, compressed or not', (t) => {
  for (const [images, bytes] of files) {
    const variables = readMat(bytes)
    t.deepEqual([...variables.keys()].sort(), ['annotations', 'class_names'])
    t.deepEqual(variables.get('class_names'), ['AM General Hummer SUV 2000', 'smart fortwo Convertible 2012'])
    const { structs } = variables.get('annotations') as MatStructs
    t.is(structs.length, images)
    structs.forEach((row, i) => {
      t.deepEqual(row.bbox_x1, Float64Array.of(300 + i))
    })
  }
  const { structs } = readMat(read('cars_annos')).get('annotations') as MatStructs
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
        readMat(copy)
      } catch (error) {
        // None of the language's own complaints, but for zlib's about compressed data.
        t.true(error instanceof Error && (error.constructor === Error || 'code' in error), String(error))
      }
    }
  }
  const newest = new TextEncoder().encode(`MATLAB 7.3 MAT-file${' '.repeat(200)}`)
  t.throws(() => readMat(newest), { message: /version 7.3 \(HDF5\)/ })
})
