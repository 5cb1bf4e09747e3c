import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { NPairError } from '../errors.js'
import { notWritable, removeFolder, writeFileAtomic, writeFolderAtomic } from '../files/atomic.js'
import { sha256 } from '../files/sha256.js'
import type { Mined } from '../mining/batchSource.js'
import type { RollbackMetrics } from './metricsLog.js'
import { planHash, type TrainPlan } from './plan.js'

/** The best judgement of a run so far. */
export interface Best {
  /** Steps done when it was judged. */
  readonly step: number
  readonly value: number
}

/** What a checkpoint holds beside the tensors. */
export interface CheckpointState {
  /** 1 had no checksum, and another `plan` where a guard goes back. */
  readonly format: 1 | 2
  /** Steps done. */
  readonly step: number
  /** The plan that it belongs to, see `planHash`. */
  readonly plan: string
  /** Length of metrics.jsonl at that step: what was written later is cut off when the run goes on. */
  readonly metricsBytes: number
  readonly best?: Best
  /** How often the guard went back before it. */
  readonly rollbacks?: number
  /** Steps that the guard skipped: all of them, and those in a row up to here. */
  readonly skipped?: { readonly count: number; readonly inARow: number }
  /** What the metrics say of the guard's returns so far; checkpoints of an older npair lack some of them. */
  readonly returns?: readonly RollbackMetrics[]
  /** The judgement that is due after its steps failed, or was not over when this was written: it is still to be made. */
  readonly unjudged?: boolean
  /** Classes mined for this step and the next ones, where not all of their batches were taken. */
  readonly mined?: Mined
  /** SHA-256 of every other file. */
  readonly files: Readonly<Record<string, string>>
  /** SHA-256 of the JSON of all this without it. */
  readonly checksum?: string
}

const newest = 2

/** `checkpoints/step-000120` of a run folder. */
export function checkpointFolder(run: string, step: number): string {
  return join(run, 'checkpoints', `step-${String(step).padStart(6, '0')}`)
}

/** The weights of the best model so far within a checkpoint: `best/` of the run folder may be newer, or gone after a crash. */
export const bestWeights = 'best.safetensors'

/**
 * Steps of which the run folder holds a checkpoint, rising. Temporary folders of interrupted writers do not count.
 *
 * @throws NPairError `NOT_FOUND` if the folder of checkpoints cannot be read
 */
export async function listCheckpoints(run: string): Promise<number[]> {
  const names = await readdir(join(run, 'checkpoints')).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new NPairError('NOT_FOUND', `Cannot read ${join(run, 'checkpoints')}: ${error.message}`, { cause: error })
  })
  return names
    .flatMap((name) => /^step-(\d{6,})$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
}

/**
 * Writes a checkpoint, whole or not at all, then deletes all but the newest ones.
 *
 * @param keep - how many, and the step of one more that stays
 * @param saveTensors - writes the engine's files into the folder it is given
 */
export async function writeCheckpoint(
  run: string,
  state: Omit<CheckpointState, 'format' | 'files' | 'checksum'>,
  keep: { readonly newest: number; readonly also?: number },
  saveTensors: (folder: string) => Promise<void>,
): Promise<void> {
  await writeFolderAtomic(checkpointFolder(run, state.step), async (folder) => {
    await saveTensors(folder)
    const files = await notWritable(folder, async () => {
      const names = (await readdir(folder)).sort()
      return Object.fromEntries(
        await Promise.all(names.map(async (name) => [name, await sha256(join(folder, name))] as const)),
      )
    })
    await writeFileAtomic(
      join(folder, 'state.json'),
      `${JSON.stringify(withChecksum({ format: newest, ...state, files }), null, 2)}\n`,
    )
  })
  const old = (await listCheckpoints(run)).slice(0, -keep.newest)
  for (const step of old) if (step !== keep.also) await removeFolder(checkpointFolder(run, step))
}

/** The state with the checksum of what is in it. */
export function withChecksum(state: Omit<CheckpointState, 'checksum'>): CheckpointState {
  return { ...state, checksum: createHash('sha256').update(JSON.stringify(state)).digest('hex') }
}

/** A whole checkpoint, or what is wrong with one. */
export type CheckpointLook =
  | { readonly state: CheckpointState; readonly damage?: never }
  | { readonly state?: never; readonly damage: string }

/**
 * Looks at every file of a checkpoint. One of another plan or of a newer version is whole, and no older one may stand for it.
 *
 * @throws NPairError `CHECKPOINT_CORRUPT` naming both versions, or that it belongs to another plan
 */
export async function lookAtCheckpoint(run: string, step: number, plan: TrainPlan): Promise<CheckpointLook> {
  const folder = checkpointFolder(run, step)
  const altered = { damage: 'state.json is altered' }
  const text = await readFile(join(folder, 'state.json'), 'utf8').catch(() => undefined)
  if (text === undefined) return { damage: 'state.json is missing' }
  let state: CheckpointState
  try {
    state = JSON.parse(text)
  } catch {
    return { damage: 'state.json is cut off or altered' }
  }
  const format: unknown = state?.format
  if (format !== 1 && format !== newest) {
    const damage = `it has format ${format}, and this npair reads formats 1 and ${newest}`
    if (!Number.isSafeInteger(format) || (format as number) < newest) return { damage }
    throw new NPairError('CHECKPOINT_CORRUPT', `${folder}: ${damage}. Go on with the npair that wrote it.`)
  }
  const { checksum, ...rest } = state
  if (checksum !== (format === 1 ? undefined : withChecksum(rest).checksum))
    return { damage: 'state.json does not match its checksum (altered)' }
  if (state.plan !== planHash(plan, format))
    throw new NPairError(
      'CHECKPOINT_CORRUPT',
      `${folder}: it belongs to another plan than config.json. Put back the config.json that the run was started with.`,
    )
  const { metricsBytes, best, rollbacks = 0, skipped = { count: 0, inARow: 0 }, returns = [], files } = state
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0
  const isBest = best === undefined || (isCount(best?.step) && typeof best?.value === 'number')
  const isFiles = typeof files === 'object' && files !== null && Object.keys(files).every((name) => !/[/\\]/.test(name))
  const areCounts = [metricsBytes, rollbacks, skipped?.count, skipped?.inARow].every(isCount)
  if (!areCounts || !isBest || !isFiles || !Array.isArray(returns)) return altered
  const needed = ['weights.safetensors', 'optimizer.safetensors', ...(best ? [bestWeights] : [])]
  if (state.step !== step || !needed.every((name) => typeof files[name] === 'string')) return altered
  for (const [name, expected] of Object.entries(files)) {
    const found = await sha256(join(folder, name)).catch(() => undefined)
    if (found === undefined) return { damage: `${name} is missing` }
    if (found !== expected) return { damage: `${name} does not match its checksum (truncated or altered)` }
  }
  return { state }
}
