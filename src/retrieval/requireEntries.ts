import { requireNames, requireObject } from '../config/require.js'
import { invalidOption } from '../errors.js'
import type { IndexEntry } from './indexOptions.js'
import { requireJson } from './requireJson.js'

/**
 * Refuses entries that do not fit `count` rows, or whose ids are not different from each other's and those of `has`.
 *
 * @throws NPairError `INVALID_OPTION` naming the place
 */
export function requireEntries(entries: readonly IndexEntry[], count: number, has: (id: string) => boolean): void {
  if (!Array.isArray(entries) || entries.length !== count)
    throw invalidOption('entries', `an array of ${count} entries, one a row`, entries)
  const seen = new Set<string>()
  entries.forEach((entry, i) => {
    requireObject(`entries[${i}]`, entry)
    requireNames(`entries[${i}]`, entry, ['id', 'label', 'metadata'])
    if (typeof entry.id !== 'string') throw invalidOption(`entries[${i}].id`, 'a string', entry.id)
    if (entry.label !== undefined && typeof entry.label !== 'string' && !Number.isFinite(entry.label))
      throw invalidOption(`entries[${i}].label`, 'a string or a number', entry.label)
    if (entry.metadata !== undefined) requireJson(`entries[${i}].metadata`, entry.metadata)
    if (seen.has(entry.id) || has(entry.id))
      throw invalidOption(`entries[${i}].id`, 'an id that no other row has', entry.id)
    seen.add(entry.id)
  })
}
