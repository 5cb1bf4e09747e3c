import { type Batch, batchRows } from '../config/batch.js'
import { NPairError } from '../errors.js'
import type { LossPlan } from '../losses/create.js'

/**
 * Refuses what is no batch: a sampler of the user's own may give anything, and it would train, and train nonsense.
 *
 * @param labels - of each image id, −1 where the data does not have the image
 */
export function checkBatch(
  ids: Int32Array,
  labels: Int32Array,
  { batch, loss }: { readonly batch: Batch; readonly loss: LossPlan },
  step: number,
): Int32Array {
  const refuse = (expected: string, received: string) =>
    new NPairError('INVALID_OPTION', `Expected ${expected} from sampler.batch(${step}) but received ${received}`, {
      option: 'sampler',
    })
  const rows = batchRows(batch)
  if (!(ids instanceof Int32Array) || ids.length !== rows)
    throw refuse(
      `an Int32Array of ${rows} image ids`,
      `${(ids as Int32Array | undefined)?.constructor?.name ?? typeof ids} of length ${(ids as Int32Array | undefined)?.length}`,
    )
  const stranger = ids.find((id) => (labels[id] ?? -1) < 0)
  if (stranger !== undefined) throw refuse('ids of images of the dataset', `${stranger}`)
  const label = (row: number) => labels[ids[row] as number] as number

  // Columns of images of one class, one below the other: pairs have two, tuplets too, before their negatives.
  const columns = 'pairs' in batch ? batch.pairs : batch.type === 'tuplets' ? batch.tuplets : batch.classes
  const height = 'type' in batch && batch.type === 'classBalanced' ? batch.imagesPerClass : 2
  const mayRepeat = 'sameClass' in loss && loss.sameClass !== 'error'
  const seen = new Set<number>()
  for (let column = 0; column < columns; column++) {
    const own = Array.from({ length: height }, (_, k) => ids[k * columns + column] as number)
    const strange = own.find((id, k) => labels[id] !== label(column) || own.indexOf(id) < k)
    if (strange !== undefined)
      throw refuse(
        height === 2 ? 'two images of one class in each row' : `${height} images of one class in each row`,
        `images ${own.join(height === 2 ? ' and ' : ', ')} in row ${column}`,
      )
    if (seen.has(label(column)) && !mayRepeat)
      throw refuse('each class in one row', `the class of image ${own[0]} in two`)
    seen.add(label(column))
  }
  if ('type' in batch && batch.type === 'tuplets')
    for (let row = 2 * columns; row < rows; row++)
      if (label(row) === label(row % columns))
        throw refuse('negatives of other classes', `image ${ids[row]} for image ${ids[row % columns]}`)
  return ids
}
