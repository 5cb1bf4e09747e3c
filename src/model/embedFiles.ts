import { stat } from 'node:fs/promises'
import { isFeatures } from '../data/featureIngest.js'
import { listImages } from '../data/sources/folder.js'
import { Embeddings } from '../embeddings.js'
import { invalidOption, NPairError } from '../errors.js'
import { writeFilesAtomic } from '../files/atomic.js'
import { Model } from './model.js'
import { npy } from './npy.js'
import { readNpy } from './readNpy.js'
import type { Views } from './views.js'

/**
 * Embeds images into `output`, a NumPy file of float32 `[n, d]`, and writes their paths, one a line, beside it; of a model of
 * features their rows, named `path:row`.
 *
 * @param paths - images, or folders, which are walked in sorted order; for a model of features NumPy files `[n, D]`
 * @param views - what the model sees an image in; by default as trained
 * @throws NPairError `NOT_FOUND`, `DATA_EMPTY`, `IMAGE_UNREADABLE`, `FEATURES_CORRUPT`, `NOT_WRITABLE`; nothing is written then
 */
export async function embedFiles(
  model: string,
  paths: readonly string[],
  output: string,
  views: Partial<Views> = {},
): Promise<{ count: number; size: number; list: string; metric: Embeddings['metric'] }> {
  if (!output.endsWith('.npy')) throw invalidOption('--output', 'a name ending in .npy', output)
  const files = await imageFiles(paths)
  const newline = files.find((file) => file.includes('\n'))
  if (newline !== undefined) throw invalidOption('paths', 'names without line breaks', newline)
  const loaded = await Model.load(model, views)
  try {
    const { embeddings, names } = isFeatures(loaded.description.ingest)
      ? await embedFeatureFiles(loaded, paths)
      : { embeddings: await loaded.embed(files), names: files }
    const list = output.replace(/\.npy$/, '.txt')
    await writeFilesAtomic([
      [output, npy(embeddings)],
      [list, names.map((name) => `${name}\n`).join('')],
    ])
    return { count: embeddings.count, size: embeddings.size, list, metric: embeddings.metric }
  } finally {
    await loaded.close()
  }
}

/** The rows of NumPy files, file after file. */
async function embedFeatureFiles(
  model: Model,
  paths: readonly string[],
): Promise<{ embeddings: Embeddings; names: string[] }> {
  const { embeddingSize, ingest } = model.description
  const parts: Float32Array[] = []
  const names: string[] = []
  for (const path of paths) {
    if (!path.endsWith('.npy')) throw invalidOption('paths', '.npy files (this model embeds features)', path)
    const rows = await readNpy(path)
    if (isFeatures(ingest) && rows.size !== ingest.features)
      throw new NPairError(
        'FEATURES_CORRUPT',
        `${path} has rows of ${rows.size} numbers, and the model takes ${ingest.features}`,
      )
    parts.push((await model.embed([...rows])).data)
    for (let row = 0; row < rows.count; row++) names.push(`${path}:${row}`)
  }
  if (names.length === 0) throw new NPairError('DATA_EMPTY', `No row was found in ${paths.join(', ')}`)
  const data = new Float32Array(names.length * embeddingSize)
  let at = 0
  for (const part of parts) {
    data.set(part, at)
    at += part.length
  }
  return { embeddings: new Embeddings(data, embeddingSize), names }
}

/**
 * Images, and those in folders, in sorted order.
 *
 * @throws NPairError `NOT_FOUND`, `DATA_EMPTY`
 */
export async function imageFiles(paths: readonly string[]): Promise<string[]> {
  const files = (await Promise.all(paths.map(expand))).flat()
  if (files.length === 0) throw new NPairError('DATA_EMPTY', `No image was found in ${paths.join(', ')}`)
  return files
}

async function expand(path: string): Promise<string[]> {
  const found = await stat(path).catch((error: Error) => {
    throw new NPairError('NOT_FOUND', `Cannot read ${path}: ${error.message}`, { cause: error })
  })
  return found.isDirectory() ? listImages(path) : [path]
}
