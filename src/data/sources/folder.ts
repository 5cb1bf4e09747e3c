import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { extname, join, posix } from 'node:path'
import { NPairError } from '../../errors.js'
import { byCodePoint } from '../byCodePoint.js'
import type { Source } from './source.js'

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
  /** What changes with the content. */
  readonly bytes: number
  readonly modified: number
}

/** Paths of the images below a folder at any depth, in code point order. */
export async function listImages(folder: string): Promise<string[]> {
  return (await walkImages(folder)).map((name) => join(folder, name))
}

/**
 * Names within the folder, with slashes. Hidden files and folders are passed over, links are followed; one that leads nowhere
 * counts, so that it is reported when it is read.
 */
async function walkImages(folder: string): Promise<string[]> {
  const names: string[] = []
  const walk = async (path: string, prefix: string, above: readonly string[]): Promise<void> => {
    const here = await realpath(path)
    // A link to a folder that it lies in.
    if (above.includes(here)) return
    for (const entry of await readdir(path, { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue
      const inner = join(path, entry.name)
      const link = entry.isSymbolicLink()
      const target = link ? await stat(inner).catch(() => undefined) : entry
      if (target?.isDirectory()) await walk(inner, `${prefix}${entry.name}/`, [...above, here])
      else if (imageExtensions.includes(extname(entry.name).toLowerCase()) && (target?.isFile() ?? link))
        names.push(`${prefix}${entry.name}`)
    }
  }
  await walk(folder, '', []).catch((error: Error) => {
    throw new NPairError('NOT_FOUND', `Cannot read ${folder}: ${error.message}`, { cause: error })
  })
  return names.sort(byCodePoint)
}

/**
 * The images of a folder at any depth.
 *
 * @throws NPairError `NOT_FOUND`; `DATA_EMPTY` where there is no image
 */
export async function folderImages(root: string): Promise<FolderImage[]> {
  const info = await stat(root).catch((error: Error) => {
    throw new NPairError('NOT_FOUND', `Cannot read ${root}: ${error.message}`, { option: 'data.path', cause: error })
  })
  if (!info.isDirectory()) throw new NPairError('NOT_FOUND', `${root} is no folder`, { option: 'data.path' })
  const names = await walkImages(root)
  if (names.length === 0)
    throw new NPairError(
      'DATA_EMPTY',
      `${root} holds no image (one folder a class, files ending in ${imageExtensions.join(' ')})`,
      { option: 'data.path' },
    )
  return Promise.all(
    names.map(async (name) => {
      const path = join(root, name)
      const { size, mtimeMs } = await stat(path).catch(() => ({ size: 0, mtimeMs: 0 }))
      return { name, path, bytes: size, modified: mtimeMs }
    }),
  )
}

/** What tells whether the files of a folder have changed. */
export function folderStamp(images: readonly FolderImage[]): unknown {
  return images.map(({ name, bytes, modified }) => [name, bytes, modified])
}

/**
 * A folder with one folder a class, at any depth: the class of an image is the path of the folder that it is in.
 *
 * @throws NPairError `NOT_FOUND`; `DATA_EMPTY` where there is no image, or one lies outside of a class folder
 */
export async function folderSource(root: string): Promise<Source> {
  const images = await folderImages(root)
  const loose = images.find((image) => !image.name.includes('/'))
  if (loose)
    throw new NPairError(
      'DATA_EMPTY',
      `${loose.name} lies directly in ${root}: images belong into one folder a class`,
      { option: 'data.path' },
    )
  return {
    files: images.map(({ name, path }) => ({
      ...{ name, where: path, class: posix.dirname(name) },
      read: () => readFile(path),
    })),
    stamp: folderStamp(images),
    close: async () => {},
  }
}
