import { requireObject, requireWord } from '../config/require.js'
import { within } from '../config/within.js'
import { type NPairMc, type NPairMcOptions, nPairMc } from './nPairMc.js'

/** A loss as config files name it: its type, and those options that differ from the defaults. */
export type LossOptions = { readonly type: 'nPairMc' } & NPairMcOptions

/** The types that {@link create} knows. */
export const types = ['nPairMc'] as const

/**
 * The loss that options or a recorded plan describe.
 *
 * @throws NPairError as the loss's own factory
 */
export function create(options: LossOptions): NPairMc {
  requireObject('loss', options)
  requireWord('loss.type', options.type, types)
  const { type: _, ...own } = options
  return within('loss', () => nPairMc(own))
}
