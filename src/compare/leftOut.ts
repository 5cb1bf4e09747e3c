import { isDeepStrictEqual } from 'node:util'
import type { ResolvedTrainConfig, TrainConfig } from '../config/trainConfig.js'

/**
 * What a config asks for and no run of the comparison is, in sentences.
 *
 * @param loss - of the config, with its defaults filled in; undefined where it names none
 */
export function leftOut(
  {
    seed,
    keepCheckpoints = 1,
    whiten,
    validation,
  }: Pick<TrainConfig, 'seed' | 'keepCheckpoints' | 'whiten' | 'validation'>,
  loss: ResolvedTrainConfig['train']['loss'] | undefined,
  seeds: readonly number[],
  runs: readonly ResolvedTrainConfig[],
): string[] {
  const notes: string[] = []
  if (seed !== undefined && !seeds.includes(seed))
    notes.push(`seed ${seed} was left out: the runs have those of compare.seeds (${seeds.join(', ')}).`)
  if (keepCheckpoints !== 1) notes.push(`keepCheckpoints ${keepCheckpoints} was left out: every run keeps one.`)
  if (loss && !runs.some(({ train }) => isDeepStrictEqual(train.loss, loss)))
    notes.push(
      `loss (${loss.type}) was left out: methods have losses of their own, and none has this one; ` +
        'a method in compare.methods may have it.',
    )
  if (whiten) notes.push('whiten was left out: the networks are judged as they were trained, unwhitened.')
  if (validation?.every !== undefined) notes.push('validation.every was left out: every run is judged ten times.')
  return notes
}
