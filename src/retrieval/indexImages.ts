import { basename, dirname } from 'node:path'
import { imageFiles } from '../model/embedFiles.js'
import { Model } from '../model/model.js'
import type { Views } from '../model/views.js'
import { requireUsearch } from './graph.js'
import type { ApproximateRecall } from './recall.js'
import { Index } from './searchIndex.js'
import { refuseFull } from './writeIndex.js'

/**
 * Embeds images and saves an index of them: an image's id is its path, its label the name of its folder. What can be refused is
 * refused before anything is embedded.
 *
 * @param paths - images, or folders, which are walked in sorted order
 * @param options - whether a graph for approximate search goes with it; what the model sees an image in, by default as trained
 * @returns also the recall of the graph; undefined without one, or for less than 2 images
 * @throws NPairError what `Model.load`, `Model.embed`, `Index.approximate` and `Index.save` throw; nothing is written then
 */
export async function indexImages(
  model: string,
  paths: readonly string[],
  output: string,
  { approximate = false, views }: { approximate?: boolean | undefined; views?: Partial<Views> } = {},
): Promise<{ count: number; size: number; recall: ApproximateRecall | undefined }> {
  await refuseFull(output)
  if (approximate) await requireUsearch()
  // The same image may be in several of the paths.
  const files = [...new Set(await imageFiles(paths))]
  const loaded = await Model.load(model, views)
  try {
    const rows = await loaded.embed(files)
    const index = await Index.build(
      rows,
      files.map((id) => ({ id, label: basename(dirname(id)) })),
      { model: loaded },
    )
    try {
      const recall = approximate ? await index.approximate() : undefined
      await index.save(output)
      return { count: rows.count, size: rows.size, recall }
    } finally {
      await index.close()
    }
  } finally {
    await loaded.close()
  }
}
