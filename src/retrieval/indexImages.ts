import { basename, dirname } from 'node:path'
import { imageFiles } from '../model/embedFiles.js'
import { Model } from '../model/model.js'
import { Index } from './searchIndex.js'

/**
 * Embeds images and saves an index of them: an image's id is its path, its label the name of its folder.
 *
 * @param paths - images, or folders, which are walked in sorted order
 * @throws NPairError what `Model.load`, `Model.embed` and `Index.save` throw; nothing is written then
 */
export async function indexImages(
  model: string,
  paths: readonly string[],
  output: string,
): Promise<{ count: number; size: number }> {
  // The same image may be in several of the paths.
  const files = [...new Set(await imageFiles(paths))]
  const loaded = await Model.load(model)
  try {
    const rows = await loaded.embed(files)
    const index = await Index.build(
      rows,
      files.map((id) => ({ id, label: basename(dirname(id)) })),
      { model: loaded },
    )
    try {
      await index.save(output)
    } finally {
      await index.close()
    }
    return { count: rows.count, size: rows.size }
  } finally {
    await loaded.close()
  }
}
