import type { Dataset } from '../data/dataset.js'
import { isFeatures } from '../data/featureIngest.js'
import { NPairError } from '../errors.js'
import { create, type ProtocolOptions } from '../protocols/create.js'
import { evaluate } from '../protocols/evaluate.js'
import { featureBaseline } from '../protocols/featureBaseline.js'
import { pixelBaseline } from '../protocols/pixelBaseline.js'
import type { Embedder } from '../protocols/protocol.js'
import type { EvaluationResult } from '../protocols/result.js'
import { looks } from './looks.js'
import { writeReport } from './report.js'
import { type ReportData, saveReportData } from './reportData.js'

/** Fewest classes for 10 folds of two. */
const foldableClasses = 20
/** Most multiplications that the retrieval of untrained pixels or features may take, about 20 s: their rows are long. */
const mostBaselineWork = 8e9

/** Most pairs of an image and a class that the search of identification may compare, about 20 s for 128 numbers. */
const mostSearched = 1e8

/**
 * The protocols that fit a dataset: Recall@K, identification (closed and open set) where there are four classes and it does
 * not take too long, verification where there are classes enough for folds, 20-way one-shot (or as many ways as the smallest
 * super-class allows). Classes of a single image count for none of them.
 */
export function fittingProtocols(dataset: Dataset): ProtocolOptions[] {
  const sizes = dataset.byClass().map((images) => images.length)
  const usable = sizes.filter((images) => images >= 2).length
  const perSuperClass = new Map<number, number>()
  sizes.forEach((images, c) => {
    const group = dataset.superClassOf[c] ?? 0
    perSuperClass.set(group, (perSuperClass.get(group) ?? 0) + (images >= 2 ? 1 : 0))
  })
  const playable = [...perSuperClass.values()].filter((classes) => classes >= 2)
  const some = playable.length < perSuperClass.size
  return [
    ...(playable.length > 0
      ? [{ type: 'oneShot' as const, ways: Math.min(20, ...playable), ...(some && { fewerWays: 'skip' as const }) }]
      : []),
    ...(usable >= 1 && sizes.length >= 2 ? [{ type: 'retrieval' as const }] : []),
    ...(usable >= 4 && sizes.length * dataset.length <= mostSearched ? [{ type: 'identification' as const }] : []),
    ...(usable >= 4
      ? [{ type: 'verification' as const, folds: usable >= foldableClasses ? 10 : Math.floor(usable / 2) }]
      : []),
  ]
}

/** What a judgement found, and what stands beside it. */
export interface Judgement {
  readonly results: readonly EvaluationResult[]
  /** The same protocols on untrained pixels or features; without retrieval and identification where that is too much work. */
  readonly baseline: NonNullable<ReportData['baseline']>
}

/**
 * Judges a model on images that it was not trained on and writes `results.json`, `report.json` and `report.html` into the
 * run folder.
 *
 * @param run - the run folder, finished
 * @param options.notes - what a reader of any of the results must know
 * @throws NPairError `NON_FINITE`; `ABORTED`; `NOT_WRITABLE`
 */
export async function judgeRun(
  run: string,
  embedder: Embedder,
  dataset: Dataset,
  { signal, notes = [] }: { readonly signal?: AbortSignal; readonly notes?: readonly string[] } = {},
): Promise<Judgement> {
  const options = fittingProtocols(dataset)
  const embeddings = await embedder.embedDataset(dataset)
  const seen = { ...(embedder.views && { views: embedder.views }), embedDataset: async () => embeddings }
  const judged = await judgeAll(options, dataset, seen, signal)
  const results = judged.map((result) => ({ ...result, notes: [...notes, ...result.notes] }))
  const features = isFeatures(dataset.pack.ingest)
  const untrained = await (features ? featureBaseline : pixelBaseline).embedDataset(dataset)
  const affordable = untrained.count * untrained.data.length <= mostBaselineWork
  const compared = options.filter(({ type }) => affordable || (type !== 'retrieval' && type !== 'identification'))
  const baseline = {
    name: features ? 'untrained features' : 'untrained pixels',
    results: await judgeAll(compared, dataset, { embedDataset: async () => untrained }, signal),
  }
  await saveReportData(run, { results, baseline, ...(await looks(dataset, embeddings)) })
  await writeReport(run)
  return { results, baseline }
}

async function judgeAll(
  options: readonly ProtocolOptions[],
  dataset: Dataset,
  embedder: Embedder,
  signal: AbortSignal | undefined,
): Promise<EvaluationResult[]> {
  const results: EvaluationResult[] = []
  for (const protocol of options) {
    // A turn of the event loop, in which Ctrl-C is noticed.
    await new Promise(setImmediate)
    if (signal?.aborted) throw new NPairError('ABORTED', 'Stopped while the finished model was judged')
    results.push(await evaluate(embedder, create(protocol, dataset)))
  }
  return results
}
