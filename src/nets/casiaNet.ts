import { deepFreeze } from '../config/deepFreeze.js'
import { requireBoolean, requireInteger, requireNames, requireNumber } from '../config/require.js'
import type { Init, ResolvedLayer } from './layer.js'
import { checkInit, checkInput, type NetInput } from './net.js'
import { layerShapes } from './shape.js'

/** Options of {@link casiaNet}. */
export interface CasiaNetOptions {
  /** Batch normalisation after each convolution; the paper's network has none. Default false. */
  readonly batchNorm?: boolean
  /** Dropout before the embedding, in [0, 1). Default 0. */
  readonly dropout?: number
  /** Adds a linear layer `embedding` to this size; left out, the 320 pooled channels are the embedding, as in the paper. */
  readonly embeddingSize?: number
  /** How first weights are drawn. Default `kaiming`: without batch normalisation, `torch` lets ten layers' signal die out. */
  readonly init?: Init
  /** What comes in, 100 × 100 grey in the paper. Left out, it is taken from the data. */
  readonly input?: NetInput
}

/** The network that {@link casiaNet} gives. */
export interface CasiaNet {
  readonly type: 'casiaNet'
  readonly batchNorm: boolean
  readonly dropout: number
  readonly embeddingSize?: number
  readonly init: Init
  readonly input?: NetInput
  readonly layers: readonly ResolvedLayer[]
}

/** Channels of the two convolutions of each of the five stages. */
const stages = [
  [32, 64],
  [64, 128],
  [96, 192],
  [128, 256],
  [160, 320],
] as const

/**
 * CasiaNet (Yi et al. 2014, arXiv 1411.7923), the network of Sohn's face experiments: ten 3×3 convolutions in five
 * stages, max pools that round up between them, no ReLU after the last, a global mean pool; 1 751 328 weights and
 * 1 440 biases for grey images. Parameters: `conv11.weight` … `conv52.bias`.
 *
 * @throws NPairError `INVALID_OPTION`; `LAYER_SHAPE` if `input` is given and does not fit
 */
export function casiaNet(options: CasiaNetOptions = {}): CasiaNet {
  requireNames('', options, ['batchNorm', 'dropout', 'embeddingSize', 'init', 'input'])
  const { batchNorm = false, dropout = 0, embeddingSize } = options
  requireBoolean('batchNorm', batchNorm)
  requireNumber('dropout', dropout, 'in [0, 1)', (x) => x >= 0 && x < 1)
  if (embeddingSize !== undefined) requireInteger('embeddingSize', embeddingSize, 1)
  const init = checkInit('init', options.init ?? 'kaiming')
  const input = checkInput('input', options.input)

  const layers: ResolvedLayer[] = []
  stages.forEach((channels, stage) => {
    channels.forEach((out, k) => {
      const id = `${stage + 1}${k + 1}`
      const window = { kernel: 3, stride: 1, padding: 1, groups: 1 }
      layers.push({ type: 'conv', name: `conv${id}`, out, ...window, bias: true, init })
      if (batchNorm) layers.push({ type: 'batchNorm', name: `norm${id}`, momentum: 0.1, eps: 1e-5 })
      if (id !== '52') layers.push({ type: 'relu' })
    })
    // Caffe rounds up: 100 → 50 → 25 → 13 → 7.
    if (stage < 4) layers.push({ type: 'maxPool', kernel: 2, stride: 2, padding: 0, ceil: true })
  })
  layers.push({ type: 'globalPool', mode: 'avg' })
  if (dropout > 0) layers.push({ type: 'dropout', p: dropout })
  if (embeddingSize !== undefined)
    layers.push({ type: 'linear', name: 'embedding', out: embeddingSize, bias: true, init })

  const net: CasiaNet = {
    ...{ type: 'casiaNet', batchNorm, dropout, ...(embeddingSize !== undefined && { embeddingSize }), init },
    ...(input && { input }),
    layers,
  }
  if (input) layerShapes({ ...net, input })
  return deepFreeze(net)
}
