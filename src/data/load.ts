import type { BenchmarkData, DataOptions, SplitOptions } from '../config/data.js'
import { within } from '../config/within.js'
import { invalidOption, NPairError } from '../errors.js'
import type { Dataset } from './dataset.js'
import { datasets } from './datasets.js'

/** The parts of what a config's `data` describes. */
export interface Halves {
  readonly train: Dataset
  /** What of the training half is kept from training; the test half where `split.validation` says so. */
  readonly validation?: Dataset
  /** Missing where the config asks for no split. */
  readonly test?: Dataset
}

/** What comes with loading but is no part of the data. */
export interface LoadHooks {
  readonly onProgress?: (done: number, total: number) => void
  readonly signal?: AbortSignal
}

/** What of the training half validation takes where a config does not say. */
export const validationShare = 0.2

/**
 * Loads the source that a config's `data` describes, splits it, and turns the training half's classes where that is asked for.
 *
 * @param validated - whether there is a validation, so that a split that does not say what it judges on has the default
 * @throws NPairError as the source and the split
 */
export async function loadData(options: DataOptions, hooks: LoadHooks = {}, validated = false): Promise<Halves> {
  if (ownHalves(options)) {
    const half = (half: 'train' | 'test') => loadSource({ ...options, half }, hooks)
    const [whole, test] = [await half('train'), await half('test')]
    const turned = (train: Dataset) => (options.rotatedClasses === true ? train.rotatedClasses() : train)
    if (!validated) return { train: turned(whole), test }
    const { train, test: validation } = withoutValidation(
      whole,
      { by: 'class', test: validationShare },
      validationShare,
    )
    return { train: turned(train), validation, test }
  }
  const whole = await loadSource(options, hooks)
  const { split } = options
  const rotatedClasses = 'rotatedClasses' in options && options.rotatedClasses === true
  const turned = (train: Dataset) => (rotatedClasses ? train.rotatedClasses() : train)
  if (split === undefined) return { train: turned(whole) }
  const { validation = validated ? validationShare : undefined } = split
  const { train, test } = within('data.split', () => divide(whole, split, split.test))
  if (validation === undefined) return { train: turned(train), test }
  if (validation === 'test') return { train: turned(train), validation: test, test }
  const kept = withoutValidation(train, split, validation)
  return { train: turned(kept.train), validation: kept.test, test }
}

/** Two parts of a dataset, the second as large as `share` says. */
function divide(
  whole: Dataset,
  { by, seed }: SplitOptions,
  share: SplitOptions['test'],
): { train: Dataset; test: Dataset } {
  const seeded = seed === undefined ? {} : { seed }
  switch (by) {
    case 'class':
      return whole.splitByClass({ test: share, ...seeded })
    case 'superClass':
      return whole.splitBySuperClass({ test: share, ...seeded })
    case 'withinClass':
      if (typeof share !== 'number') throw invalidOption('test', 'a fraction in (0, 1)', share)
      return whole.splitWithinClass({ test: share, ...seeded })
  }
}

/** The training half in two once more; errors name the option that asks for it. */
function withoutValidation(
  train: Dataset,
  split: SplitOptions,
  share: number | readonly string[],
): { train: Dataset; test: Dataset } {
  const option = 'data.split.validation'
  try {
    return divide(train, split, share)
  } catch (error) {
    if (!(error instanceof NPairError) || error.option !== 'test') throw error
    const text = error.message.replace('the test half', 'the validation part')
    const message =
      error.code === 'INVALID_OPTION'
        ? error.message.replace(' for test but ', ` for ${option} but `)
        : `The training half has nothing to spare for ${option}: ${text}. Leave more to it by data.split.test, or judge on the test half (${option}: 'test')`
    throw new NPairError(error.code, message, { option, cause: error })
  }
}

/**
 * What of a config's `data` judges: the test half, or all of it where nothing cuts it.
 *
 * @throws NPairError as the source and the split
 */
export async function loadJudged(options: DataOptions, hooks: LoadHooks = {}): Promise<Dataset> {
  if (ownHalves(options)) return loadSource({ ...options, half: 'test' }, hooks)
  const { rotatedClasses: _, ...unturned } = { rotatedClasses: undefined, ...options }
  const { train, test } = await loadData(unturned, hooks)
  return test ?? train
}

/** Whether a published set's own halves train and judge. */
function ownHalves(options: DataOptions): options is BenchmarkData {
  if (options.type !== 'benchmark' || options.half !== undefined) return false
  if (options.split !== undefined)
    throw invalidOption('data.split', 'none without data.half, as the set has its own halves,', options.split)
  return true
}

/** The source alone, whole. */
export async function loadSource(options: DataOptions, hooks: LoadHooks = {}): Promise<Dataset> {
  if (options.type === 'features') {
    const { type: _, split: __, path, ...rest } = options
    if (path === undefined) throw invalidOption('data.path', 'the path of a .npy file', path)
    return datasets.features(path, { ...rest, ...hooks })
  }
  if (options.type === 'benchmark') {
    const { type: _, split: __, rotatedClasses: ___, path, half = 'train', ...rest } = options
    if (path === undefined) throw invalidOption('data.path', 'the path of the images', path)
    return datasets.benchmark(path, { ...rest, half, ...hooks })
  }
  const { type, split: _, rotatedClasses: __, ...rest } = options
  const ingest = { ...rest, ...hooks }
  if (type === 'characters') return datasets.characters(ingest)
  const { path, ...others } = { path: undefined, ...ingest }
  if (path === undefined) throw invalidOption('data.path', 'the path of the images', path)
  return type === 'folder' ? datasets.folder(path, others) : datasets.omniglot(path, others)
}
