import type { Dataset, DatasetPlan } from '../data/dataset.js'
import { datasets } from '../data/datasets.js'
import type { TrainPlan } from './plan.js'

/** Where the data of a run is now. */
export interface MovedPaths {
  /** Where the data is now, if it was moved, and what lay at the same path: the data of validation, the test half. */
  readonly dataPath?: string
  /** Where the data of `validation` is now, if it was moved and lay elsewhere. */
  readonly validationPath?: string
}

/**
 * The dataset of a part of a plan, from where it is now: each path stands for that of one half of the plan, and for whatever lay
 * at the same path.
 *
 * @param part - of the plan: its `data`, `validation.data` or `test`
 * @throws NPairError as `datasets.fromPlan`
 */
export function movedDataset(
  part: DatasetPlan,
  { data, validation }: TrainPlan,
  { dataPath, validationPath }: MovedPaths,
): Promise<Dataset> {
  const asData = part.path === data.path ? dataPath : undefined
  const asValidation = part.path === validation?.data.path ? validationPath : undefined
  const path = part === validation?.data ? (asValidation ?? asData) : (asData ?? asValidation)
  return datasets.fromPlan(part, path === undefined ? {} : { path })
}
