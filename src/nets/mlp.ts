import { deepFreeze } from '../config/deepFreeze.js'
import { requireInteger, requireNames, requireNumber } from '../config/require.js'
import { invalidOption } from '../errors.js'
import type { Init, ResolvedLayer } from './layer.js'
import { checkInit, checkInput, type NetInput } from './net.js'

/** Options of {@link mlp}. */
export interface MlpOptions {
  /** Sizes of the hidden layers, one or more. Default `[512]`. */
  readonly hidden?: readonly number[]
  /** d of the embeddings `[n, d]`. Default 128. */
  readonly embeddingSize?: number
  /** Share of each hidden layer's numbers that a training step leaves out, in [0, 1). Default 0. */
  readonly dropout?: number
  /** How first weights are drawn. Default `torch`. */
  readonly init?: Init
  /** What comes in. Left out, it is taken from the data. */
  readonly input?: NetInput
}

/** The network that {@link mlp} gives. */
export interface MlpNet {
  readonly type: 'mlp'
  readonly hidden: readonly number[]
  readonly embeddingSize: number
  readonly dropout: number
  readonly init: Init
  readonly input?: NetInput
  readonly layers: readonly ResolvedLayer[]
}

/**
 * Hidden layers with ReLU, then a linear layer to the embedding: a head for features of another model (`datasets.features`). It
 * has no batch norm, so that batches of any size go through in chunks (`batch.chunk`). Parameters: `hidden1.weight` …
 * `embedding.bias`.
 *
 * @throws NPairError `INVALID_OPTION`
 */
export function mlp(options: MlpOptions = {}): MlpNet {
  requireNames('', options, ['hidden', 'embeddingSize', 'dropout', 'init', 'input'])
  const { hidden = [512], embeddingSize = 128, dropout = 0 } = options
  if (!Array.isArray(hidden) || hidden.length === 0)
    throw invalidOption('hidden', 'an array of sizes, one or more,', hidden)
  for (const [i, size] of hidden.entries()) requireInteger(`hidden[${i}]`, size, 1)
  requireInteger('embeddingSize', embeddingSize, 1)
  requireNumber('dropout', dropout, 'in [0, 1)', (p) => p >= 0 && p < 1)
  const init = checkInit('init', options.init ?? 'torch')
  const input = checkInput('input', options.input)
  const blocks = hidden.flatMap((out: number, i): ResolvedLayer[] => [
    { type: 'linear', name: `hidden${i + 1}`, out, bias: true, init },
    { type: 'relu' },
    ...(dropout > 0 ? [{ type: 'dropout' as const, p: dropout }] : []),
  ])
  return deepFreeze({
    ...{ type: 'mlp' as const, hidden: [...hidden], embeddingSize, dropout, init, ...(input && { input }) },
    layers: [
      { type: 'flatten' as const },
      ...blocks,
      { type: 'linear' as const, name: 'embedding', out: embeddingSize, bias: true, init },
    ],
  })
}
