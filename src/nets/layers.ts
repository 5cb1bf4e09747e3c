import { deepFreeze } from '../config/deepFreeze.js'
import { requireNames } from '../config/require.js'
import type { Layer, ResolvedLayer } from './layer.js'
import { checkInput, type NetInput } from './net.js'
import { resolveLayers } from './resolveLayers.js'
import { layerShapes } from './shape.js'

/** Options of {@link layers}. */
export interface LayersOptions {
  /** What comes in; left out, it is taken from the data. */
  readonly input?: NetInput
  /** At least one layer; the last one must give `[n, d]`, the embeddings. */
  readonly layers: readonly Layer[]
}

/** A network of one's own, resolved. */
export interface LayersNet {
  readonly type: 'layers'
  readonly input?: NetInput
  readonly layers: readonly ResolvedLayer[]
}

/**
 * A network of one's own, written in the layer language.
 *
 * @example
 * nets.layers({
 *   layers: [
 *     { type: 'conv', name: 'conv1', out: 32, kernel: 3, padding: 1 },
 *     { type: 'relu' },
 *     { type: 'globalPool' },
 *     { type: 'linear', name: 'embedding', out: 64 },
 *   ],
 * })
 * @throws NPairError `INVALID_OPTION` naming the layer's option; `LAYER_SHAPE` if `input` is given and a layer does not fit
 */
export function layers(options: LayersOptions): LayersNet {
  requireNames('', options, ['input', 'layers'])
  const input = checkInput('input', options.input)
  const resolved = resolveLayers('layers', options.layers)
  const net: LayersNet = { type: 'layers', ...(input && { input }), layers: resolved }
  if (input) layerShapes({ ...net, input })
  return deepFreeze(net)
}
