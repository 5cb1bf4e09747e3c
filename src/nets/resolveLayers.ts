import {
  requireBoolean,
  requireInteger,
  requireNames,
  requireNumber,
  requireObject,
  requireWord,
  type Unchecked,
} from '../config/require.js'
import { invalidOption } from '../errors.js'
import { type Init, layerTypes, pair, type ResolvedLayer, type Size } from './layer.js'

const inits = ['torch', 'kaiming', 'xavier'] as const satisfies readonly Init[]

/**
 * Checks a list of layers and fills in every default.
 *
 * @param path - option name of the list, for messages, for example `layers`
 * @throws NPairError `INVALID_OPTION` naming the layer and its option, for example `layers[2].kernel`
 */
export function resolveLayers(path: string, value: unknown): ResolvedLayer[] {
  if (!Array.isArray(value) || value.length === 0) throw invalidOption(path, 'an array of at least one layer', value)
  const taken = new Set<string>()
  return value.map((item: unknown, i) => {
    const layer = resolveLayer(`${path}[${i}]`, item)
    if ('name' in layer) {
      if (taken.has(layer.name))
        throw invalidOption(`${path}[${i}].name`, 'a name that no layer beside it has', layer.name)
      taken.add(layer.name)
    }
    return layer
  })
}

function resolveLayer(path: string, value: unknown): ResolvedLayer {
  requireObject(path, value)
  const { type } = value
  requireWord(`${path}.type`, type, layerTypes)
  const known = (...names: string[]) => requireNames(path, value, ['type', ...names])
  switch (type) {
    case 'conv': {
      known('name', 'out', 'kernel', 'stride', 'padding', 'groups', 'bias', 'init')
      const groups = integer(path, value, 'groups', 1, 1)
      const out = integer(path, value, 'out', 1)
      if (out % groups !== 0) throw invalidOption(`${path}.out`, `a multiple of groups (${groups})`, out)
      return {
        ...{ type, name: name(path, value), out, kernel: size(path, value, 'kernel', 1) },
        ...{ stride: size(path, value, 'stride', 1, 1), padding: size(path, value, 'padding', 0, 0), groups },
        ...{ bias: flag(path, value, 'bias', true), init: init(path, value) },
      }
    }
    case 'batchNorm':
      known('name', 'momentum', 'eps')
      return {
        ...{ type, name: name(path, value) },
        momentum: number(path, value, 'momentum', 'in [0, 1]', (x) => x >= 0 && x <= 1, 0.1),
        eps: number(path, value, 'eps', '> 0', (x) => x > 0, 1e-5),
      }
    case 'instanceNorm':
      known('eps')
      return { type, eps: number(path, value, 'eps', '> 0', (x) => x > 0, 1e-5) }
    case 'relu':
    case 'flatten':
      known()
      return { type }
    case 'leakyRelu':
      known('slope')
      return { type, slope: number(path, value, 'slope', '>= 0', (x) => x >= 0, 0.01) }
    case 'maxPool':
    case 'avgPool': {
      known('kernel', 'stride', 'padding', 'ceil')
      const kernel = size(path, value, 'kernel', 1)
      const padding = size(path, value, 'padding', 0, 0)
      if (pair(padding).some((p, k) => p > (pair(kernel)[k] as number) / 2))
        throw invalidOption(`${path}.padding`, `at most half the kernel (${JSON.stringify(kernel)})`, padding)
      const stride = size(path, value, 'stride', 1, kernel)
      return { type, kernel, stride, padding, ceil: flag(path, value, 'ceil', false) }
    }
    case 'globalPool': {
      known('mode')
      const { mode = 'avg' } = value
      requireWord(`${path}.mode`, mode, ['avg', 'max'])
      return { type, mode }
    }
    case 'linear':
      known('name', 'out', 'bias', 'init')
      return {
        ...{ type, name: name(path, value), out: integer(path, value, 'out', 1) },
        ...{ bias: flag(path, value, 'bias', true), init: init(path, value) },
      }
    case 'dropout':
      known('p')
      return { type, p: number(path, value, 'p', 'in [0, 1)', (x) => x >= 0 && x < 1) }
    case 'sequence':
      known('name', 'layers')
      return { type, name: name(path, value), layers: resolveLayers(`${path}.layers`, value.layers) }
  }
}

function name(path: string, layer: Unchecked): string {
  const { name } = layer
  if (typeof name !== 'string' || !/^\w+$/.test(name))
    throw invalidOption(`${path}.name`, 'a name of letters, digits and _', name)
  return name
}

function integer(path: string, layer: Unchecked, key: string, least: number, fallback?: number): number {
  const value = layer[key] ?? fallback
  requireInteger(`${path}.${key}`, value, least)
  return value
}

function number(
  path: string,
  layer: Unchecked,
  key: string,
  which: string,
  holds: (x: number) => boolean,
  fallback?: number,
): number {
  const value = layer[key] ?? fallback
  requireNumber(`${path}.${key}`, value, which, holds)
  return value
}

function flag(path: string, layer: Unchecked, key: string, fallback: boolean): boolean {
  const value = layer[key] ?? fallback
  requireBoolean(`${path}.${key}`, value)
  return value
}

function init(path: string, layer: Unchecked): Init {
  const { init = 'torch' } = layer
  requireWord(`${path}.init`, init, inits)
  return init
}

function size(path: string, layer: Unchecked, key: string, least: number, fallback?: Size): Size {
  const value = layer[key] ?? fallback
  const fits = (x: unknown): x is number => typeof x === 'number' && Number.isSafeInteger(x) && x >= least
  if (fits(value)) return value
  if (Array.isArray(value)) {
    const [height, width] = value as unknown[]
    if (value.length === 2 && fits(height) && fits(width)) return [height, width]
  }
  throw invalidOption(`${path}.${key}`, `an integer >= ${least} or two of them, [height, width],`, value)
}
