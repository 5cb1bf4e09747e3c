import { invalidOption, NPairError } from '../errors.js'
import { pair, type ResolvedLayer } from './layer.js'
import type { Net } from './net.js'

/** Sizes after the batch dimension: `[c, h, w]` or `[d]`. */
export type Shape = readonly number[]

/** A tensor that a layer owns. */
export interface LayerTensor {
  /** Full name, for example `block1.conv.weight`. */
  readonly name: string
  readonly shape: readonly number[]
  /** False for running statistics. */
  readonly trainable: boolean
}

/** What one layer sees and gives, batch dimension left out. */
export interface LayerShape {
  /** Path of names; layers without a name are numbered within their sequence, from 0: `block1.2`. */
  readonly path: string
  readonly type: Exclude<ResolvedLayer['type'], 'sequence'>
  readonly input: Shape
  readonly output: Shape
  readonly tensors: readonly LayerTensor[]
}

/**
 * Walks a network and gives the shape that each layer sees, sequences opened up.
 *
 * @throws NPairError `LAYER_SHAPE` naming the layer, what came and what it needs; `INVALID_OPTION` if the net has no input size yet
 */
export function layerShapes(net: Net): LayerShape[] {
  const shapes: LayerShape[] = []
  if (net.input === undefined)
    throw invalidOption('net.input', 'the size of the images { channels, height, width }', undefined)
  const { channels, height, width } = net.input
  const output = walk(net.layers, '', [channels, height, width], shapes)
  const last = shapes.at(-1)
  if (output.length !== 1)
    throw misfit(
      last?.path ?? 'input',
      last?.type ?? 'input',
      `gives ${show(output)}`,
      '[n, d] (add globalPool or flatten)',
    )
  return shapes
}

/** Number of trainable parameters. */
export function parameterCount(net: Net): number {
  const trainable = layerShapes(net).flatMap((layer) => layer.tensors.filter((tensor) => tensor.trainable))
  return trainable.reduce((sum, tensor) => sum + volume(tensor.shape), 0)
}

/** d of the embeddings `[n, d]` that a network gives. */
export function embeddingSize(net: Net): number {
  return layerShapes(net).at(-1)?.output[0] as number
}

function walk(layers: readonly ResolvedLayer[], prefix: string, start: Shape, shapes: LayerShape[]): Shape {
  let shape = start
  layers.forEach((layer, i) => {
    const path = prefix + ('name' in layer ? layer.name : i)
    if (layer.type === 'sequence') {
      shape = walk(layer.layers, `${path}.`, shape, shapes)
      return
    }
    const output = outputShape(layer, path, shape)
    shapes.push({ path, type: layer.type, input: shape, output, tensors: tensorsOf(layer, path, shape) })
    shape = output
  })
  return shape
}

function outputShape(layer: Exclude<ResolvedLayer, { type: 'sequence' }>, path: string, shape: Shape): Shape {
  const needs = (what: string) => misfit(path, layer.type, `got ${show(shape)}`, what)
  switch (layer.type) {
    case 'relu':
    case 'leakyRelu':
    case 'dropout':
      return shape
    case 'batchNorm':
      return shape
    case 'flatten':
      return [volume(shape)]
    case 'linear':
      if (shape.length !== 1) throw needs('[n, d] (put flatten or globalPool before it)')
      return [layer.out]
  }
  const [channels, height, width] = shape
  if (channels === undefined || height === undefined || width === undefined) throw needs('[n, c, h, w]')
  switch (layer.type) {
    case 'instanceNorm':
      return shape
    case 'globalPool':
      return [channels]
    case 'conv': {
      if (channels % layer.groups !== 0) throw needs(`channels in ${layer.groups} equal groups`)
      const sizes = [height, width].map((size, k) => {
        const [kernel, stride, padding] = window(layer, k)
        return Math.floor((size + 2 * padding - kernel) / stride) + 1
      })
      if (sizes.some((size) => size < 1)) throw needs(room(layer))
      return [layer.out, ...sizes]
    }
    case 'maxPool':
    case 'avgPool': {
      const sizes = [height, width].map((size, k) => {
        const [kernel, stride, padding] = window(layer, k)
        const rounding = layer.ceil ? stride - 1 : 0
        const count = Math.floor((size + 2 * padding - kernel + rounding) / stride) + 1
        // torch's rule: rounding up keeps only windows that start inside of the input or the padding before it.
        return layer.ceil && (count - 1) * stride >= size + padding ? count - 1 : count
      })
      if (sizes.some((size) => size < 1)) throw needs(room(layer))
      return [channels, ...sizes]
    }
  }
}

type Windowed = Extract<ResolvedLayer, { kernel: unknown }>

/** Kernel, stride and padding along the height (0) or the width (1). */
function window(layer: Windowed, direction: number): [kernel: number, stride: number, padding: number] {
  const along = (size: readonly number[]) => size[direction] as number
  return [along(pair(layer.kernel)), along(pair(layer.stride)), along(pair(layer.padding))]
}

/** The smallest input that gives one window. */
function room(layer: Windowed): string {
  const least = [0, 1].map((k) => {
    const [kernel, stride, padding] = window(layer, k)
    return Math.max(1, kernel - 2 * padding - ('ceil' in layer && layer.ceil ? stride - 1 : 0))
  })
  const padded = pair(layer.padding).some((p) => p > 0) ? `, padding ${JSON.stringify(layer.padding)}` : ''
  return `h >= ${least[0]} and w >= ${least[1]} for kernel ${JSON.stringify(layer.kernel)}${padded}`
}

function tensorsOf(layer: ResolvedLayer, path: string, [channels = 0]: Shape): LayerTensor[] {
  const tensor = (name: string, shape: number[], trainable = true) => ({ name: `${path}.${name}`, shape, trainable })
  switch (layer.type) {
    case 'conv':
    case 'linear': {
      const inputs = layer.type === 'conv' ? [channels / layer.groups, ...pair(layer.kernel)] : [channels]
      const weight = tensor('weight', [layer.out, ...inputs])
      return layer.bias ? [weight, tensor('bias', [layer.out])] : [weight]
    }
    case 'batchNorm':
      return [
        tensor('weight', [channels]),
        tensor('bias', [channels]),
        tensor('running_mean', [channels], false),
        tensor('running_var', [channels], false),
      ]
    default:
      return []
  }
}

function volume(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}

function show(shape: Shape): string {
  return `[${['n', ...shape].join(', ')}]`
}

function misfit(path: string, type: string, came: string, needed: string): NPairError {
  return new NPairError('LAYER_SHAPE', `Layer ${path} (${type}) ${came} but needs ${needed}`, { option: path })
}
