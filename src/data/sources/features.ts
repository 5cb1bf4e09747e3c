import { readFile, stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { Embeddings } from '../../embeddings.js'
import { NPairError } from '../../errors.js'
import { NpyFile } from '../../files/npyFile.js'
import { byCodePoint } from '../byCodePoint.js'
import type { FeatureIngest } from '../featureIngest.js'
import type { PackContent } from '../writePack.js'

/** Bytes of float32 that are read at a time. */
const portionBytes = 1 << 20

/**
 * What tells whether files have changed.
 *
 * @throws NPairError `NOT_FOUND`
 */
export async function fileStamp(paths: readonly string[]): Promise<unknown> {
  return Promise.all(
    paths.map(async (path) => {
      const { size, mtimeMs } = await stat(path).catch((cause: Error) => {
        throw new NPairError('NOT_FOUND', `Cannot read ${path}: ${cause.message}`, { cause })
      })
      return [path, size, mtimeMs]
    }),
  )
}

/**
 * The sizes `[n, d]` of a NumPy file of features.
 *
 * @throws NPairError `NOT_FOUND`; `FEATURES_CORRUPT`; `DATA_EMPTY`
 */
export async function featureShape(path: string): Promise<readonly [count: number, size: number]> {
  const [count, size] = await NpyFile.with(path, async (npy) => {
    await npy.requireWhole()
    return npy.requireRows()
  })
  if (count === 0) throw new NPairError('DATA_EMPTY', `${path} holds no rows`)
  return [count, size]
}

/**
 * The rows of a NumPy file as float32, some at a time.
 *
 * @throws NPairError `FEATURES_CORRUPT`, also for a number that is not finite, with its row and column; `ABORTED`
 */
export async function* featureRows(
  path: string,
  { features, normalize }: FeatureIngest,
  { onProgress, signal }: { onProgress?: (done: number, total: number) => void; signal?: AbortSignal },
): AsyncGenerator<Uint8Array, void, undefined> {
  const [count] = await featureShape(path)
  const portion = Math.max(1, Math.floor(portionBytes / (4 * features)))
  for (let row = 0; row < count; row += portion) {
    if (signal?.aborted) throw new NPairError('ABORTED', `Stopped after ${row} of ${count} rows; nothing was written`)
    const rows = Math.min(portion, count - row)
    const data = await readPortion(path, row, rows, features)
    yield littleEndian(normalize ? new Embeddings(data, features).normalized().data : data)
    onProgress?.(row + rows, count)
  }
}

function readPortion(path: string, row: number, rows: number, features: number): Promise<Float32Array> {
  return NpyFile.with(path, async (npy) => {
    const data = new Float32Array(rows * features)
    await npy.readRows(row * features, data)
    const bad = data.findIndex((x) => !Number.isFinite(x))
    if (bad >= 0)
      throw new Error(`${data[bad]} in row ${row + Math.floor(bad / features)}, column ${bad % features} is not finite`)
    return data
  })
}

/** As the pack has them, whatever the machine. */
function littleEndian(numbers: Float32Array): Uint8Array {
  const bytes = new Uint8Array(numbers.byteLength)
  const view = new DataView(bytes.buffer)
  numbers.forEach((x, i) => {
    view.setFloat32(4 * i, x, true)
  })
  return bytes
}

/**
 * What a pack of features says of its rows, from a file with the class of each: a `.npy` of integers `[n]`, a `.json` array of
 * names or integers, or any other file as text, a name a line.
 *
 * @param count - rows there are
 * @param rows - their names; default their numbers
 * @throws NPairError `NOT_FOUND`; `FEATURES_CORRUPT` naming file and place
 */
export async function featureLabels(path: string, count: number, rows?: readonly string[]): Promise<PackContent> {
  const names = extname(path) === '.npy' ? await npyLabels(path) : await textLabels(path)
  if (names.length !== count) throw corrupt(path, `it has ${names.length} labels for ${count} rows of features`)
  const classes = [...new Set(names)].sort(byCodePoint)
  const labelOf = new Map(classes.map((name, label) => [name, label]))
  return {
    ...{ classes, superClasses: [], superClassOf: [], skipped: [] },
    labels: Int32Array.from(names, (name) => labelOf.get(name) as number),
    names: rows ?? names.map((_, row) => String(row)),
  }
}

/**
 * The names of rows, from a text file, a name a line, or a `.json` array.
 *
 * @param count - rows there are
 * @throws NPairError `NOT_FOUND`; `FEATURES_CORRUPT` where a name is missing, empty, or there twice
 */
export async function rowNames(path: string, count: number): Promise<string[]> {
  const names = await textLabels(path, 'name')
  if (names.length !== count) throw corrupt(path, `it has ${names.length} names for ${count} rows`)
  const rows = new Map<string, number>()
  for (const [row, name] of names.entries()) {
    const before = rows.get(name)
    if (before !== undefined) throw corrupt(path, `rows ${before} and ${row} have one name, ${name}`)
    // Packs part names by it.
    if (name.includes('\0')) throw corrupt(path, `the name of row ${row} holds a NUL`)
    rows.set(name, row)
  }
  return names
}

async function npyLabels(path: string): Promise<string[]> {
  return NpyFile.with(path, async (npy) => {
    if (npy.shape.length !== 1) throw corrupt(path, `its shape is (${npy.shape.join(', ')}), and [n] is needed`)
    if (!npy.integers) throw corrupt(path, 'its numbers are no integers')
    await npy.requireWhole()
    const names: string[] = []
    await npy.read(0, npy.length, (value, row) => {
      if (!Number.isSafeInteger(value)) throw corrupt(path, `the label of row ${row} is beyond 2^53`)
      names.push(String(value))
    })
    return names
  })
}

async function textLabels(path: string, what = 'label'): Promise<string[]> {
  const written = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new NPairError('NOT_FOUND', `Cannot read ${path}: ${cause.message}`, { cause })
  })
  // A byte order mark belongs to no name.
  const text = written.replace(/^\uFEFF/, '')
  const names = extname(path) === '.json' ? jsonLabels(path, text, what) : text.replace(/\r?\n$/, '').split(/\r?\n/)
  const empty = names.indexOf('')
  if (empty >= 0) throw corrupt(path, `the ${what} of row ${empty} is empty`)
  return names
}

function jsonLabels(path: string, text: string, what: string): string[] {
  let labels: unknown
  try {
    labels = JSON.parse(text)
  } catch (cause) {
    throw corrupt(path, cause instanceof Error ? cause.message : String(cause))
  }
  if (!Array.isArray(labels)) throw corrupt(path, 'it holds no array')
  return labels.map((label: unknown, row) => {
    if (typeof label !== 'string' && !Number.isSafeInteger(label))
      throw corrupt(path, `the ${what} of row ${row} is neither a text nor an integer`)
    return String(label)
  })
}

function corrupt(path: string, what: string): NPairError {
  return new NPairError('FEATURES_CORRUPT', `${path}: ${what}`)
}
