import { execFileSync, spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { parseNpyHeader } from '../../src/files/npyHeader.js'
import { npy } from '../../src/model/npy.js'
import { readNpy } from '../../src/model/readNpy.js'
import { refused, temporary } from '../train/tinyRun.js'

const hasNumPy = spawnSync('python3', ['-c', 'import numpy']).status === 0
const withNumPy = hasNumPy ? test : test.skip

/** A file of this header and these bytes, in a version of the format. */
function file(header: string, data: Uint8Array, version = 1, length = header.length): Buffer {
  const prefix = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0, 0, 0, 0, 0])
  if (version === 1) prefix.writeUInt16LE(length, 8)
  else prefix.writeUInt32LE(length, 8)
  return Buffer.concat([prefix.subarray(0, version === 1 ? 10 : 12), Buffer.from(header, 'latin1'), data])
}

const header = (descr: string, shape = '(2, 2)', order = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }\n`

async function reader(t: ExecutionContext) {
  const path = join(await temporary(t), 'a.npy')
  return async (bytes: Uint8Array, options = {}) => {
    await writeFile(path, bytes)
    return readNpy(path, options)
  }
}

test('what is written is read', async (t) => {
  const read = await reader(t)
  const written = new Embeddings(Float32Array.of(1, -2.5, Number.NaN, 3e38, 1e-40, 0), 3)
  const found = await read(npy(written))
  t.deepEqual([found.count, found.size], [2, 3])
  t.deepEqual(found.data, written.data)
  t.is((await read(npy(new Embeddings(new Float32Array(0), 5)))).count, 0)
  const large = new Embeddings(
    Float32Array.from({ length: 700_001 }, (_, i) => i / 7),
    1,
  )
  t.deepEqual((await read(npy(large))).data, large.data)
})

test('every type of number, and versions 1 to 3', async (t) => {
  const read = await reader(t)
  const bytes = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  for (const [descr, array, values] of [
    ['<f8', Float64Array.of(0.5, -1, 1e300 / 1e299, 4), [0.5, -1, 10, 4]],
    // 1, the largest, the smallest, −infinity
    ['<f2', Uint16Array.of(0x3c00, 0x7bff, 0x0001, 0xfc00), [1, 65504, 2 ** -24, Number.NEGATIVE_INFINITY]],
    ['|i1', Int8Array.of(1, -128, 127, 0), [1, -128, 127, 0]],
    ['<i1', Int8Array.of(1, -128, 127, 0), [1, -128, 127, 0]],
    ['|u1', Uint8Array.of(1, 255, 0, 9), [1, 255, 0, 9]],
    ['<i2', Int16Array.of(-300, 300, 0, 1), [-300, 300, 0, 1]],
    ['<u2', Uint16Array.of(65535, 1, 2, 3), [65535, 1, 2, 3]],
    ['<i4', Int32Array.of(-70000, 70000, 0, 1), [-70000, 70000, 0, 1]],
    ['<u4', Uint32Array.of(2 ** 31, 1, 2, 3), [2 ** 31, 1, 2, 3]],
    ['<i8', BigInt64Array.of(-5n, 2n ** 40n, 0n, 1n), [-5, 2 ** 40, 0, 1]],
    ['<u8', BigUint64Array.of(2n ** 63n, 1n, 2n, 3n), [2 ** 63, 1, 2, 3]],
  ] as const)
    for (const version of [1, 2, 3]) {
      const found = await read(file(header(descr), bytes(array), version))
      t.deepEqual(found.data, Float32Array.from(values), `${descr}, version ${version}`)
    }
})

withNumPy('NumPy’s own files (needs numpy)', async (t) => {
  const folder = await temporary(t)
  const code = `import numpy as np, sys
