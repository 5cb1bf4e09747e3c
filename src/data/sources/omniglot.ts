import { readFile, stat } from 'node:fs/promises'
import { NPairError } from '../../errors.js'
import { byCodePoint, type SourceImage } from '../ingest.js'
import { folderImages } from './folder.js'
import { readZip, type ZipEntry } from './zip.js'

/** `…/Alphabet/character01/0001_01.png` */
const layout = /(?:^|\/)([^/]+)\/(character\d+)\/([^/]+\.png)$/i

/** A source and what tells whether it has changed. */
export interface OmniglotSource {
  readonly images: readonly SourceImage[]
  readonly stamp: unknown
  /** Frees the archive. */
  close(): Promise<void>
}

/**
 * Omniglot's layout, alphabet/character/drawing.png below any prefix, as a folder or as the zip that it comes in.
 * Classes are `Alphabet/characterNN`, super-classes the alphabets.
 *
 * @throws NPairError `NOT_FOUND`; `DATA_EMPTY` where nothing has the layout
 */
export async function omniglotSource(path: string): Promise<OmniglotSource> {
  const info = await stat(path).catch((error: Error) => {
    throw new NPairError('NOT_FOUND', `Cannot read ${path}: ${error.message}`, { option: 'data.path', cause: error })
  })
  if (info.isDirectory()) {
    const files = await folderImages(path)
    const images = recognise(
      path,
      files.map((file) => ({ name: file.name, load: () => readFile(file.path) })),
    )
    return { images, stamp: files.map(({ name, bytes, modified }) => [name, bytes, modified]), close: async () => {} }
  }
  const zip = await readZip(path)
  try {
    const entries = zip.entries.map((entry: ZipEntry) => ({ name: entry.name, load: () => zip.read(entry) }))
    return { images: recognise(path, entries), stamp: [info.size, info.mtimeMs], close: () => zip.close() }
  } catch (error) {
    await zip.close()
    throw error
  }
}

function recognise(path: string, files: readonly { name: string; load: () => Promise<Uint8Array> }[]): SourceImage[] {
  const images = files.flatMap(({ name, load }) => {
    const match = layout.exec(name)
    if (!match || name.startsWith('__MACOSX/')) return []
    const [, alphabet, character] = match as unknown as [string, string, string]
    return [{ name, class: `${alphabet}/${character}`, superClass: alphabet, load }]
  })
  if (images.length === 0)
    throw new NPairError('DATA_EMPTY', `${path} holds nothing of the layout Alphabet/characterNN/drawing.png`, {
      option: 'data.path',
    })
  return images.sort((a, b) => byCodePoint(a.name, b.name))
}
