import { readFile, stat } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { NPairError } from '../errors.js'

/**
 * What a config file holds, unchecked: `.json`, or the default export of `.mjs`, `.js` or `.ts` (an object, or a promise
 * of one). TypeScript is compiled on the fly, its types are not checked.
 *
 * @throws NPairError `NOT_FOUND`; `INVALID_OPTION` if the file is of another kind, does not parse or run, or holds no object
 */
export async function loadConfig(path: string): Promise<Record<string, unknown>> {
  const absolute = resolve(path)
  const exists = await stat(absolute).then(
    (found) => found.isFile(),
    () => false,
  )
  if (!exists) throw new NPairError('NOT_FOUND', `There is no config file ${path}`)
  const value = await read(path, absolute)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(path, extname(path) === '.json' ? 'it holds no object' : 'its default export is no object')
  return { ...value }
}

async function read(path: string, absolute: string): Promise<unknown> {
  const extension = extname(path)
  try {
    switch (extension) {
      case '.json':
        return JSON.parse((await readFile(absolute, 'utf8')).replace(/^\uFEFF/, ''))
      case '.mjs':
      case '.js':
        return await ((await import(pathToFileURL(absolute).href)) as { default?: unknown }).default
      case '.ts':
      case '.mts': {
        const { createJiti } = await import('jiti')
        return await createJiti(import.meta.url, { fsCache: false }).import(absolute, { default: true })
      }
    }
  } catch (cause) {
    throw invalid(path, cause instanceof Error ? cause.message : String(cause), cause)
  }
  throw invalid(path, `its name ends in ${extension || 'nothing'}, not .json, .mjs, .js or .ts`)
}

function invalid(path: string, why: string, cause?: unknown): NPairError {
  return new NPairError('INVALID_OPTION', `Cannot use the config file ${path}: ${why}`, { option: 'config', cause })
}
