import type * as Zod from 'zod'
import type { Layer } from '../nets/layer.js'
import type { ZodLibrary } from './check.js'

/** Networks by type. Whether layers fit together is checked where networks are made. */
export function netSchema(z: ZodLibrary) {
  const positive = z.int().min(1)
  const drawn = z.enum(['torch', 'kaiming', 'xavier']).exactOptional()
  const init = drawn.describe('How first weights are drawn. Default torch.')
  const input = z
    .strictObject({ channels: positive, height: positive, width: positive })
    .exactOptional()
    .describe('Default: as the data.')
  const layers = z.array(layerSchema(z)).min(1).readonly()
  return z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('conv4'),
      width: z
        .union([positive, z.tuple([positive, positive, positive, positive])])
        .exactOptional()
        .describe('Channels of the four blocks: one number for all, or four. Default 64.'),
      embeddingSize: positive.exactOptional().describe('Default 128.'),
      embeddingNorm: z.boolean().exactOptional().describe('Batch norm of the embeddings. Default false.'),
      inputNorm: z.boolean().exactOptional().describe('Instance norm of the images. Default false.'),
      ...{ init, input },
    }),
    z.strictObject({
      type: z.literal('casiaNet'),
      batchNorm: z.boolean().exactOptional().describe('After each convolution. Default false.'),
      dropout: z.number().min(0).lt(1).exactOptional().describe('Share left out while training. Default 0.'),
      embeddingSize: positive.exactOptional().describe('Adds a linear layer to this size. Default: none, 320 numbers.'),
      ...{ init: drawn.describe('How first weights are drawn. Default kaiming.'), input },
    }),
    z.strictObject({
      ...{
        type: z.literal('linear'),
        embeddingSize: positive.exactOptional().describe('Default 128.'),
        bias: z.boolean().exactOptional().describe('Default true.'),
      },
      ...{ init, input },
    }),
    z.strictObject({
      type: z.literal('mlp'),
      hidden: z
        .array(positive)
        .min(1)
        .readonly()
        .exactOptional()
        .describe('Sizes of the hidden layers. Default [512].'),
      embeddingSize: positive.exactOptional().describe('Default 128.'),
      dropout: z.number().min(0).lt(1).exactOptional().describe('Share left out while training. Default 0.'),
      ...{ init, input },
    }),
    z.strictObject({ type: z.literal('layers'), input, layers }),
  ])
}

/** The layer language. */
function layerSchema(z: ZodLibrary): Zod.ZodType<Layer, Layer> {
  const layer: Zod.ZodType<Layer, Layer> = z.lazy(() =>
    z.discriminatedUnion('type', [
      ...plainLayerSchemas(z),
      z.strictObject({ type: z.literal('sequence'), name: nameSchema(z), layers: z.array(layer).min(1).readonly() }),
    ]),
  )
  return layer
}

function nameSchema(z: ZodLibrary) {
  return z.string().regex(/^\w+$/)
}

/** All layers but the one that holds others. */
export function plainLayerSchemas(z: ZodLibrary) {
  const name = nameSchema(z)
  const positive = z.int().min(1)
  const size = (least: number) => {
    const one = z.int().min(least)
    return z.union([one, z.tuple([one, one]).readonly()])
  }
  const init = z.enum(['torch', 'kaiming', 'xavier']).exactOptional().describe('Default torch.')
  const bias = z.boolean().exactOptional().describe('Default true.')
  const pool = <T extends 'maxPool' | 'avgPool'>(type: T) =>
    z.strictObject({
      type: z.literal(type),
      kernel: size(1),
      stride: size(1).exactOptional().describe('Default: the kernel.'),
      padding: size(0).exactOptional().describe('Default 0.'),
      ceil: z.boolean().exactOptional().describe('Keeps a last window that hangs over the edge. Default false.'),
    })
  return [
    z.strictObject({
      ...{
        type: z.literal('conv'),
        name,
        out: positive,
        kernel: size(1),
        stride: size(1).exactOptional().describe('Default 1.'),
      },
      ...{
        padding: size(0).exactOptional().describe('Default 0.'),
        groups: positive.exactOptional().describe('Default 1.'),
        bias,
        init,
      },
    }),
    z.strictObject({
      ...{ type: z.literal('batchNorm'), name },
      momentum: z.number().min(0).max(1).exactOptional().describe('Default 0.1.'),
      eps: z.number().gt(0).exactOptional().describe('Default 1e-5.'),
    }),
    z.strictObject({
      type: z.literal('instanceNorm'),
      eps: z.number().gt(0).exactOptional().describe('Default 1e-5.'),
    }),
    z.strictObject({ type: z.literal('relu') }),
    z.strictObject({
      type: z.literal('leakyRelu'),
      slope: z.number().min(0).exactOptional().describe('Default 0.01.'),
    }),
    pool('maxPool'),
    pool('avgPool'),
    z.strictObject({
      type: z.literal('globalPool'),
      mode: z.enum(['avg', 'max']).exactOptional().describe('Default avg.'),
    }),
    z.strictObject({ type: z.literal('flatten') }),
    z.strictObject({ type: z.literal('linear'), name, out: positive, bias, init }),
    z.strictObject({ type: z.literal('dropout'), p: z.number().min(0).lt(1) }),
  ] as const
}
