import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { npy } from '../../src/model/npy.js'
import { temporary } from '../train/tinyRun.js'

test('the bytes are those of the format, with a header written by hand', (t) => {
  const bytes = npy(new Embeddings(Float32Array.of(1, -2.5, 3, 0), 2))
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }`
  const expected = Buffer.concat([
    Buffer.from([0x93]),
    Buffer.from('NUMPY'),
    Buffer.from([1, 0, 118, 0]),
    Buffer.from(`${header}${' '.repeat(117 - header.length)}\n`),
    Buffer.from('0000803f000020c00000404000000000', 'hex'),
  ])
  t.deepEqual(Buffer.from(bytes), expected)
  t.is(expected.length, 128 + 16)
})

test('data begins at a multiple of 64, whatever the numbers of digits', (t) => {
  for (const [count, size] of [
    [1, 1],
    [123_456, 1],
    [10_000, 2],
    [1, 99_999],
    [0, 512],
  ] as const) {
    const bytes = npy(new Embeddings(new Float32Array(count * size), size))
    const start = 10 + (bytes[8] as number) + 256 * (bytes[9] as number)
    t.is(start % 64, 0)
    t.is(bytes.length, start + 4 * count * size)
    t.is(bytes[start - 1], 10)
  }
})

/** A Python with NumPy, where this machine has one. */
async function numpy(): Promise<string | undefined> {
  const own = fileURLToPath(new URL('../../.cache/bench/bin/python', import.meta.url))
  for (const python of [own, 'python3']) {
    if (python === own && !existsSync(own)) continue
    const found = await promisify(execFile)(python, ['-c', 'import numpy']).then(
      () => true,
      () => false,
    )
    if (found) return python
  }
  return undefined
}

test('NumPy reads it', async (t) => {
  const python = await numpy()
  if (python === undefined) {
    t.log('skipped: no Python with NumPy here')
    t.pass()
    return
  }
  const file = join(await temporary(t), 'a.npy')
  await writeFile(file, npy(new Embeddings(Float32Array.of(1, -2.5, 3, 0.1, 1e-30, -0), 3)))
  const script =
    'import sys, numpy, json; a = numpy.load(sys.argv[1]); print(json.dumps([str(a.dtype), a.shape, a.ravel().tolist()]))'
  const { stdout } = await promisify(execFile)(python, ['-c', script, file])
  t.deepEqual(JSON.parse(stdout), ['float32', [2, 3], [1, -2.5, 3, Math.fround(0.1), Math.fround(1e-30), -0]])
})
