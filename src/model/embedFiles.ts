import { stat } from 'node:fs/promises'
import { listImages } from '../data/sources/folder.js'
import { invalidOption, NPairError } from '../errors.js'
import { writeFilesAtomic } from '../files/atomic.js'
import { Model } from './model.js'
import { npy } from './npy.js'

/**
 * Embeds images into `output`, a NumPy file of float32 `[n, d]`, and writes their paths, one a line, beside it.
 *
 * @param paths - images, or folders, which are walked in sorted order
 * @throws NPairError `NOT_FOUND`, `DATA_EMPTY`, `IMAGE_UNREADABLE`, `NOT_WRITABLE`; nothing is written then
 */
export async function embedFiles(
  model: string,
  paths: readonly string[],
  output: string,
): Promise<{ count: number; size: number; list: string }> {
  if (!output.endsWith('.npy')) throw invalidOption('--output', 'a name ending in .npy', output)
  const files = (await Promise.all(paths.map(expand))).flat()
  if (files.length === 0) throw new NPairError('DATA_EMPTY', `No image was found in ${paths.join(', ')}`)
  const newline = files.find((file) => file.includes('\n'))
  if (newline !== undefined) throw invalidOption('paths', 'names without line breaks', newline)
  const loaded = await Model.load(model)
  try {
    const embeddings = await loaded.embed(files)
    const list = output.replace(/\.npy$/, '.txt')
    await writeFilesAtomic([
      [output, npy(embeddings)],
      [list, files.map((file) => `${file}\n`).join('')],
    ])
    return { count: embeddings.count, size: embeddings.size, list }
  } finally {
    await loaded.close()
  }
}

async function expand(path: string): Promise<string[]> {
  const found = await stat(path).catch((error: Error) => {
    throw new NPairError('NOT_FOUND', `Cannot read ${path}: ${error.message}`, { cause: error })
  })
  return found.isDirectory() ? listImages(path) : [path]
}
