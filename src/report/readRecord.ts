import { readFile } from 'node:fs/promises'
import { NPairError } from '../errors.js'

/**
 * A JSON file of a run folder.
 *
 * @param path - the file
 * @param is - whether this is what npair writes there
 * @param expected - what that is, for people
 * @returns undefined where there is no such file
 * @throws NPairError `CHECKPOINT_CORRUPT` for a file that is not what npair writes; `NOT_FOUND` for one that cannot be read
 */
export async function readRecord<T>(
  path: string,
  is: (value: unknown) => value is T,
  expected: string,
): Promise<T | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new NPairError('NOT_FOUND', `Cannot read ${path}: ${error.message}`, { cause: error })
  })
  if (text === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw unreadable(path, 'JSON', cause)
  }
  if (!is(value)) throw unreadable(path, expected)
  return value
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function unreadable(path: string, expected: string, cause?: unknown): NPairError {
  return new NPairError('CHECKPOINT_CORRUPT', `${path} is not what npair wrote: expected ${expected}`, { cause })
}
