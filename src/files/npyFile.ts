import { type FileHandle, open } from 'node:fs/promises'
import { NPairError } from '../errors.js'
import { longestNpyHeader, npyPrefixBytes, npyVersion, parseNpyHeader } from './npyHeader.js'

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

/** A NumPy file of little-endian numbers, row after row, of which no more than a piece is held. */
export class NpyFile {
  readonly path: string
  readonly shape: readonly number[]
  /** Numbers in it. */
  readonly length: number
  /** Whether they are integers by their type. */
  readonly integers: boolean
  readonly #file: FileHandle
  readonly #offset: number
  readonly #type: NumberType

  private constructor(path: string, file: FileHandle, shape: readonly number[], offset: number, descr: string) {
    this.path = path
    this.shape = shape
    this.length = shape.reduce((product, side) => product * side, 1)
    this.integers = /[iu]\d$/.test(descr)
    this.#file = file
    this.#offset = offset
    this.#type = types[descr] as NumberType
  }

  /**
   * Opens a file for as long as `use` takes.
   *
   * @throws NPairError `NOT_FOUND`; `FEATURES_CORRUPT` with the reason, also for whatever `use` throws that is no NPairError
   */
  static async with<T>(path: string, use: (npy: NpyFile) => Promise<T>): Promise<T> {
    const file = await open(path, 'r').catch((cause: Error) => {
      throw new NPairError('NOT_FOUND', `Cannot read ${path}: ${cause.message}`, { cause })
    })
    try {
      return await use(await NpyFile.#open(path, file))
    } catch (cause) {
      if (cause instanceof NPairError) throw cause
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new NPairError('FEATURES_CORRUPT', `Cannot read ${path}: ${reason}`, { cause })
    } finally {
      await file.close()
    }
  }

  static async #open(path: string, file: FileHandle): Promise<NpyFile> {
    const version = npyVersion(await readAt(file, 0, npyPrefixBytes))
    const lengthBytes = version === 1 ? 2 : 4
    const start = npyPrefixBytes + lengthBytes
    const length = (await readAt(file, npyPrefixBytes, lengthBytes)).readUIntLE(0, lengthBytes)
    if (length > longestNpyHeader)
      throw new Error(`its header has ${length} bytes, and no honest one has more than ${longestNpyHeader}`)
    const text = (await readAt(file, start, length)).toString(version === 3 ? 'utf8' : 'latin1')
    const { descr: given, fortranOrder, shape } = parseNpyHeader(text)
    const descr = given.replace(/^<(?=[iu]1$)/, '|')
    const type = types[descr]
    if (type === undefined)
      throw new Error(`its numbers are ${given}, and these are read: ${Object.keys(types).join(', ')}`)
    if (fortranOrder) throw new Error('it lies column after column (fortran_order), and only row after row is read')
    return new NpyFile(path, file, shape, start + length, descr)
  }

  /** Refuses a file that is not as long as its shape says: before a damaged shape asks for gigabytes of memory. */
  async requireWhole(): Promise<void> {
    const { size: found } = await this.#file.stat()
    const expected = this.#offset + this.length * this.#type.bytes
    if (found !== expected) throw new Error(`it has ${found} bytes instead of ${expected}`)
  }

  /** Calls `take` with the numbers `from` … `from + count − 1`, one after the other, each with its place in the file. */
  async read(from: number, count: number, take: (value: number, place: number) => void): Promise<void> {
    const { bytes, read } = this.#type
    const perChunk = chunkBytes / bytes
    for (let start = from; start < from + count; start += perChunk) {
      const here = Math.min(perChunk, from + count - start)
      const chunk = await readAt(this.#file, this.#offset + start * bytes, here * bytes)
      const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length)
      for (let i = 0; i < here; i++) take(read(view, i * bytes), start + i)
    }
  }

  /**
   * Numbers `from` … of a file `[n, d]` as float32, into `data`.
   *
   * @throws Error for one that is too large for float32, with its row and column
   */
  async readRows(from: number, data: Float32Array): Promise<void> {
    const [, size = 1] = this.shape
    await this.read(from, data.length, (value, place) => {
      data[place - from] = value
      if (Number.isFinite(value) && !Number.isFinite(data[place - from]))
        throw new Error(`${value} in row ${Math.floor(place / size)}, column ${place % size} is too large for float32`)
    })
  }

  /** `[n, d]`; refuses another shape. */
  requireRows(): readonly [count: number, size: number] {
    const [count = 0, size = 0] = this.shape
    if (this.shape.length !== 2 || size < 1)
      throw new Error(`its shape is (${this.shape.join(', ')}), and [n, d] with d >= 1 is needed`)
    return [count, size]
  }
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
