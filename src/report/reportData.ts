import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { NPairError } from '../errors.js'
import { writeFileAtomic } from '../files/atomic.js'
import type { EvaluationResult } from '../protocols/result.js'
import type { Confusions } from './confusions.js'
import type { EmbeddingMap } from './embeddingMap.js'
import type { Gallery } from './gallery.js'

/** What a report shows beyond the run folder's own records. */
export interface ReportData {
  /** Results on data that was not trained on. */
  results: readonly EvaluationResult[]
  /** The same protocols on something to compare with, for example untrained pixels. */
  baseline?: { name: string; results: readonly EvaluationResult[] }
  gallery?: Gallery
  confusions?: Confusions
  map?: EmbeddingMap
}

/** Name in a run folder of all but the results, which stand in `results.json`. */
const name = 'report.json'
/** Of the form of `report.json`. */
const version = 1

/**
 * Writes `results.json` and `report.json` into a run folder: all that its report is made of, so that it can be made again
 * without model and images.
 *
 * @throws NPairError `NOT_WRITABLE`
 */
export async function saveReportData(folder: string, { results, ...rest }: ReportData): Promise<void> {
  await writeFileAtomic(join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`)
  await writeFileAtomic(join(folder, name), `${JSON.stringify({ version, ...rest })}\n`)
}

/**
 * What was saved of a run; of one that was not judged, no results.
 *
 * @throws NPairError `CHECKPOINT_CORRUPT` for a file that is not what npair writes
 */
export async function readReportData(folder: string): Promise<ReportData> {
  const [results, rest] = [await read(join(folder, 'results.json')), await read(join(folder, name))]
  if (results !== undefined && !Array.isArray(results))
    throw unreadable(join(folder, 'results.json'), 'a list of results')
  if (rest !== undefined && (rest as { version?: unknown }).version !== version)
    throw unreadable(join(folder, name), `version ${version}, the only one that this npair reads`)
  const { version: _, ...data } = (rest ?? {}) as { version?: number } & Omit<ReportData, 'results'>
  return { results: (results ?? []) as EvaluationResult[], ...data }
}

async function read(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw unreadable(path, 'JSON', error)
  }
}

function unreadable(path: string, expected: string, cause?: unknown): NPairError {
  return new NPairError('CHECKPOINT_CORRUPT', `${path} is not what npair wrote: expected ${expected}`, { cause })
}
