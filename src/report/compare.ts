import { basename, join, resolve } from 'node:path'
import type { Comparison } from '../compare/compareConfig.js'
import { type CompareHooks, runCells } from '../compare/runCells.js'
import { type ComparisonSummary, summarise } from '../compare/summary.js'
import { loadData } from '../data/load.js'
import { NPairError } from '../errors.js'
import { writeFileAtomic } from '../files/atomic.js'
import { formatComparison, renderComparison } from './comparisonPage.js'
import { loadDraw } from './draw.js'
import { fittingProtocols } from './judgeRun.js'

/**
 * Trains what of a comparison is not trained yet and writes `comparison.json` and `comparison.html` into its folder.
 *
 * @throws NPairError `DATA_CLASSES` where no protocol fits the test half; as `loadData` and `runCells`
 */
export async function compare(
  comparison: Comparison,
  { onImages, ...hooks }: CompareHooks & { readonly onImages?: (done: number, total: number) => void } = {},
): Promise<{ readonly text: string; readonly summary: ComparisonSummary }> {
  const { output, data } = comparison
  const { signal } = hooks
  const { train, test } = await loadData(data, {
    ...(onImages && { onProgress: onImages }),
    ...(signal && { signal }),
  })
  // checkCompareConfig asks for the split.
  if (test === undefined) throw new NPairError('DATA_CLASSES', 'There is no test half to compare on')
  const protocol = comparison.protocol ?? fittingProtocols(test)[0]
  if (protocol === undefined)
    throw new NPairError('DATA_CLASSES', 'No protocol fits the test half: it needs two classes of two images or more')
  await runCells(comparison, { train, test }, { bootstrap: 0, ...protocol }, hooks)
  const summary = await summarise(comparison, train)
  const page = join(output, 'comparison.html')
  await writeFileAtomic(join(output, 'comparison.json'), `${JSON.stringify(summary, null, 2)}\n`)
  await writeFileAtomic(page, renderComparison(summary, basename(resolve(output)), await loadDraw()))
  return { text: `${formatComparison(summary)}\n\npage: ${page}`, summary }
}
