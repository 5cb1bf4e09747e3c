import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { NPairError } from '../errors.js'
import { type IndexDescription, parseDescription, textHash } from './indexDescription.js'
import type { OpenFile } from './segment.js'

/** The file of a saved index that names all others; whoever replaces it replaces the index. */
export const descriptionName = 'index.json'

/** Which index a folder holds. Its generation alone would not tell: one that is removed and built anew begins at 1 again. */
export interface SavedState {
  readonly generation: number
  /** SHA-256 of index.json. */
  readonly sha256: string
}

/** @throws NPairError `NOT_FOUND` */
export async function openDescription(folder: string): Promise<OpenFile> {
  const path = join(folder, descriptionName)
  return { path, handle: await readable(path, open(path)) }
}

/** @throws NPairError `NOT_FOUND`, `INDEX_CORRUPT` */
export async function readDescription({
  path,
  handle,
}: OpenFile): Promise<{ description: IndexDescription; state: SavedState }> {
  const text = await readable(path, handle.readFile('utf8'))
  const description = parseDescription(text, path)
  return { description, state: stateOf(description, text) }
}

/** @param text - of index.json */
export function stateOf({ generation }: IndexDescription, text: string): SavedState {
  return { generation, sha256: textHash(text) }
}

async function readable<T>(path: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading
  } catch (error) {
    throw new NPairError('NOT_FOUND', `Cannot read the index ${path}: ${(error as Error).message}`, { cause: error })
  }
}
