import { basename, join, resolve } from 'node:path'
import type { EvaluationResult } from '../protocols/result.js'
import {
  type MetricsLine,
  type RollbackMetrics,
  readMetrics,
  type StepMetrics,
  type ValidationMetrics,
} from '../train/metricsLog.js'
import { fromJson } from './fromJson.js'
import { isRecord, readRecord } from './readRecord.js'

/** What a run folder tells of itself; what it lacks is empty. */
export interface RunRecord {
  /** Last part of the folder's path. */
  name: string
  /** config.json. */
  config: Readonly<Record<string, unknown>>
  /** environment.json. */
  environment: Readonly<Record<string, unknown>>
  steps: StepMetrics[]
  validations: ValidationMetrics[]
  /** Where a guard went back to. */
  rollbacks: RollbackMetrics[]
}

/** A run and its results, as its folder holds them. */
export interface JudgedRun {
  /** What it is called on the page; no two alike. */
  name: string
  run: RunRecord
  results: readonly EvaluationResult[]
}

/**
 * Reads config.json, environment.json and metrics.jsonl of a run folder, as far as they are there.
 *
 * @throws NPairError `CHECKPOINT_CORRUPT` for a file that is not what npair writes
 */
export async function readRun(folder: string): Promise<RunRecord> {
  const read = async (name: string) => (await readRecord(join(folder, name), isRecord, 'an object')) ?? {}
  const lines = await readMetrics(folder).catch((error: Error): MetricsLine[] => {
    if ((error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return []
    throw error
  })
  const validations = lines.filter((line): line is ValidationMetrics => 'validation' in line)
  return {
    name: basename(resolve(folder)),
    config: await read('config.json'),
    environment: await read('environment.json'),
    steps: lines.filter((line): line is StepMetrics => 'loss' in line),
    validations: validations.map((line) => ({ ...line, validation: fromJson(line.validation) })),
    rollbacks: lines.filter((line): line is RollbackMetrics => 'rollback' in line),
  }
}
