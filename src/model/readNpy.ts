import { type FileHandle, open } from 'node:fs/promises'
import { Embeddings } from '../embeddings.js'
import { invalidOption, NPairError } from '../errors.js'
import { longestNpyHeader, npyPrefixBytes, npyVersion, parseNpyHeader } from './npyHeader.js'

/** Options of {@link readNpy}. */
export interface ReadNpyOptions {
  /** What the float32 numbers may take in memory. Default: 4 GiB. */
  readonly maxBytes?: number
}

interface NumberType {
  readonly bytes: number
  readonly read: (view: DataView, at: number) => number
}

/** By NumPy's names; a type of one byte has no byte order, which NumPy writes as `|`. */
const types: Readonly<Record<string, NumberType>> = {
  '<f2': { bytes: 2, read: (view, at) => half(view.getUint16(at, true)) },
  '<f4': { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  '<f8': { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  '|i1': { bytes: 1, read: (view, at) => view.getInt8(at) },
  '|u1': { bytes: 1, read: (view, at) => view.getUint8(at) },
  '<i2': { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  '<u2': { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  '<i4': { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  '<u4': { bytes: 4, read: (view, at) => view.getUint32(at, true) },
  '<i8': { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  '<u8': { bytes: 8, read: (view, at) => Number(view.getBigUint64(at, true)) },
}

/** Bytes read at a time. */
const chunkBytes = 1 << 20

/**
 * Reads a NumPy file of numbers `[n, d]`, row after row, little-endian, as float32.
 *
 * @throws NPairError `NOT_FOUND`; `FEATURES_CORRUPT` saying what is wrong, or what of it is not read
 */
export async function readNpy(path: string, { maxBytes = 2 ** 32 }: ReadNpyOptions = {}): Promise<Embeddings> {
  if (!(maxBytes > 0)) throw invalidOption('maxBytes', 'a number > 0', maxBytes)
  const file = await open(path, 'r').catch((cause: Error) => {
    throw new NPairError('NOT_FOUND', `Cannot read ${path}: ${cause.message}`, { cause })
  })
  try {
    return await read(file, maxBytes)
  } catch (cause) {
    throw new NPairError(
      'FEATURES_CORRUPT',
      `Cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  } finally {
    await file.close()
  }
}

async function read(file: FileHandle, maxBytes: number): Promise<Embeddings> {
  const version = npyVersion(await readAt(file, 0, npyPrefixBytes))
  const lengthBytes = version === 1 ? 2 : 4
  const start = npyPrefixBytes + lengthBytes
  const length = (await readAt(file, npyPrefixBytes, lengthBytes)).readUIntLE(0, lengthBytes)
  if (length > longestNpyHeader)
    throw new Error(`its header has ${length} bytes, and no honest one has more than ${longestNpyHeader}`)
  const text = (await readAt(file, start, length)).toString(version === 3 ? 'utf8' : 'latin1')
  const { descr, fortranOrder, shape } = parseNpyHeader(text)
  const type = types[descr] ?? types[descr.replace(/^<(?=[iu]1$)/, '|')]
  if (type === undefined)
    throw new Error(`its numbers are ${descr}, and these are read: ${Object.keys(types).join(', ')}`)
  if (fortranOrder) throw new Error('it lies column after column (fortran_order), and only row after row is read')
  const [count = 0, size = 0, ...more] = shape
  if (shape.length !== 2 || size < 1 || more.length > 0)
    throw new Error(`its shape is (${shape.join(', ')}), and [n, d] with d >= 1 is needed`)
  const offset = start + length
  const { size: found } = await file.stat()
  const expected = offset + count * size * type.bytes
  // Before a damaged shape asks for gigabytes of memory.
  if (found !== expected) throw new Error(`it has ${found} bytes instead of ${expected}`)
  if (4 * count * size > maxBytes)
    throw new Error(`its [${count}, ${size}] numbers take ${4 * count * size} bytes, more than the ${maxBytes} allowed`)
  return new Embeddings(await readNumbers(file, offset, [count, size], type), size)
}

async function readNumbers(
  file: FileHandle,
  offset: number,
  [count, size]: readonly [number, number],
  { bytes, read }: NumberType,
): Promise<Float32Array> {
  const data = new Float32Array(count * size)
  const perChunk = chunkBytes / bytes
  for (let from = 0; from < data.length; from += perChunk) {
    const here = Math.min(perChunk, data.length - from)
    const chunk = await readAt(file, offset + from * bytes, here * bytes)
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length)
    for (let i = 0; i < here; i++) {
      const value = read(view, i * bytes)
      data[from + i] = value
      if (Number.isFinite(value) && !Number.isFinite(data[from + i]))
        throw new Error(
          `${value} in row ${Math.floor((from + i) / size)}, column ${(from + i) % size} is too large for float32`,
        )
    }
  }
  return data
}

/** The value of a float16 by its bits: sign, 5 of exponent, 10 of fraction. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1024 + fraction) * 2 ** (exponent - 25)
}

async function readAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  for (let at = 0; at < length; ) {
    const { bytesRead } = await file.read(bytes, at, length - at, offset + at)
    if (bytesRead === 0) throw new Error(`it is cut off after ${offset + at} bytes`)
    at += bytesRead
  }
  return bytes
}
