import { readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { type RollbackMetrics, readMetrics, type StepMetrics, type ValidationMetrics } from '../train/metricsLog.js'

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

/** Reads config.json, environment.json and metrics.jsonl of a run folder, as far as they are there. */
export async function readRun(folder: string): Promise<RunRecord> {
  const missing = <T>(instead: T) => {
    return (error: NodeJS.ErrnoException): T => {
      if (error.code === 'ENOENT') return instead
      throw error
    }
  }
  const read = (name: string) => readFile(join(folder, name), 'utf8').catch(missing('{}'))
  const lines = await readMetrics(folder).catch(missing<Awaited<ReturnType<typeof readMetrics>>>([]))
  return {
    name: basename(resolve(folder)),
    config: JSON.parse(await read('config.json')),
    environment: JSON.parse(await read('environment.json')),
    steps: lines.filter((line): line is StepMetrics => 'loss' in line),
    validations: lines.filter((line): line is ValidationMetrics => 'validation' in line),
    rollbacks: lines.filter((line): line is RollbackMetrics => 'rollback' in line),
  }
}
