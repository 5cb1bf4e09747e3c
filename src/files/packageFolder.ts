import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

let known: string | undefined

/**
 * The folder with npair's own package.json: above the sources, above what the compiler made of them, and above the few files
 * that are published, whichever this module came in.
 */
export function packageFolder(): string {
  if (known !== undefined) return known
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  known = folder
  return known
}
