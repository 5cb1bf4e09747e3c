import { rename } from 'node:fs/promises'
import { NPairError } from '../errors.js'
import { notWritable, removeFolder } from '../files/atomic.js'
import { type CheckpointState, checkpointFolder, listCheckpoints, lookAtCheckpoint } from './checkpoint.js'
import type { TrainPlan } from './plan.js'

/** Where a run goes on. */
export interface WholeCheckpoint {
  readonly from: CheckpointState
  /** Steps of newer checkpoints that cannot be read, the newest first, with what is wrong. */
  readonly damaged: readonly (readonly [step: number, what: string])[]
}

/**
 * The newest checkpoint of a run that is whole; undefined where there is none at all. Nothing is changed.
 *
 * @param upTo - none after this step, unless there are no others
 * @throws NPairError `CHECKPOINT_CORRUPT` if all are damaged, naming the newest; for one of another plan or of a newer version, before
 *   any older one is looked at
 */
export async function newestWhole(
  run: string,
  plan: TrainPlan,
  upTo = Number.POSITIVE_INFINITY,
): Promise<WholeCheckpoint | undefined> {
  const damaged: [number, string][] = []
  const steps = await listCheckpoints(run)
  const before = steps.filter((step) => step <= upTo)
  for (const step of (before.length > 0 ? before : steps.slice(0, 1)).reverse()) {
    const { state, damage } = await lookAtCheckpoint(run, step, plan)
    if (state) return { from: state, damaged }
    damaged.push([step, damage])
  }
  const [newest] = damaged
  if (newest === undefined) return undefined
  const [step, what] = newest
  throw new NPairError(
    'CHECKPOINT_CORRUPT',
    `${checkpointFolder(run, step)}: ${what}. No checkpoint before it is whole: delete all of them to begin again at the first step.`,
  )
}

/**
 * Takes damaged checkpoints out of the way, so that they do not count as the newest: the next ones would be deleted for their
 * sake. Their files are kept, under the name with `.damaged` behind it.
 *
 * @returns what happened, for people; undefined where none is damaged
 * @throws NPairError `NOT_WRITABLE`
 */
export async function setAside(run: string, { from, damaged }: WholeCheckpoint): Promise<string | undefined> {
  for (const [step] of damaged) {
    const folder = checkpointFolder(run, step)
    await removeFolder(`${folder}.damaged`)
    await notWritable(folder, () => rename(folder, `${folder}.damaged`))
  }
  const [newest] = damaged
  if (newest === undefined) return undefined
  const told = damaged.map(
    ([step, what]) =>
      `the checkpoint of step ${step} is damaged (${what}) and kept as ${checkpointFolder(run, step)}.damaged`,
  )
  return `${run} goes on from step ${from.step}: ${told.join('; ')}. What was trained up to step ${newest[0]} is trained again`
}
