import { basename, join, resolve } from 'node:path'
import { type CompareConfig, type Comparison, checkCompareConfig } from '../compare/compareConfig.js'
import { type CellHooks, runCells } from '../compare/runCells.js'
import { type ComparisonSummary, summarise } from '../compare/summary.js'
import { requireHooks } from '../config/requireHooks.js'
import { loadData } from '../data/load.js'
import { NPairError } from '../errors.js'
import { writeFileAtomic } from '../files/atomic.js'
import { create, type ProtocolOptions } from '../protocols/create.js'
import { requireFigure } from '../protocols/decidingFigure.js'
import { formatComparison, renderComparison } from './comparisonPage.js'
import { loadDraw } from './draw.js'
import { fittingProtocols } from './judgeRun.js'

/** What comes with a comparison but is no part of it. */
export interface CompareHooks extends CellHooks {
  /** While the images are read, the first time. */
  readonly onImages?: (done: number, total: number) => void
}

/**
 * Trains methods on the same data, several seeds each, and sets their figures side by side: what `npair compare` does.
 *
 * The folder `output` holds an ordinary run a method and seed. Those that are finished are not run again and one that was
 * stopped goes on, so the same call continues a comparison, and may ask for more methods or seeds than before. It gets
 * `comparison.json`, which is what is returned, and `comparison.html`, a page of the table and the curves.
 *
 * @throws NPairError `INVALID_OPTION`, `LAYER_SHAPE`; `DATA_…` as the source; `DATA_CLASSES` where no protocol fits the test half;
 *   `OUTPUT_EXISTS` where the folder holds a run of the same name and another config; `ABORTED`; as `train`, naming the run
 */
export async function compare(config: CompareConfig, hooks: CompareHooks = {}): Promise<ComparisonSummary> {
  const { onRun, onProgress, onNotice, onImages, signal } = hooks
  requireHooks({ onRun, onProgress, onNotice, onImages, signal })
  const { summary } = await runComparison(await checkCompareConfig(config), hooks)
  return summary
}

/** {@link compare} of a config that was checked, and its table for the terminal. */
export async function runComparison(
  comparison: Comparison,
  { onImages, ...hooks }: CompareHooks = {},
): Promise<{ readonly text: string; readonly summary: ComparisonSummary }> {
  const { output, data } = comparison
  const { signal } = hooks
  const { train, test } = await loadData(data, {
    ...(onImages && { onProgress: onImages }),
    ...(signal && { signal }),
  })
  // checkCompareConfig asks for the split.
  if (test === undefined) throw new NPairError('DATA_CLASSES', 'There is no test half to compare on')
  const { protocol = fittingProtocols(test)[0], ...rest } = { protocol: undefined, ...comparison.judging }
  if (protocol === undefined)
    throw new NPairError('DATA_CLASSES', 'No protocol fits the test half: it needs two classes of two images or more')
  const judged: ProtocolOptions = protocol.type === 'clustering' ? protocol : { bootstrap: 0, ...protocol }
  const judging = { ...rest, protocol: judged }
  // Before there are runs that were asked for it.
  if (judging.figure !== undefined) await requireFigure(create(judging.protocol, test), judging.figure)
  await runCells(comparison, { train, test }, judging, hooks)
  const summary = await summarise(comparison, train)
  const page = join(output, 'comparison.html')
  await writeFileAtomic(join(output, 'comparison.json'), `${JSON.stringify(summary, null, 2)}\n`)
  await writeFileAtomic(page, renderComparison(summary, basename(resolve(output)), await loadDraw()))
  return { text: `${formatComparison(summary)}\n\npage: ${page}`, summary }
}
