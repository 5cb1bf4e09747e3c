import type { DataOptions } from '../config/data.js'
import { within } from '../config/within.js'
import { invalidOption } from '../errors.js'
import type { Dataset } from './dataset.js'
import { datasets } from './datasets.js'

/** The two halves of what a config's `data` describes. */
export interface Halves {
  readonly train: Dataset
  /** Missing where the config asks for no split. */
  readonly test?: Dataset
}

/** What comes with loading but is no part of the data. */
export interface LoadHooks {
  readonly onProgress?: (done: number, total: number) => void
  readonly signal?: AbortSignal
}

/**
 * Loads the source that a config's `data` describes, splits it, and turns the training half's classes where that is asked for.
 *
 * @throws NPairError as the source and the split
 */
export async function loadData(options: DataOptions, hooks: LoadHooks = {}): Promise<Halves> {
  const whole = await loadSource(options, hooks)
  const { split } = options
  const rotatedClasses = 'rotatedClasses' in options && options.rotatedClasses === true
  if (split === undefined) return { train: rotatedClasses ? whole.rotatedClasses() : whole }
  const seeded = split.seed === undefined ? {} : { seed: split.seed }
  const { train, test } = within('data.split', () => {
    switch (split.by) {
      case 'class':
        return whole.splitByClass({ test: split.test, ...seeded })
      case 'superClass':
        return whole.splitBySuperClass({ test: split.test, ...seeded })
      case 'withinClass':
        if (typeof split.test !== 'number') throw invalidOption('test', 'a fraction in (0, 1)', split.test)
        return whole.splitWithinClass({ test: split.test, ...seeded })
    }
  })
  return { train: rotatedClasses ? train.rotatedClasses() : train, test }
}

/** The source alone, whole. */
export async function loadSource(options: DataOptions, hooks: LoadHooks = {}): Promise<Dataset> {
  if (options.type === 'features') {
    const { type: _, split: __, path, ...rest } = options
    if (path === undefined) throw invalidOption('data.path', 'the path of a .npy file', path)
    return datasets.features(path, { ...rest, ...hooks })
  }
  const { type, split: _, rotatedClasses: __, ...rest } = options
  const ingest = { ...rest, ...hooks }
  if (type === 'characters') return datasets.characters(ingest)
  const { path, ...others } = { path: undefined, ...ingest }
  if (path === undefined) throw invalidOption('data.path', 'the path of the images', path)
  return type === 'folder' ? datasets.folder(path, others) : datasets.omniglot(path, others)
}
