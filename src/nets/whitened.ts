import { deepFreeze } from '../config/deepFreeze.js'
import { layers } from './layers.js'
import type { ResolvedNet } from './net.js'
import { embeddingSize } from './shape.js'

/**
 * The network with one layer more, `whitening` `[d, d]`, whose weights are fitted to the embeddings: see `WhitenOptions`.
 *
 * @throws NPairError `INVALID_OPTION` if a layer of that name is there already
 */
export function whitenedNet(net: ResolvedNet): ResolvedNet<ReturnType<typeof layers>> {
  const { input } = net
  const whitening = { type: 'linear', name: 'whitening', out: embeddingSize(net) } as const
  return deepFreeze({ ...layers({ input, layers: [...net.layers, whitening] }), input })
}
