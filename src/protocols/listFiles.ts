import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import type { Dataset } from '../data/dataset.js'
import { imageExtensions } from '../data/sources/folder.js'
import { invalidOption, NPairError } from '../errors.js'

/** A line that says something, and where it stands. */
export interface Line {
  /** Counted from 1. */
  readonly number: number
  readonly text: string
}

/** A text file that a protocol is read from. */
export interface ListFile {
  readonly path: string
  /** Without empty ones, and those that begin with #. */
  readonly lines: readonly Line[]
  /** First 12 digits of its SHA-256, for the definition. */
  readonly hash: string
}

/**
 * Reads a small text file.
 *
 * @param option - that names the file
 * @throws NPairError `INVALID_OPTION`, `NOT_FOUND`; `PROTOCOL_CORRUPT` where it says nothing
 */
export function readListFile(option: string, path: unknown): ListFile {
  if (typeof path !== 'string' || path === '') throw invalidOption(option, 'the path of a text file', path)
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (cause) {
    throw new NPairError('NOT_FOUND', `Cannot read ${path}: ${(cause as Error).message}`, { option, cause })
  }
  const lines = new TextDecoder()
    .decode(bytes)
    .split(/\r?\n/)
    .map((text, i) => ({ number: i + 1, text: text.trim() }))
    .filter(({ text }) => text !== '' && !text.startsWith('#'))
  if (lines.length === 0) throw new NPairError('PROTOCOL_CORRUPT', `${path} holds no line`, { option })
  return { path, lines, hash: createHash('sha256').update(bytes).digest('hex').slice(0, 12) }
}

/** `FILE, line N: what` */
export function corruptLine(path: string, { number, text }: Line, what: string): NPairError {
  return new NPairError('PROTOCOL_CORRUPT', `${path}, line ${number}: ${what}, and it is '${text.slice(0, 80)}'`)
}

/**
 * Finds images of a dataset by name; the extension may be left out or be another one.
 *
 * @param parts - how many parts of the path make the name, counted from its end; default the whole path within the source
 * @returns the position of a name, undefined where the dataset has none
 * @throws NPairError `INVALID_OPTION` where a name that is asked for stands for several images
 */
export function imagesByName(dataset: Dataset, parts?: number): (name: string) => number | undefined {
  const key = (name: string) => {
    const extension = extname(name)
    const stem = imageExtensions.includes(extension.toLowerCase()) ? name.slice(0, -extension.length) : name
    return parts === undefined ? stem : stem.split('/').slice(-parts).join('/')
  }
  const positions = new Map<string, number[]>()
  for (let i = 0; i < dataset.length; i++) {
    const own = key(dataset.imageName(i))
    const same = positions.get(own)
    if (same === undefined) positions.set(own, [i])
    else same.push(i)
  }
  return (name) => {
    const found = positions.get(key(name))
    if (found !== undefined && found.length > 1)
      throw invalidOption(
        'dataset',
        `one image called ${name} (there are ${found.map((i) => dataset.imageName(i)).join(', ')})`,
        dataset.plan.type,
      )
    return found?.[0]
  }
}

/** `3 images that FILE names are missing: a, b, c.`, naming at most five; nothing where none is. */
export function missingNote(missing: ReadonlySet<string>, what: string): string[] {
  if (missing.size === 0) return []
  const named = [...missing].slice(0, 5).join(', ')
  return [`${missing.size} images that ${what} names are missing: ${named}${missing.size > 5 ? ', …' : ''}.`]
}
