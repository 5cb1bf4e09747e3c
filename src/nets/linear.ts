import { deepFreeze } from '../config/deepFreeze.js'
import { requireBoolean, requireInteger, requireNames } from '../config/require.js'
import type { Init, ResolvedLayer } from './layer.js'
import { checkInit, checkInput, type NetInput } from './net.js'

/** Options of {@link linear}. */
export interface LinearOptions {
  /** d of the embeddings `[n, d]`. Default 128. */
  readonly embeddingSize?: number
  /** Whether a constant is added to each number. Default true. */
  readonly bias?: boolean
  /** How first weights are drawn. Default `torch`. */
  readonly init?: Init
  /** What comes in. Left out, it is taken from the data. */
  readonly input?: NetInput
}

/** The network that {@link linear} gives. */
export interface LinearNet {
  readonly type: 'linear'
  readonly embeddingSize: number
  readonly bias: boolean
  readonly init: Init
  readonly input?: NetInput
  readonly layers: readonly ResolvedLayer[]
}

/**
 * One matrix: a head for features of another model (`datasets.features`), or the least that learns from pixels. Parameters:
 * `embedding.weight` `[d, D]`, `embedding.bias`.
 *
 * @throws NPairError `INVALID_OPTION`
 */
export function linear(options: LinearOptions = {}): LinearNet {
  requireNames('', options, ['embeddingSize', 'bias', 'init', 'input'])
  const { embeddingSize = 128, bias = true } = options
  requireInteger('embeddingSize', embeddingSize, 1)
  requireBoolean('bias', bias)
  const init = checkInit('init', options.init ?? 'torch')
  const input = checkInput('input', options.input)
  return deepFreeze({
    ...{ type: 'linear' as const, embeddingSize, bias, init, ...(input && { input }) },
    layers: [
      { type: 'flatten' as const },
      { type: 'linear' as const, name: 'embedding', out: embeddingSize, bias, init },
    ],
  })
}
