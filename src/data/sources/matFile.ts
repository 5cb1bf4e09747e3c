import { constants, inflateSync } from 'node:zlib'

/** What of a MATLAB variable is read: numbers, text, the cells of a cell array, the elements of a struct array; undefined for others. */
export type MatValue = Float64Array | string | readonly MatValue[] | MatStructs | undefined

/** A struct array: its elements in MATLAB's order. */
export interface MatStructs {
  readonly structs: readonly Readonly<Record<string, MatValue>>[]
}

/** Types of data elements: bytes of a number and how one is read. Names as of MATLAB's "MAT-File Format". */
const numberTypes: Readonly<Record<number, readonly [bytes: number, read: (view: DataView, at: number) => number]>> = {
  1: [1, (view, at) => view.getInt8(at)],
  2: [1, (view, at) => view.getUint8(at)],
  3: [2, (view, at) => view.getInt16(at, true)],
  4: [2, (view, at) => view.getUint16(at, true)],
  5: [4, (view, at) => view.getInt32(at, true)],
  6: [4, (view, at) => view.getUint32(at, true)],
  7: [4, (view, at) => view.getFloat32(at, true)],
  9: [8, (view, at) => view.getFloat64(at, true)],
  12: [8, (view, at) => Number(view.getBigInt64(at, true))],
  13: [8, (view, at) => Number(view.getBigUint64(at, true))],
}
const [miMatrix, miCompressed, miUtf8, miUtf16] = [14, 15, 16, 17]
const [cellClass, structClass, charClass, firstNumeric, lastNumeric] = [1, 2, 4, 6, 15]

/** What is read of a file may take so many bytes of memory: ten times what lists of 16,000 images do. */
const mostBytes = 1 << 27
/** What a value takes beside its numbers or characters, roughly. */
const valueBytes = 128
/** Of a compressed variable, so many bytes hold its name, and no more than a thousand times as many come out of them. */
const headBytes = 1024
/** Deeper nesting is no list of images. */
const deepest = 16

/**
 * Variables of a MAT-file of version 5 (MATLAB 5 to 7, little-endian, compressed or not): as much of the format as lists of images
 * are written in. The one library for Node.js that reads it is under the GPL.
 *
 * @param names - of the variables to read; others are passed over unread
 * @returns those that are there, by name
 * @throws Error saying what is wrong, what of it is not read, or that it would take more than 128 MB of memory, whatever its own size
 */
export function readMat(bytes: Uint8Array, names: readonly string[]): Map<string, MatValue> {
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, 116))
  if (text.startsWith('MATLAB 7.3')) throw new Error('it is of version 7.3 (HDF5): save it with -v7')
  const head = view(bytes)
  if (bytes.length < 128 || head.getUint16(124, true) !== 0x0100 || head.getUint16(126, true) !== 0x4d49)
    throw new Error('it is no little-endian MAT-file of version 5')
  const variables = new Map<string, MatValue>()
  const reader = new Reader()
  for (const { type, data } of elements(bytes.subarray(128))) {
    const compressed = type === miCompressed
    if (!compressed) requireMatrix(type)
    if (!names.includes(nameOf(compressed ? content(beginning(data)) : data))) continue
    const { name, value } = reader.matrix(compressed ? content(reader.inflated(data)) : data, 0)
    variables.set(name, value)
  }
  return variables
}

function requireMatrix(type: number): void {
  if (type !== miMatrix) throw new Error(`it has an element of type ${type} where a variable belongs`)
}

/** What a compressed variable begins with. */
function beginning(data: Uint8Array): Uint8Array {
  return inflateSync(data.subarray(0, headBytes), { finishFlush: constants.Z_SYNC_FLUSH })
}

/** What stands behind the tag of a variable that was compressed. */
function content(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 8) throw new Error('it is cut off')
  requireMatrix(view(bytes).getUint32(0, true))
  return bytes.subarray(8)
}

/** The name of a variable, which stands third in it; the rest need not be there. */
function nameOf(bytes: Uint8Array): string {
  let left = 3
  for (const element of elements(bytes)) if (--left === 0) return new Reader().characters(element)
  return ''
}

interface Element {
  readonly type: number
  readonly data: Uint8Array
}

