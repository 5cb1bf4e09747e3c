import type { DataOptions } from '../config/data.js'
import { NPairError } from '../errors.js'
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
  const { split, rotatedClasses = false } = options
  if (split === undefined) return { train: rotatedClasses ? whole.rotatedClasses() : whole }
  const seeded = split.seed === undefined ? {} : { seed: split.seed }
  const { train, test } = (() => {
    switch (split.by) {
      case 'class':
        return whole.splitByClass({ test: names(split.test), ...seeded })
      case 'superClass':
        return whole.splitBySuperClass({ test: names(split.test), ...seeded })
      case 'withinClass':
        if (typeof split.test !== 'number')
          throw new NPairError(
            'INVALID_OPTION',
            'Expected a fraction for data.split.test with by: withinClass, but received a list of names',
            { option: 'data.split.test' },
          )
        return whole.splitWithinClass({ test: split.test, ...seeded })
    }
  })()
  return { train: rotatedClasses ? train.rotatedClasses() : train, test }
}

/** The source alone, whole. */
export async function loadSource(options: DataOptions, hooks: LoadHooks = {}): Promise<Dataset> {
  const { type, split: _, rotatedClasses: __, ...rest } = options
  const ingest = {
    ...rest,
    ...hooks,
    size: typeof rest.size === 'number' ? rest.size : ([...rest.size] as [number, number]),
  }
  if (type === 'characters') return datasets.characters(ingest)
  const { path, ...others } = { path: undefined, ...ingest }
  if (path === undefined)
    throw new NPairError('INVALID_OPTION', 'Expected a path for data.path', { option: 'data.path' })
  return type === 'folder' ? datasets.folder(path, others) : datasets.omniglot(path, others)
}

function names(test: number | readonly string[]): number | string[] {
  return typeof test === 'number' ? test : [...test]
}
