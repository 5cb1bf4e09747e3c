import { requireInteger, requireNames, requireWord } from '../config/require.js'
import type { ResolvedLayer } from './layer.js'

/** Size of the images that a network sees, after cropping. */
export interface NetInput {
  /** 1 (grey) or 3 (RGB) */
  readonly channels: number
  readonly height: number
  readonly width: number
}

/**
 * A network as data: frozen and plain. Where `input` is missing it is taken from the data when training starts.
 * Presets carry their own options beside the layers that follow from them.
 */
export interface Net {
  readonly type: string
  readonly input?: NetInput
  readonly layers: readonly ResolvedLayer[]
}

/** A network whose input size is known: what plans and bundles hold. */
export type ResolvedNet<N extends Net = Net> = N & { readonly input: NetInput }

/** Checks the `input` option of a network; undefined stays undefined. */
export function checkInput(path: string, input: unknown): NetInput | undefined {
  if (input === undefined) return undefined
  requireNames(path, input, ['channels', 'height', 'width'])
  const { channels, height, width } = input
  requireInteger(`${path}.channels`, channels, 1)
  requireInteger(`${path}.height`, height, 1)
  requireInteger(`${path}.width`, width, 1)
  return { channels, height, width }
}

/** Checks an `init` option of a preset. */
export function checkInit(path: string, init: unknown): 'torch' | 'kaiming' | 'xavier' {
  requireWord(path, init, ['torch', 'kaiming', 'xavier'])
  return init
}
