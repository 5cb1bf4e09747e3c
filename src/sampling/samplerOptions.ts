import { requireInteger, requireWord } from '../config/require.js'
import type { SmallClasses } from './usableClasses.js'

/** Names of what samplers of every form can be told. */
export const samplerNames = ['seed', 'smallClasses'] as const

/**
 * Checks what samplers of every form can be told, and fills in the defaults: seed 0, small classes are dropped.
 *
 * @throws NPairError `INVALID_OPTION`
 */
export function resolveSampler({
  seed = 0,
  smallClasses = 'drop',
}: {
  readonly seed?: number
  readonly smallClasses?: SmallClasses
}): { readonly seed: number; readonly smallClasses: SmallClasses } {
  requireInteger('seed', seed, 0)
  requireWord('smallClasses', smallClasses, ['drop', 'refuse'])
  return { seed, smallClasses }
}
