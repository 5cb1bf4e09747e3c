import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { NPairError } from '../../errors.js'
import type { Listed } from './listed.js'
import { type MatStructs, type MatValue, readMat } from './matFile.js'

/** The last class that trains: the field's split into halves of 98 (Song 2016), whatever Stanford's own parts are. */
const lastTrain = 98

/**
 * Stanford Cars (Cars-196) in either of its layouts: `cars_annos.mat` with all images in `car_ims`; or, in `devkit` or beside the images,
 * `cars_train_annos.mat` and `cars_test_annos_withlabels.mat` with `cars_train` and `cars_test`. Classes are named 001 to 196.
 *
 * @throws NPairError `NOT_FOUND`; `DATA_EMPTY` saying what is wrong with a file
 */
export async function cars(root: string, half: 'train' | 'test'): Promise<Listed[]> {
  const whole = await annotations(root, ['cars_annos.mat'], 'relative_im_path', '')
  const listed = whole ?? [
    ...(await part(root, 'cars_train_annos.mat', 'cars_train/')),
    ...(await part(root, 'cars_test_annos_withlabels.mat', 'cars_test/')),
  ]
  return listed.flatMap(({ path, label }) =>
    (label <= lastTrain ? 'train' : 'test') === half
      ? [{ name: path, path, class: String(label).padStart(3, '0') }]
      : [],
  )
}

interface Car {
  readonly path: string
  readonly label: number
}

async function part(root: string, file: string, folder: string): Promise<Car[]> {
  const places = [join('devkit', file), file]
  const found = await annotations(root, places, 'fname', folder)
  if (found !== undefined) return found
  const text = `${root} has neither cars_annos.mat nor ${places.join(' nor ')} (the test images' classes are in a file of their own)`
  throw new NPairError('NOT_FOUND', text, { option: 'data.path' })
}

/** The struct array `annotations` of the first of the files that is there; undefined where none is. */
async function annotations(
  root: string,
  places: readonly string[],
  field: string,
  folder: string,
): Promise<Car[] | undefined> {
  for (const place of places) {
    const path = join(root, place)
    const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return undefined
      throw new NPairError('NOT_FOUND', `Cannot read ${path}: ${cause.message}`, { option: 'data.path', cause })
    })
    if (bytes === undefined) continue
    const fail = (what: string, cause?: unknown) =>
      new NPairError('DATA_EMPTY', `${path}: ${what}`, { option: 'data.path', ...(cause !== undefined && { cause }) })
    let value: MatValue
    try {
      value = readMat(bytes, ['annotations']).get('annotations')
    } catch (error) {
      throw fail(error instanceof Error ? error.message : String(error), error)
    }
    if (!isStructs(value)) throw fail('it has no struct array annotations')
    return value.structs.map((row, i) => {
      const [file, label] = [row[field], row.class]
      const number = label instanceof Float64Array && label.length === 1 ? (label[0] as number) : Number.NaN
      if (typeof file !== 'string' || file === '') throw fail(`annotation ${i + 1} has no ${field}`)
      if (!Number.isInteger(number) || number < 1 || number > 196)
        throw fail(`annotation ${i + 1} has no class from 1 to 196`)
      return { path: `${folder}${file}`, label: number }
    })
  }
  return undefined
}

function isStructs(value: MatValue): value is MatStructs {
  return typeof value === 'object' && 'structs' in value
}
