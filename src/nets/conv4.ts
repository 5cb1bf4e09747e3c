import { deepFreeze } from '../config/deepFreeze.js'
import { requireBoolean, requireInteger, requireNames } from '../config/require.js'
import { invalidOption } from '../errors.js'
import type { Init, ResolvedLayer } from './layer.js'
import { checkInit, checkInput, type NetInput } from './net.js'
import { layerShapes } from './shape.js'

/** Channels of the four blocks, the first at the images' own resolution. */
export type BlockWidths = readonly [number, number, number, number]

/** Options of {@link conv4}. */
export interface Conv4Options {
  /** Channels of each of the four blocks, one number for all or a list of four. Default 64. */
  readonly width?: number | BlockWidths
  /** d of the embeddings `[n, d]`. Default 128. */
  readonly embeddingSize?: number
  /** Batch normalisation of the embeddings, last of all (BNNeck, Luo et al. 2019). Default false. */
  readonly embeddingNorm?: boolean
  /** Instance normalisation of the images, first of all: each by its own mean and deviation. Default false. */
  readonly inputNorm?: boolean
  /** How first weights are drawn. Default `torch`. */
  readonly init?: Init
  /** What comes in; each side at least 16. Left out, it is taken from the data. */
  readonly input?: NetInput
}

/** The network that {@link conv4} gives. */
export interface Conv4Net {
  readonly type: 'conv4'
  readonly width: number | BlockWidths
  readonly embeddingSize: number
  readonly embeddingNorm: boolean
  readonly inputNorm: boolean
  readonly init: Init
  readonly input?: NetInput
  readonly layers: readonly ResolvedLayer[]
}

/**
 * The four-block network of the few-shot literature (Vinyals et al. 2016): 4 × (3×3 convolution, batch normalisation,
 * ReLU, 2×2 max pool), then a linear layer to the embedding. Parameters: `block1.conv.weight` … `embedding.bias`.
 *
 * @throws NPairError `INVALID_OPTION`; `LAYER_SHAPE` if `input` is given and too small
 */
export function conv4(options: Conv4Options = {}): Conv4Net {
  requireNames('', options, ['width', 'embeddingSize', 'embeddingNorm', 'inputNorm', 'init', 'input'])
  const { width = 64, embeddingSize = 128, embeddingNorm = false, inputNorm = false } = options
  requireWidths(width)
  requireInteger('embeddingSize', embeddingSize, 1)
  requireBoolean('embeddingNorm', embeddingNorm)
  requireBoolean('inputNorm', inputNorm)
  const init = checkInit('init', options.init ?? 'torch')
  const input = checkInput('input', options.input)
  const widths = typeof width === 'number' ? [width, width, width, width] : width
  const blocks = widths.map((width, i) => block(`block${i + 1}`, width, init))
  const net: Conv4Net = {
    ...{ type: 'conv4', width, embeddingSize, embeddingNorm, inputNorm, init, ...(input && { input }) },
    layers: [
      ...(inputNorm ? [{ type: 'instanceNorm' as const, eps: 1e-5 }] : []),
      ...blocks,
      { type: 'flatten' },
      // The normalisation would take a bias away again.
      { type: 'linear', name: 'embedding', out: embeddingSize, bias: !embeddingNorm, init },
      ...(embeddingNorm ? [{ type: 'batchNorm' as const, name: 'norm', momentum: 0.1, eps: 1e-5 }] : []),
    ],
  }
  if (input) layerShapes({ ...net, input })
  return deepFreeze(net)
}

function requireWidths(width: unknown): asserts width is number | BlockWidths {
  if (!Array.isArray(width)) return requireInteger('width', width, 1)
  if (width.length !== 4) throw invalidOption('width', 'one number of channels or four', width)
  for (const [i, channels] of width.entries()) requireInteger(`width[${i}]`, channels, 1)
}

/** `[n, c, h, w]` → `[n, width, h/2, w/2]` */
function block(name: string, width: number, init: Init): ResolvedLayer {
  const conv = { type: 'conv', name: 'conv', out: width, kernel: 3, stride: 1, padding: 1, groups: 1 } as const
  return {
    ...{ type: 'sequence', name },
    layers: [
      { ...conv, bias: true, init },
      { type: 'batchNorm', name: 'norm', momentum: 0.1, eps: 1e-5 },
      { type: 'relu' },
      { type: 'maxPool', kernel: 2, stride: 2, padding: 0, ceil: false },
    ],
  }
}