/** The data elements that follow each other in `bytes`; each begins at a multiple of 8. */
function* elements(bytes: Uint8Array): Generator<Element, undefined> {
  const all = view(bytes)
  for (let at = 0; at < bytes.length; ) {
    if (at + 8 > bytes.length) throw new Error('it is cut off')
    const word = all.getUint32(at, true)
    // Up to four bytes stand in the tag itself.
    const small = word >>> 16
    const [type, count, from] = small > 0 ? [word & 0xffff, small, at + 4] : [word, all.getUint32(at + 4, true), at + 8]
    if (from + count > bytes.length || (small > 0 && small > 4)) throw new Error('it is cut off')
    yield { type, data: bytes.subarray(from, from + count) }
    at = small > 0 ? at + 8 : from + (type === miCompressed ? count : 8 * Math.ceil(count / 8))
  }
}

/** Reads variables, and stops before they take more memory than lists of images do: compressed and of small numbers, a file may be tiny. */
class Reader {
  #left = mostBytes

  /** Counts memory before it is taken. */
  #take(bytes: number): void {
    this.#left -= bytes
    if (this.#left < 0)
      throw new Error(`what it holds takes more than ${mostBytes >> 20} MB, too much for lists of images`)
  }

  inflated(data: Uint8Array): Uint8Array {
    try {
      const whole = inflateSync(data, { maxOutputLength: this.#left })
      this.#take(whole.length)
      return whole
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') this.#take(mostBytes + 1)
      throw error
    }
  }

  /** A variable: flags, dimensions, name, and what they say that follows. */
  matrix(bytes: Uint8Array, depth: number): { name: string; value: MatValue } {
    this.#take(valueBytes)
    if (bytes.length === 0) return { name: '', value: new Float64Array(0) }
    if (depth > deepest) throw new Error(`its arrays are nested deeper than ${deepest}`)
    const parts = elements(bytes)
    const next = (what: string): Element => {
      const { value, done } = parts.next()
      if (done || value === undefined) throw new Error(`an array in it has no ${what}`)
      return value
    }
    const kind = (this.#numbers(next('flags'))[0] ?? 0) & 0xff
    const count = this.#numbers(next('dimensions')).reduce((product, n) => product * n, 1)
    const name = this.characters(next('name'))
    const inner = (what: string): MatValue => {
      const { type, data } = next(what)
      if (type !== miMatrix) throw new Error(`an array in it has an element of type ${type} for a ${what}`)
      return this.matrix(data, depth + 1).value
    }
    // Each of them takes 8 bytes at least.
    const several = () => {
      if (!(count >= 0 && 8 * count <= bytes.length)) throw new Error(`an array in it promises ${count} elements`)
      this.#take(valueBytes * count)
      return Array.from({ length: count })
    }
    if (kind === cellClass) return { name, value: several().map(() => inner('cell')) }
    if (kind === structClass) {
      const length = this.#numbers(next('length of field names'))[0] ?? 0
      const text = this.characters(next('field names'))
      if (length < 1) throw new Error(`a struct in it has field names of ${length} characters`)
      const fields = Array.from({ length: Math.floor(text.length / length) }, (_, f) =>
        padless(text.slice(f * length, (f + 1) * length)),
      )
      const structs = several().map(() => Object.fromEntries(fields.map((field) => [field, inner('field')])))
      return { name, value: { structs } }
    }
    if (kind === charClass) return { name, value: this.characters(next('characters')) }
    if (kind >= firstNumeric && kind <= lastNumeric) return { name, value: this.#numbers(next('numbers')) }
    return { name, value: undefined }
  }

  #numbers({ type, data }: Element): Float64Array {
    const [bytes, read] = numberTypes[type] ?? []
    if (bytes === undefined || read === undefined) throw new Error(`it has numbers of the unknown type ${type}`)
    this.#take(8 * Math.floor(data.length / bytes))
    const all = view(data)
    return Float64Array.from({ length: Math.floor(data.length / bytes) }, (_, i) => read(all, i * bytes))
  }

  characters(element: Element): string {
    this.#take(16 * element.data.length)
    if (element.type === miUtf8) return new TextDecoder().decode(element.data)
    if (element.type === miUtf16) return new TextDecoder('utf-16le').decode(element.data)
    return Array.from(this.#numbers(element), (code) => String.fromCharCode(code)).join('')
  }
}

/** Field names have all one length, the shorter ones filled up with NULs. */
function padless(name: string): string {
  return name.split('\0')[0] as string
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
