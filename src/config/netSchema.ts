import type * as Zod from 'zod'
import type { Layer } from '../nets/layer.js'
import type { ZodLibrary } from './check.js'

/** Networks by type. Whether layers fit together is checked where networks are made. */
export function netSchema(z: ZodLibrary) {
  const positive = z.int().min(1)
  const init = z.enum(['torch', 'kaiming', 'xavier']).exactOptional()
  const input = z.strictObject({ channels: positive, height: positive, width: positive }).exactOptional()
  const layers = z.array(layerSchema(z)).min(1).readonly()
  return z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('conv4'),
      width: positive.exactOptional(),
      embeddingSize: positive.exactOptional(),
      embeddingNorm: z.boolean().exactOptional(),
      inputNorm: z.boolean().exactOptional(),
      ...{ init, input },
    }),
    z.strictObject({
      type: z.literal('casiaNet'),
      batchNorm: z.boolean().exactOptional(),
      dropout: z.number().min(0).lt(1).exactOptional(),
      embeddingSize: positive.exactOptional(),
      ...{ init, input },
    }),
    z.strictObject({
      ...{ type: z.literal('linear'), embeddingSize: positive.exactOptional(), bias: z.boolean().exactOptional() },
      ...{ init, input },
    }),
    z.strictObject({
      type: z.literal('mlp'),
      hidden: z.array(positive).min(1).readonly().exactOptional(),
      embeddingSize: positive.exactOptional(),
      dropout: z.number().min(0).lt(1).exactOptional(),
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
  const init = z.enum(['torch', 'kaiming', 'xavier']).exactOptional()
  const bias = z.boolean().exactOptional()
  const pool = <T extends 'maxPool' | 'avgPool'>(type: T) =>
    z.strictObject({
      type: z.literal(type),
      kernel: size(1),
      stride: size(1).exactOptional(),
      padding: size(0).exactOptional(),
      ceil: z.boolean().exactOptional(),
    })
  return [
    z.strictObject({
      ...{ type: z.literal('conv'), name, out: positive, kernel: size(1), stride: size(1).exactOptional() },
      ...{ padding: size(0).exactOptional(), groups: positive.exactOptional(), bias, init },
    }),
    z.strictObject({
      ...{ type: z.literal('batchNorm'), name },
      momentum: z.number().min(0).max(1).exactOptional(),
      eps: z.number().gt(0).exactOptional(),
    }),
    z.strictObject({ type: z.literal('instanceNorm'), eps: z.number().gt(0).exactOptional() }),
    z.strictObject({ type: z.literal('relu') }),
    z.strictObject({ type: z.literal('leakyRelu'), slope: z.number().min(0).exactOptional() }),
    pool('maxPool'),
    pool('avgPool'),
    z.strictObject({ type: z.literal('globalPool'), mode: z.enum(['avg', 'max']).exactOptional() }),
    z.strictObject({ type: z.literal('flatten') }),
    z.strictObject({ type: z.literal('linear'), name, out: positive, bias, init }),
    z.strictObject({ type: z.literal('dropout'), p: z.number().min(0).lt(1) }),
  ] as const
}
