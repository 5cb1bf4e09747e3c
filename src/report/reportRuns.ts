import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { invalidOption, NPairError } from '../errors.js'
import { writeFileAtomic } from '../files/atomic.js'
import { loadDraw } from './draw.js'
import { writeReport } from './report.js'
import { readReportData } from './reportData.js'
import { type JudgedRun, readRun } from './runRecord.js'
import { renderRuns } from './runsPage.js'

/**
 * One run: makes its `report.html` again from what is in its folder. Several: a page that compares them.
 *
 * @param folders - run folders
 * @param output - where the comparison goes; a run's own report is always in its folder
 * @returns path of the page
 * @throws NPairError `NOT_FOUND` for a folder that holds no run; `INVALID_OPTION` for an output of a single run, and for a run
 *   given twice; `CHECKPOINT_CORRUPT` for records that are damaged; `NOT_WRITABLE`
 */
export async function reportRuns(folders: readonly string[], output?: string): Promise<string> {
  for (const folder of folders) await requireRun(folder)
  const [only, ...others] = folders
  if (only === undefined) throw invalidOption('runs', 'a run folder or more', folders)
  if (others.length === 0) {
    if (output !== undefined) throw invalidOption('--output', 'only several runs with it', output)
    return writeReport(only)
  }
  const paths = folders.map((folder) => resolve(folder))
  const twice = paths.findIndex((path, i) => paths.indexOf(path) < i)
  if (twice >= 0) throw invalidOption('runs', 'different folders', folders[twice])
  const names = shortNames(paths)
  const runs: JudgedRun[] = []
  for (const [i, path] of paths.entries())
    runs.push({ name: names[i] as string, run: await readRun(path), results: (await readReportData(path)).results })
  const path = output ?? 'compared.html'
  await writeFileAtomic(path, renderRuns(runs, await loadDraw()))
  return path
}

/** A run folder has its plan from its first moment. */
async function requireRun(folder: string): Promise<void> {
  try {
    await stat(`${folder}/config.json`)
  } catch (error) {
    throw new NPairError('NOT_FOUND', `${folder} holds no run: ${(error as Error).message}`, { cause: error })
  }
}

/** What is left of paths without the folders that they share. */
function shortNames(paths: readonly string[]): string[] {
  const split = paths.map((path) => path.split('/'))
  let shared = 0
  while (split.every((parts) => parts.length > shared + 1 && parts[shared] === split[0]?.[shared])) shared++
  return split.map((parts) => parts.slice(shared).join('/'))
}
