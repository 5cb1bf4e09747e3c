import { invalidOption } from '../errors.js'
import type { BundleDescription } from '../model/description.js'
import { imageFiles } from '../model/embedFiles.js'
import { type ModelIdentity, requireSameModel } from '../model/identity.js'
import { Model } from '../model/model.js'
import type { Views } from '../model/views.js'
import type { Metric } from '../native/gallery.js'
import type { Hit } from './indexOptions.js'
import { resolveCandidates } from './likelyHits.js'
import type { ApproximateRecall } from './recall.js'
import { Index } from './searchIndex.js'

/** Images that were looked for, and what is most like each. */
export interface ImagesFound {
  /** Paths of the images with their hits, nearest first; ids are paths. */
  readonly found: readonly { readonly query: string; readonly hits: readonly Hit[] }[]
  /** Whether only likely neighbours were looked at. */
  readonly approximate: boolean
  /** How much of it such a search finds; undefined of an exact one, and for an index of less than 2 images. */
  readonly recall: ApproximateRecall | undefined
  /** How the model wants images. */
  readonly ingest: BundleDescription['ingest']
  /** What scores are, and of which model. */
  readonly index: { readonly metric: Metric; readonly model: ModelIdentity | undefined }
}

/** Options of {@link searchImages}. */
export interface ImageSearch {
  /** Hits of each. */
  readonly k: number
  /** Whether only likely neighbours are scored, and how many, as of `Index.search`. Default: all of them are. */
  readonly approximate?: { readonly candidates?: number | undefined } | undefined
  /** What the model sees an image in. Default: as the index says, else as trained. */
  readonly views?: Partial<Views>
  /** Is told that an index is tied to no model. */
  readonly onNotice?: (notice: string) => void
}

/**
 * Looks for images in an index that `indexImages` saved, for approximate search with a graph.
 *
 * @param paths - images, or folders
 * @throws NPairError what `Model.load`, `Model.embed` and `Index.load` throw; `INDEX_MODEL` if the index is of another model;
 *   `INVALID_OPTION` if it has no graph and is to be searched approximately, or is tied to no model and holds embeddings of another size
 */
export async function searchImages(
  modelPath: string,
  folder: string,
  paths: readonly string[],
  { k, approximate, views, onNotice }: ImageSearch,
): Promise<ImagesFound> {
  const candidates = approximate && resolveCandidates(k, approximate)
  const files = await imageFiles(paths)
  const index = await Index.load(folder, { approximate: candidates !== undefined })
  try {
    const model = await Model.load(modelPath, { ...index.model?.views, ...views })
    try {
      if (index.model !== undefined) requireSameModel(index.model, model.identity)
      else onNotice?.(`${folder} is tied to no model: nobody checks that ${modelPath} made its embeddings`)
      if (index.size !== model.description.embeddingSize)
        throw invalidOption('model', `the one of the index, whose embeddings have ${index.size} numbers`, modelPath)
      const likely = candidates !== undefined && { approximate: { candidates } }
      const hits = await index.search(await model.embed(files), { k, ...likely })
      return {
        found: files.map((query, i) => ({ query, hits: hits[i] as Hit[] })),
        approximate: candidates !== undefined,
        recall: candidates === undefined ? undefined : await recallOf(index, k, candidates),
        ingest: model.description.ingest,
        index: { metric: index.metric, model: index.model },
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
