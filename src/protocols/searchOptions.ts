import { requireFalseAcceptRates } from '../config/falseAcceptRate.js'
import { requireWord } from '../config/require.js'
import { invalidOption } from '../errors.js'
import type { RankOptions } from '../metrics/identification.js'
import type { FarRule } from '../metrics/roc.js'

/** What all protocols of identification take. */
export interface SearchOptions extends RankOptions {
  /** The k of rank-k, each an integer >= 1. Default 1, 5, 10. */
  readonly ranks?: readonly number[]
  /** False alarm rates of the open set, each in (0, 1]. Default 0.1, 0.01. */
  readonly far?: readonly number[]
  /** Which threshold stands for a rate, see `metrics.tarAtFar`; BLUFR's is `nthImpostor`. Default `atMost`. */
  readonly farRule?: FarRule
  /** Several images of an identity in the gallery: the `best` score counts, or their `mean` is the template. Default `best`. */
  readonly fusion?: 'best' | 'mean'
}

/** @throws NPairError `INVALID_OPTION` that names the option of `protocol` */
export function resolveSearchOptions(protocol: string, options: SearchOptions): Required<SearchOptions> {
  const { far = [0.1, 0.01], farRule = 'atMost', fusion = 'best' } = options
  const { ties = 'pessimistic', count = 'identities' } = options
  requireFalseAcceptRates(`${protocol}.far`, far)
  requireWord(`${protocol}.farRule`, farRule, ['atMost', 'nthImpostor'])
  requireWord(`${protocol}.fusion`, fusion, ['best', 'mean'])
  requireWord(`${protocol}.ties`, ties, ['pessimistic', 'optimistic'])
  requireWord(`${protocol}.count`, count, ['identities', 'images'])
  return { ranks: resolveRanks(protocol, options.ranks), far: Object.freeze([...far]), farRule, fusion, ties, count }
}

/** The k of rank-k, each once, ascending. */
export function resolveRanks(protocol: string, ranks: readonly number[] = [1, 5, 10]): readonly number[] {
  if (!Array.isArray(ranks) || ranks.length === 0 || !ranks.every((k) => Number.isSafeInteger(k) && k >= 1))
    throw invalidOption(`${protocol}.ranks`, 'an array of integers >= 1', ranks)
  return Object.freeze([...new Set(ranks)].sort((a, b) => a - b))
}
