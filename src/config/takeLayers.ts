import { isObject } from './require.js'

/** Options of which a preset's layers were taken out, and how its net gets them back. */
export interface WithoutLayers {
  readonly options: unknown
  /** @param net - what the options say of the net, checked */
  putBack<N extends object>(net: N): N
}

/**
 * Takes the layers out of a preset that a factory of `nets` made: they are not options of it, so no schema has them, and
 * `create` compares them with what the options say.
 *
 * @param options - as `train` or a config file has them, unchecked
 */
export function takeLayers(options: unknown): WithoutLayers {
  if (!isObject(options) || !isObject(options.net) || options.net.type === 'layers')
    return { options, putBack: (net) => net }
  const { layers, ...net } = options.net
  return {
    options: { ...options, net },
    putBack: (checked) => (layers === undefined ? checked : { ...checked, layers }),
  }
}
