import { inflateSync } from 'node:zlib'

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

/** A compressed variable that is larger is no list of images. */
const largestVariable = 1 << 28
/** Deeper nesting is no list of images. */
const deepest = 16

/**
 * The variables of a MAT-file of version 5 (MATLAB 5 to 7, little-endian, compressed or not): as much of the format as lists of images
 * are written in. The one library for Node.js that reads it is under the GPL.
 *
 * @throws Error saying what is wrong, or what of it is not read
 */
export function readMat(bytes: Uint8Array): Map<string, MatValue> {
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, 116))
  if (text.startsWith('MATLAB 7.3')) throw new Error('it is of version 7.3 (HDF5): save it with -v7')
  const head = view(bytes)
  if (bytes.length < 128 || head.getUint16(124, true) !== 0x0100 || head.getUint16(126, true) !== 0x4d49)
    throw new Error('it is no little-endian MAT-file of version 5')
  const variables = new Map<string, MatValue>()
  for (const { type, data } of elements(bytes.subarray(128))) {
    const [matrix] = type === miCompressed ? elements(inflated(data)) : [{ type, data }]
    if (matrix?.type !== miMatrix) throw new Error(`it has an element of type ${matrix?.type} where a variable belongs`)
    const { name, value } = readMatrix(matrix.data, 0)
    variables.set(name, value)
  }
  return variables
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

/** A variable: flags, dimensions, name, and what they say that follows. */
function readMatrix(bytes: Uint8Array, depth: number): { name: string; value: MatValue } {
  if (bytes.length === 0) return { name: '', value: new Float64Array(0) }
  if (depth > deepest) throw new Error(`its arrays are nested deeper than ${deepest}`)
  const parts = elements(bytes)
  const next = (what: string): Element => {
    const { value, done } = parts.next()
    if (done || value === undefined) throw new Error(`an array in it has no ${what}`)
    return value
  }
  const kind = (numbers(next('flags'))[0] ?? 0) & 0xff
  const count = numbers(next('dimensions')).reduce((product, n) => product * n, 1)
  const name = characters(next('name'))
  const inner = (what: string): MatValue => {
    const { type, data } = next(what)
    if (type !== miMatrix) throw new Error(`an array in it has an element of type ${type} for a ${what}`)
    return readMatrix(data, depth + 1).value
  }
  // Each of them takes 8 bytes at least.
  const several = () => {
    if (!(count >= 0 && 8 * count <= bytes.length)) throw new Error(`an array in it promises ${count} elements`)
    return Array.from({ length: count })
  }
  if (kind === cellClass) return { name, value: several().map(() => inner('cell')) }
  if (kind === structClass) {
    const length = numbers(next('length of field names'))[0] ?? 0
    const text = characters(next('field names'))
    if (length < 1) throw new Error(`a struct in it has field names of ${length} characters`)
    const fields = Array.from({ length: Math.floor(text.length / length) }, (_, f) =>
      padless(text.slice(f * length, (f + 1) * length)),
    )
    const structs = several().map(() => Object.fromEntries(fields.map((field) => [field, inner('field')])))
    return { name, value: { structs } }
  }
  if (kind === charClass) return { name, value: characters(next('characters')) }
  if (kind >= firstNumeric && kind <= lastNumeric) return { name, value: numbers(next('numbers')) }
  return { name, value: undefined }
}

/** Field names have all one length, the shorter ones filled up with NULs. */
function padless(name: string): string {
  return name.split('\0')[0] as string
}

function numbers({ type, data }: Element): Float64Array {
  const [bytes, read] = numberTypes[type] ?? []
  if (bytes === undefined || read === undefined) throw new Error(`it has numbers of the unknown type ${type}`)
  const all = view(data)
  return Float64Array.from({ length: Math.floor(data.length / bytes) }, (_, i) => read(all, i * bytes))
}

function characters(element: Element): string {
  if (element.type === miUtf8) return new TextDecoder().decode(element.data)
  if (element.type === miUtf16) return new TextDecoder('utf-16le').decode(element.data)
  return Array.from(numbers(element), (code) => String.fromCharCode(code)).join('')
}

function inflated(data: Uint8Array): Uint8Array {
  return inflateSync(data, { maxOutputLength: largestVariable })
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
