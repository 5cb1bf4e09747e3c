import { invalidOption } from '../errors.js'
import { imageFiles } from '../model/embedFiles.js'
import { requireSameModel } from '../model/identity.js'
import { Model } from '../model/model.js'
import type { Views } from '../model/views.js'
import type { Hit } from './indexOptions.js'
import { resolveCandidates } from './likelyHits.js'
import type { ApproximateRecall } from './recall.js'
import { Index } from './searchIndex.js'

/** What was found of images that were looked for, and how much of it such a search finds. */
export interface LikelyImages {
  /** Paths of the images with their hits, nearest first; ids are paths. */
  readonly found: readonly { readonly query: string; readonly hits: readonly Hit[] }[]
  /** Undefined for an index of less than 2 images. */
  readonly recall: ApproximateRecall | undefined
}

/**
 * Looks approximately for images in an index that `indexImages` saved with a graph.
 *
 * @param paths - images, or folders
 * @param options - hits of each; how many likely neighbours are scored, as of `Index.search`; who is told that an index is tied to no model; what the
 *   model sees an image in, by default as trained
 * @throws NPairError what `Model.load`, `Model.embed` and `Index.load` throw; `INDEX_MODEL` if the index is of another model;
 *   `INVALID_OPTION` if it has no graph, or is tied to no model and holds embeddings of another size
 */
export async function searchLikely(
  modelPath: string,
  folder: string,
  paths: readonly string[],
  options: { k: number; candidates?: number | undefined; views?: Partial<Views>; onNotice?: (notice: string) => void },
): Promise<LikelyImages> {
  const { k, onNotice } = options
  const candidates = resolveCandidates(k, options)
  const files = await imageFiles(paths)
  const index = await Index.load(folder, { approximate: true })
  try {
    const model = await Model.load(modelPath, options.views)
    try {
      if (index.model !== undefined) requireSameModel(index.model, model.identity)
      else onNotice?.(`${folder} is tied to no model: nobody checks that ${modelPath} made its embeddings`)
      if (index.size !== model.description.embeddingSize)
        throw invalidOption('model', `the one of the index, whose embeddings have ${index.size} numbers`, modelPath)
      const hits = await index.search(await model.embed(files), { k, approximate: { candidates } })
      return {
        found: files.map((query, i) => ({ query, hits: hits[i] as Hit[] })),
        recall: await recallOf(index, k, candidates),
      }
    } finally {
      await model.close()
    }
  } finally {
    await index.close()
  }
}

/** What was measured of the graph says it of fewer neighbours as well, but not of more, nor with other candidates. */
async function recallOf(index: Index, k: number, candidates: number): Promise<ApproximateRecall | undefined> {
  const measured = index.approximateRecall
  if (measured !== undefined && k <= measured.k && candidates === measured.candidates) return measured
  return index.count < 2 ? undefined : index.recall({}, { k, candidates })
}
