import { join } from 'node:path'
import type { Dataset } from '../data/dataset.js'
import { create, type ProtocolOptions } from '../protocols/create.js'
import type { Embedder } from '../protocols/protocol.js'
import type { EvaluationResult } from '../protocols/result.js'
import { writeFileAtomic } from '../train/atomic.js'
import { gallery } from './gallery.js'
import { writeReport } from './report.js'

/** Fewest classes for 10 folds of two. */
const foldableClasses = 20

/**
 * The protocols that fit a dataset: Recall@K and verification where there are classes enough for folds, 20-way one-shot (or
 * as many ways as the smallest super-class allows).
 */
export function fittingProtocols(dataset: Dataset): ProtocolOptions[] {
  const classes = dataset.classes.length
  const perSuperClass = new Map<number, number>()
  for (let c = 0; c < classes; c++) {
    const group = dataset.superClassOf[c] ?? 0
    perSuperClass.set(group, (perSuperClass.get(group) ?? 0) + 1)
  }
  const ways = Math.min(20, ...perSuperClass.values())
  return [
    ...(ways >= 2 ? [{ type: 'oneShot' as const, ways }] : []),
    { type: 'retrieval' as const },
    ...(classes >= 4
      ? [{ type: 'verification' as const, folds: classes >= foldableClasses ? 10 : Math.floor(classes / 2) }]
      : []),
  ]
}

/**
 * Judges a model on images that it was not trained on and writes `results.json` and `report.html` into the run folder.
 *
 * @param run - the run folder, finished
 */
export async function judgeRun(run: string, embedder: Embedder, dataset: Dataset): Promise<EvaluationResult[]> {
  const embeddings = await embedder.embedDataset(dataset)
  const results = fittingProtocols(dataset).map((options) => create(options, dataset).judge(embeddings))
  await writeFileAtomic(join(run, 'results.json'), `${JSON.stringify(results, null, 2)}\n`)
  await writeReport(run, { results, gallery: await gallery(dataset, embeddings) })
  return results
}
