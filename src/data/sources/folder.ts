import { readdir, stat } from 'node:fs/promises'
import { extname, join, posix, relative, resolve, sep } from 'node:path'
import { NPairError } from '../../errors.js'
import { byCodePoint } from '../ingest.js'

/** Extensions that count as images: what sharp reads, and PGM/PPM. */
export const imageExtensions = [
  '.jpg',
  '.jpeg',
  '.png',
  '.webp',
  '.tif',
  '.tiff',
  '.gif',
  '.svg',
  '.avif',
  '.pgm',
  '.ppm',
  '.pnm',
]

/** An image file of a folder. */
export interface FolderImage {
  /** Path within the folder, with slashes. */
  readonly name: string
  readonly path: string
  readonly bytes: number
  readonly modified: number
}

/** Images below a folder at any depth, in code point order; hidden files and folders are passed over. */
export async function listImages(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: Error) => {
    throw new NPairError('NOT_FOUND', `Cannot read ${folder}: ${error.message}`, { cause: error })
  })
  return entries
    .filter((entry) => !entry.isDirectory() && imageExtensions.includes(extname(entry.name).toLowerCase()))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(
      (path) =>
        !relative(folder, path)
          .split(sep)
          .some((part) => part.startsWith('.')),
    )
    .sort(byCodePoint)
}

/**
 * The images of a folder with one folder a class, at any depth: the class of an image is the path of the folder that it is in.
 *
 * @throws NPairError `NOT_FOUND`; `DATA_EMPTY` where there is no image, or images lie outside of a class folder
 */
export async function folderImages(root: string): Promise<FolderImage[]> {
  const base = resolve(root)
  const info = await stat(base).catch((error: Error) => {
    throw new NPairError('NOT_FOUND', `Cannot read ${root}: ${error.message}`, { option: 'data.path', cause: error })
  })
  if (!info.isDirectory()) throw new NPairError('NOT_FOUND', `${root} is no folder`, { option: 'data.path' })
  const paths = await listImages(base)
  if (paths.length === 0)
    throw new NPairError(
      'DATA_EMPTY',
      `${root} holds no image (one folder a class, files ending in ${imageExtensions.join(' ')})`,
      { option: 'data.path' },
    )
  const images = await Promise.all(
    paths.map(async (path) => {
      const { size, mtimeMs } = await stat(path)
      return {
        name: path
          .slice(base.length + 1)
          .split(sep)
          .join('/'),
        path,
        bytes: size,
        modified: mtimeMs,
      }
    }),
  )
  const loose = images.find((image) => !image.name.includes('/'))
  if (loose)
    throw new NPairError(
      'DATA_EMPTY',
      `${loose.name} lies directly in ${root}: images belong into one folder a class`,
      { option: 'data.path' },
    )
  return images
}

/** The class of an image of a folder source. */
export function folderClass(name: string): string {
  return posix.dirname(name)
}
