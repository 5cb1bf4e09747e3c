import { isDeepStrictEqual } from 'node:util'
import { requireObject, requireWord } from '../config/require.js'
import { within } from '../config/within.js'
import { invalidOption } from '../errors.js'
import { type CasiaNet, type CasiaNetOptions, casiaNet } from './casiaNet.js'
import { type Conv4Net, type Conv4Options, conv4 } from './conv4.js'
import { type LayersNet, type LayersOptions, layers } from './layers.js'
import { type LinearNet, type LinearOptions, linear } from './linear.js'
import { type MlpNet, type MlpOptions, mlp } from './mlp.js'
import type { NetInput, ResolvedNet } from './net.js'
import { layerShapes } from './shape.js'

/** A network as config files name it: its type, and those options that differ from the defaults. */
export type NetOptions =
  | ({ readonly type: 'conv4' } & Conv4Options)
  | ({ readonly type: 'casiaNet' } & CasiaNetOptions)
  | ({ readonly type: 'linear' } & LinearOptions)
  | ({ readonly type: 'mlp' } & MlpOptions)
  | ({ readonly type: 'layers' } & LayersOptions)

/** Every network that a factory of `nets` gives. */
export type AnyNet = Conv4Net | CasiaNet | LinearNet | MlpNet | LayersNet

/** The types that {@link create} knows. */
export const types = ['conv4', 'casiaNet', 'linear', 'mlp', 'layers'] as const

/**
 * The network that options describe: how config files and plans name one. What a factory gave is taken as it is, too.
 *
 * @param path - option name of the network in messages
 * @throws NPairError as the network's own factory; `INVALID_OPTION` if the layers beside a preset's options are not the preset's
 */
export function create(options: NetOptions | AnyNet, path = 'net'): AnyNet {
  requireObject(path, options)
  requireWord(`${path}.type`, options.type, types)
  return within(path, () => {
    switch (options.type) {
      case 'conv4': {
        const { type: _, layers: given, ...own } = { layers: undefined, ...options }
        return preset(conv4(own), given)
      }
      case 'casiaNet': {
        const { type: _, layers: given, ...own } = { layers: undefined, ...options }
        return preset(casiaNet(own), given)
      }
      case 'linear': {
        const { type: _, layers: given, ...own } = { layers: undefined, ...options }
        return preset(linear(own), given)
      }
      case 'mlp': {
        const { type: _, layers: given, ...own } = { layers: undefined, ...options }
        return preset(mlp(own), given)
      }
      case 'layers': {
        const { type: _, ...own } = options
        return layers(own)
      }
    }
  })
}

/** A preset's options and layers must not tell two stories. */
function preset<N extends AnyNet>(net: N, given: unknown): N {
  if (given !== undefined && !isDeepStrictEqual(given, net.layers))
    throw invalidOption(
      'layers',
      `the layers of ${net.type} with these options (leave them out, or use type 'layers')`,
      given,
    )
  return net
}

/**
 * The same network with its input size filled in from the data, every layer checked against it.
 *
 * @param data - size of the images; the network's own input may be smaller (images are cropped), never larger
 * @throws NPairError `INVALID_OPTION` if the network's own input does not fit the data; `LAYER_SHAPE`
 */
export function resolveNet(net: NetOptions | AnyNet, data: NetInput): ResolvedNet<AnyNet> {
  const created = create(net)
  const input = created.input ?? { channels: data.channels, height: data.height, width: data.width }
  if (input.channels !== data.channels)
    throw invalidOption('net.input.channels', `the ${data.channels} of the data`, input.channels)
  if (input.height > data.height)
    throw invalidOption('net.input.height', `at most the data's ${data.height}`, input.height)
  if (input.width > data.width) throw invalidOption('net.input.width', `at most the data's ${data.width}`, input.width)
  const resolved = Object.freeze({ ...created, input: Object.freeze(input) })
  layerShapes(resolved)
  return resolved
}
