import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageFolder } from './files/packageFolder.js'

let known: string | undefined

/** This npair's version, from its package.json. */
export function version(): string {
  known ??= (JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as { version: string }).version
  return known
}
