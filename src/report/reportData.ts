import { join } from 'node:path'
import { writeFileAtomic } from '../files/atomic.js'
import type { EvaluationResult } from '../protocols/result.js'
import type { Confusions } from './confusions.js'
import type { EmbeddingMap } from './embeddingMap.js'
import { fromJson } from './fromJson.js'
import type { Gallery } from './gallery.js'
import { isRecord, readRecord } from './readRecord.js'

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
  const results = await readRecord(join(folder, 'results.json'), isResults, 'a list of results')
  const rest = await readRecord(
    join(folder, name),
    (value): value is Omit<ReportData, 'results'> & { readonly version: number } =>
      isRecord(value) && value.version === version && (value.baseline === undefined || isBaseline(value.baseline)),
    `version ${version}, the only one that this npair reads`,
  )
  const { version: _, baseline, ...data } = rest ?? { version }
  return {
    results: (results ?? []).map(fromJson),
    ...(baseline && { baseline: { ...baseline, results: baseline.results.map(fromJson) } }),
    ...data,
  }
}

function isResults(value: unknown): value is EvaluationResult[] {
  const parts = ['figures', 'counts', 'tables', 'curves'] as const
  const isResult = (result: unknown) =>
    isRecord(result) && parts.every((part) => isRecord(result[part])) && Array.isArray(result.notes)
  return Array.isArray(value) && value.every(isResult)
}

function isBaseline(value: unknown): boolean {
  return isRecord(value) && isResults(value.results)
}
