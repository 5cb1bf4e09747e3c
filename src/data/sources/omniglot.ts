import { readFile, stat } from 'node:fs/promises'
import { NPairError } from '../../errors.js'
import { byCodePoint } from '../byCodePoint.js'
import { folderImages, folderStamp } from './folder.js'
import type { Source, SourceFile } from './source.js'
import { readZip } from './zip.js'

/** `…/Alphabet/character01/0001_01.png` */
const layout = /(?:^|\/)(?<alphabet>[^/]+)\/(?<character>character\d+)\/[^/]+\.png$/i

/**
 * Omniglot's layout, alphabet/character/drawing.png below any prefix, as a folder or as the zip that it comes in.
 * Classes are `Alphabet/characterNN`, super-classes the alphabets.
 *
 * @throws NPairError `NOT_FOUND`; `DATA_EMPTY` where nothing has the layout
 */
export async function omniglotSource(path: string): Promise<Source> {
  const info = await stat(path).catch((error: Error) => {
    throw new NPairError('NOT_FOUND', `Cannot read ${path}: ${error.message}`, { option: 'data.path', cause: error })
  })
  if (info.isDirectory()) {
    const images = await folderImages(path)
    const files = images.map(({ name, path }) => ({ name, where: path, read: () => readFile(path) }))
    return { files: recognise(path, files), stamp: folderStamp(images), close: async () => {} }
  }
  const zip = await readZip(path)
  try {
    const files = zip.entries
      // Written by macOS beside each file.
      .filter(({ name }) => !name.startsWith('__MACOSX/'))
      .map((entry) => ({ name: entry.name, where: `${entry.name} of ${path}`, read: () => zip.read(entry) }))
    return { files: recognise(path, files), stamp: [info.size, info.mtimeMs], close: () => zip.close() }
  } catch (error) {
    await zip.close()
    throw error
  }
}

function recognise(path: string, files: readonly Pick<SourceFile, 'name' | 'where' | 'read'>[]): SourceFile[] {
  const images = files.flatMap((file): SourceFile[] => {
    const { alphabet, character } = layout.exec(file.name)?.groups ?? {}
    return alphabet === undefined ? [] : [{ ...file, class: `${alphabet}/${character}`, superClass: alphabet }]
  })
  if (images.length === 0)
    throw new NPairError('DATA_EMPTY', `${path} holds nothing of the layout Alphabet/characterNN/drawing.png`, {
      option: 'data.path',
    })
  return images.sort((a, b) => byCodePoint(a.name, b.name))
}