x = np.arange(12).reshape(4, 3) / 4
for name in ['float16', 'float32', 'float64', 'int8', 'uint8', 'int64']: np.save(sys.argv[1] + '/' + name, x.astype(name))
np.save(sys.argv[1] + '/fortran', np.asfortranarray(x)); np.save(sys.argv[1] + '/big', x.astype('>f4'))
np.save(sys.argv[1] + '/flat', x[0]); np.save(sys.argv[1] + '/text', x.astype(str)); np.save(sys.argv[1] + '/pickled', x.astype(object))`
  execFileSync('python3', ['-c', code, folder])
  const at = (name: string) => readNpy(join(folder, `${name}.npy`))
  const quarters = Float32Array.from({ length: 12 }, (_, i) => i / 4)
  for (const name of ['float16', 'float32', 'float64']) t.deepEqual((await at(name)).data, quarters, name)
  for (const name of ['int8', 'uint8', 'int64']) t.deepEqual((await at(name)).data, quarters.map(Math.floor), name)
  await refused(t, () => at('fortran'), 'FEATURES_CORRUPT', /column after column/)
  await refused(t, () => at('big'), 'FEATURES_CORRUPT', /its numbers are >f4, and these are read: <f2, /)
  await refused(t, () => at('flat'), 'FEATURES_CORRUPT', /its shape is \(3\), and \[n, d\]/)
  await refused(t, () => at('text'), 'FEATURES_CORRUPT', /its numbers are <U/)
  await refused(t, () => at('pickled'), 'FEATURES_CORRUPT', /its numbers are \|O/)
})

test('damage is named, and no damaged shape takes memory', async (t) => {
  const read = await reader(t)
  const four = new Uint8Array(16)
  for (const [bytes, message] of [
    [Buffer.from(''), /is cut off after 0 bytes/],
    [Buffer.from('PK-and-so-on'), /this is no NumPy file/],
    [file(header('<f4'), four, 4), /it has version 4\.0, and this npair reads 1\.0, 2\.0 and 3\.0/],
    [file(header('<f4'), four, 2, 2 ** 31), /its header has 2147483648 bytes, and no honest one/],
    [file(header('<f4'), four, 1, 500), /is cut off after/],
    [file(header('<f4'), four.subarray(1)), /it has \d+ bytes instead of \d+/],
    [file(header('<f4', '(1000000, 1000000)'), four), /it has \d+ bytes instead of 4000000000\d+/],
    [file(header('<f4', '(99999999999999999999, 2)'), four), /instead of/],
    [file(header('<f4', '(0, 0)'), four.subarray(16)), /its shape is \(0, 0\)/],
    [file(header('<f4', '(2, 2, 1)'), four), /its shape is \(2, 2, 1\)/],
    [
      file(header('<f8'), new Uint8Array(Float64Array.of(1, 2, 1e39, 4).buffer)),
      /1e\+39 in row 1, column 0 is too large/,
    ],
  ] as const)
    await refused(t, () => read(bytes), 'FEATURES_CORRUPT', message)
  await refused(
    t,
    () => read(file(header('<f4'), four), { maxBytes: 15 }),
    'FEATURES_CORRUPT',
    /take 16 bytes, more than/,
  )
  await refused(t, () => readNpy('/no/such.npy'), 'NOT_FOUND')
  await refused(t, () => readNpy('/no/such.npy', { maxBytes: 0 }), 'INVALID_OPTION')
})

test('a header is three fields in any order, and no more of Python', (t) => {
  const fields = { descr: '<f4', fortranOrder: false, shape: [3] }
  t.deepEqual(parseNpyHeader(" {'shape':(3,),'descr':'<f4' , 'fortran_order' : False}   \n"), fields)
  t.deepEqual(parseNpyHeader("{'fortran_order': True, 'shape': (), 'descr': '', }").shape, [])
  for (const text of [
    '',
    '{}',
    "{'descr': '<f4'}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'more': True}",
    "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (3,)}",
    "{'descr': True, 'fortran_order': False, 'shape': (3,)}",
    "{'descr': '<f4', 'fortran_order': 'False', 'shape': (3,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)} and more",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (3,,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (-3,)}",
    "{'descr': __import__('os'), 'fortran_order': False, 'shape': (3,)}",
  ])
    t.throws(() => parseNpyHeader(text), { message: /its header/ }, text)
  const long = `{'shape': (${'1,'.repeat(4000)}`
  t.throws(() => parseNpyHeader(long), { message: /its header cannot be read/ })
})
