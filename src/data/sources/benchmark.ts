import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type BenchmarkName, benchmarkNames } from '../../config/benchmarkNames.js'
import { requireObject, requireWord } from '../../config/require.js'
import { NPairError } from '../../errors.js'
import { byCodePoint } from '../byCodePoint.js'
import { cars } from './cars.js'
import { folderImages } from './folder.js'
import type { Listed } from './listed.js'
import type { Source } from './source.js'

/** Which half of a published set, by its own split. */
export interface Benchmark {
  readonly name: BenchmarkName
  readonly half: 'train' | 'test'
}

/**
 * A half of a published set as options or a recorded plan name it.
 *
 * @throws NPairError `INVALID_OPTION`
 */
export function requireBenchmark(options: unknown): Benchmark {
  requireObject('options', options)
  const { name, half } = options
  requireWord('name', name, benchmarkNames)
  requireWord('half', half, ['train', 'test'])
  return { name, half }
}

/** The last class of CUB-200-2011 that trains: the field's split into halves of 100 (Song 2016). */
const lastCubTrain = 100

/**
 * A half of a published set, by its own files:
 *
 * - `cub`: `images.txt` and `image_class_labels.txt`, classes 1 to 100 train, the others test;
 * - `cars196`: `cars_annos.mat`, or `cars_train_annos.mat` and `cars_test_annos_withlabels.mat`; classes 1 to 98 train, the others test;
 * - `sop`: `Ebay_train.txt` and `Ebay_test.txt`, the twelve kinds of product are super-classes;
 * - `inShop`: `list_eval_partition.txt`; test images are named `query/…` and `gallery/…`;
 * - `market1501`: `bounding_box_train`; `query` and `bounding_box_test`, named `query/…` and `gallery/…`, junk (−1) and distractors
 *   (0000) included.
 *
 * @throws NPairError `NOT_FOUND`; `DATA_EMPTY` where a file is not of its layout, with its line, or nothing is of this half
 */
export async function benchmarkSource(root: string, { name, half }: Benchmark): Promise<Source> {
  const listed = await { cub, cars196: cars, sop, inShop, market1501 }[name](root, half)
  if (listed.length === 0)
    throw new NPairError('DATA_EMPTY', `${root} holds no ${half} image of ${name}`, { option: 'data.path' })
  const files = listed.sort((a, b) => byCodePoint(a.name, b.name))
  const stamp = files.map(async ({ name, path, class: label }) => {
    // One that is missing is reported when it is read, as a broken one.
    const { size, mtimeMs } = await stat(join(root, path)).catch(() => ({ size: 0, mtimeMs: 0 }))
    return [name, label, size, mtimeMs]
  })
  return {
    files: files.map(({ path, ...file }) => {
      const where = join(root, path)
      return { ...file, where, read: () => readFile(where) }
    }),
    stamp: await Promise.all(stamp),
    close: async () => {},
  }
}

async function cub(root: string, half: Benchmark['half']): Promise<Listed[]> {
  const labels = new Map((await rows(root, 'image_class_labels.txt', 2)).map(([id, label]) => [id, Number(label)]))
  return (await rows(root, 'images.txt', 2)).flatMap(([id, name]) => {
    const label = labels.get(id as string)
    if (label === undefined || !Number.isSafeInteger(label))
      throw corrupt(join(root, 'image_class_labels.txt'), `image ${id} of images.txt has no class`)
    const own = (label as number) <= lastCubTrain ? 'train' : 'test'
    return own === half ? [{ name: name as string, path: `images/${name}`, class: className(name as string) }] : []
  })
}

function className(path: string): string {
  return path.split('/')[0] as string
}

async function sop(root: string, half: Benchmark['half']): Promise<Listed[]> {
  const listed = await rows(root, half === 'train' ? 'Ebay_train.txt' : 'Ebay_test.txt', 4, 1)
  return listed.map(([, label, , path]) => ({
    ...{ name: path as string, path: path as string },
    ...{ class: label as string, superClass: className(path as string) },
  }))
}

async function inShop(root: string, half: Benchmark['half']): Promise<Listed[]> {
  const listed = await rows(root, 'list_eval_partition.txt', 3, 2)
  return listed.flatMap(([path, label, role], i) => {
    if (role !== 'train' && role !== 'query' && role !== 'gallery')
      throw corrupt(
        join(root, 'list_eval_partition.txt'),
        `line ${i + 3} has the part ${role}, not train, query or gallery`,
      )
    const own = role === 'train' ? 'train' : 'test'
    const name = own === 'train' ? path : `${role}/${path}`
    return own === half ? [{ name: name as string, path: path as string, class: label as string }] : []
  })
}

async function market1501(root: string, half: Benchmark['half']): Promise<Listed[]> {
  const folders: [folder: string, role: string][] =
    half === 'train'
      ? [['bounding_box_train', '']]
      : [
          ['query', 'query/'],
          ['bounding_box_test', 'gallery/'],
        ]
  const listed = await Promise.all(
    folders.map(async ([folder, role]) =>
      (await folderImages(join(root, folder))).map(({ name }) => {
        const label = /^(-1|\d+)_c\d+/.exec(name)?.[1]
        if (label === undefined) throw corrupt(join(root, folder), `${name} is not named like 0002_c1s1_000451_03.jpg`)
        return { name: `${role}${name}`, path: `${folder}/${name}`, class: label }
      }),
    ),
  )
  return listed.flat()
}

/** The rows of a text file, by spaces; the first ones may be a head. */
async function rows(root: string, file: string, columns: number, head = 0): Promise<string[][]> {
  const path = join(root, file)
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new NPairError('NOT_FOUND', `Cannot read ${path}: ${cause.message}`, { option: 'data.path', cause })
  })
  return text
    .trimEnd()
    .split(/\r?\n/)
    .slice(head)
    .map((line, i) => {
      const fields = line.trim().split(/\s+/)
      if (fields.length !== columns)
        throw corrupt(
          path,
          `line ${head + i + 1} has ${fields.length} fields instead of ${columns}: '${line.slice(0, 80)}'`,
        )
      return fields
    })
}

function corrupt(path: string, what: string): NPairError {
  return new NPairError('DATA_EMPTY', `${path}: ${what}`, { option: 'data.path' })
}
