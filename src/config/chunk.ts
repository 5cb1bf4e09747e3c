import { invalidOption } from '../errors.js'
import type { ResolvedLayer } from '../nets/layer.js'
import type { Net } from '../nets/net.js'
import { type Batch, batchRows } from './batch.js'

/**
 * Refuses to cut the batches of a network with batch norm into chunks, unless that is asked for in so many words: its
 * statistics would be a chunk's and no longer the batch's, and nothing would say so.
 *
 * @throws NPairError `INVALID_OPTION` naming `batch.chunk` or `batch.normPerChunk`
 */
export function requireChunkable(batch: Batch, net: Net): void {
  const { chunk, normPerChunk = false } = batch
  const rows = batchRows(batch)
  if (normPerChunk && chunk === undefined)
    throw invalidOption('batch.normPerChunk', 'no value without batch.chunk', true)
  if (chunk === undefined || chunk >= rows) return
  const norm = firstNorm(net.layers, '')
  if (norm === undefined) return
  if (!normPerChunk)
    throw invalidOption(
      'batch.chunk',
      `no value for a network with batch norm (layer ${norm}), whose statistics a chunk would change (batch.normPerChunk: true allows that),`,
      chunk,
    )
  if (chunk === 1 || rows % chunk === 1)
    throw invalidOption('batch.chunk', `a number that leaves none of ${rows} images alone with its batch norm`, chunk)
}

/** Path of the first batch norm; undefined where there is none. */
function firstNorm(layers: readonly ResolvedLayer[], prefix: string): string | undefined {
  for (const layer of layers) {
    if (layer.type === 'batchNorm') return `${prefix}${layer.name}`
    const inner = layer.type === 'sequence' ? firstNorm(layer.layers, `${prefix}${layer.name}.`) : undefined
    if (inner !== undefined) return inner
  }
  return undefined
}
