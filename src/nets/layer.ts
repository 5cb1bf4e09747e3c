/**
 * The layer language: a network is a list of these plain objects. The engine builds it, `shape.ts` checks it, exporters
 * walk it. Parameters are named by their path: `block1.conv.weight` is the weight of layer `conv` in sequence `block1`.
 */

/** One number for both directions, or `[height, width]`. */
export type Size = number | readonly [height: number, width: number]

/**
 * How first weights are drawn. `torch`: as `torch.nn` does, uniform in ±1/√inputs, biases too. `kaiming`: normal with
 * variance 2/inputs, biases 0. `xavier`: uniform in ±√(6/(inputs + outputs)), biases 0.
 */
export type Init = 'torch' | 'kaiming' | 'xavier'

/** 2-d convolution (cross-correlation, as everywhere): `[n, c, h, w]` → `[n, out, h', w']`. */
export interface ConvLayer {
  readonly type: 'conv'
  /** Name of its parameters `weight` `[out, c/groups, kh, kw]` and `bias` `[out]`; letters, digits and `_`. */
  readonly name: string
  /** Channels that come out; a multiple of `groups`. */
  readonly out: number
  readonly kernel: Size
  /** Default 1. */
  readonly stride?: Size
  /** Zeros around the input. Default 0. */
  readonly padding?: Size
  /** Groups of channels that do not see each other. Default 1. */
  readonly groups?: number
  /** Default true. */
  readonly bias?: boolean
  /** Default `torch`. */
  readonly init?: Init
}

/** Batch normalisation over `[n, c, h, w]`, per channel, or `[n, d]`; running statistics when not training. */
export interface BatchNormLayer {
  readonly type: 'batchNorm'
  /** Name of its `weight`, `bias`, `running_mean`, `running_var`, each `[c]`. */
  readonly name: string
  /** Share of the new batch in the running statistics, in [0, 1]. Default 0.1. */
  readonly momentum?: number
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number
}

/**
 * Instance normalisation (Ulyanov et al. 2016) without weights: each image and channel by its own mean and deviation over
 * `[h, w]`, in training and after. As the first layer it standardises every image, so that its light does not matter.
 */
export interface InstanceNormLayer {
  readonly type: 'instanceNorm'
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number
}

/** max(x, 0) */
export interface ReluLayer {
  readonly type: 'relu'
}

/** x where positive, slope · x elsewhere. */
export interface LeakyReluLayer {
  readonly type: 'leakyRelu'
  /** Default 0.01. */
  readonly slope?: number
}

/** Largest (maxPool) or mean (avgPool, zeros of the padding counted) of each window: `[n, c, h, w]` → `[n, c, h', w']`. */
export interface PoolLayer<Type extends 'maxPool' | 'avgPool' = 'maxPool' | 'avgPool'> {
  readonly type: Type
  readonly kernel: Size
  /** Default: the kernel. */
  readonly stride?: Size
  /** At most half the kernel. Default 0. */
  readonly padding?: Size
  /** Keeps a last window that hangs over the edge (Caffe's rule) instead of dropping it. Default false. */
  readonly ceil?: boolean
}

/** Mean or largest over all positions: `[n, c, h, w]` → `[n, c]`. */
export interface GlobalPoolLayer {
  readonly type: 'globalPool'
  /** Default `avg`. */
  readonly mode?: 'avg' | 'max'
}

/** `[n, c, h, w]` → `[n, c·h·w]`, channel by channel. */
export interface FlattenLayer {
  readonly type: 'flatten'
}

/** `[n, d]` → `[n, out]`. */
export interface LinearLayer {
  readonly type: 'linear'
  /** Name of its `weight` `[out, d]` and `bias` `[out]`. */
  readonly name: string
  readonly out: number
  /** Default true. */
  readonly bias?: boolean
  /** Default `torch`. */
  readonly init?: Init
}

/** While training each number becomes 0 with probability p, the others are divided by 1 − p. */
export interface DropoutLayer {
  readonly type: 'dropout'
  /** In [0, 1). */
  readonly p: number
}

/** Layers after one another, under a name of their own. */
export interface SequenceLayer {
  readonly type: 'sequence'
  readonly name: string
  readonly layers: readonly Layer[]
}

/** A layer as users write it: what has a default may be left out. */
export type Layer =
  | ConvLayer
  | BatchNormLayer
  | InstanceNormLayer
  | ReluLayer
  | LeakyReluLayer
  | PoolLayer<'maxPool'>
  | PoolLayer<'avgPool'>
  | GlobalPoolLayer
  | FlattenLayer
  | LinearLayer
  | DropoutLayer
  | SequenceLayer

/** A sequence with nothing left to defaults. */
export interface ResolvedSequence {
  readonly type: 'sequence'
  readonly name: string
  readonly layers: readonly ResolvedLayer[]
}

/** A layer with nothing left to defaults: what plans hold and the engine reads. */
export type ResolvedLayer =
  | Required<ConvLayer>
  | Required<BatchNormLayer>
  | Required<InstanceNormLayer>
  | ReluLayer
  | Required<LeakyReluLayer>
  | Required<PoolLayer<'maxPool'>>
  | Required<PoolLayer<'avgPool'>>
  | Required<GlobalPoolLayer>
  | FlattenLayer
  | Required<LinearLayer>
  | DropoutLayer
  | ResolvedSequence

/** The `type` of every layer. */
export const layerTypes = [
  'conv',
  'batchNorm',
  'instanceNorm',
  'relu',
  'leakyRelu',
  'maxPool',
  'avgPool',
  'globalPool',
  'flatten',
  'linear',
  'dropout',
  'sequence',
] as const satisfies readonly Layer['type'][]

/** `[height, width]` of a size. */
export function pair(size: Size): readonly [height: number, width: number] {
  return typeof size === 'number' ? [size, size] : size
}
