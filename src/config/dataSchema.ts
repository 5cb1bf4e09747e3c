import { benchmarkNames } from './benchmarkNames.js'
import type { ZodLibrary } from './check.js'

/** Where images come from, by type; a type test holds it equal to {@link DataOptions}. */
export function dataSchema(z: ZodLibrary) {
  const positive = z.int().min(1)
  const path = z.string().min(1).exactOptional().describe('Folder or zip; --data goes before it.')
  const split = z
    .strictObject({
      by: z.enum(['class', 'superClass', 'withinClass']),
      test: z
        .union([z.number().gt(0).lt(1), z.array(z.string()).min(1).readonly()])
        .describe('Fraction, or names of classes or super-classes.'),
      validation: z
        .union([z.number().gt(0).lt(1), z.array(z.string()).min(1).readonly(), z.literal('test')])
        .exactOptional()
        .describe(
          'What of the training half validation judges on, or test. Default 0.2 with validation, else nothing.',
        ),
      seed: z.int().min(0).exactOptional().describe('Default 0.'),
    })
    .exactOptional()
    .describe('Training and test half. Without it all images train.')
  const size = z
    .union([positive, z.tuple([positive, positive]).readonly()])
    .describe('Pixels: a side, or [height, width].')
  const used = {
    split,
    rotatedClasses: z.boolean().exactOptional().describe('Turned classes are classes, too. Default false.'),
  }
  const files = {
    path,
    size,
    channels: z
      .union([z.literal(1), z.literal(3)])
      .exactOptional()
      .describe('1: grey, 3: RGB. Default 1.'),
    interpolation: z
      .enum(['nearest', 'linear', 'cubic', 'mitchell', 'lanczos2', 'lanczos3'])
      .exactOptional()
      .describe('Resampling kernel. Default lanczos3.'),
    fit: z.enum(['fill', 'cover', 'contain']).exactOptional().describe('Stretched, cut or bordered. Default fill.'),
    background: z
      .int()
      .min(0)
      .max(255)
      .exactOptional()
      .describe('Grey of borders, of what is transparent. Default 255.'),
    centre: z.boolean().exactOptional().describe('Centre of mass moved into the middle. Default false.'),
    broken: z.enum(['error', 'skip']).exactOptional().describe('What a broken image does. Default error.'),
    ...used,
  }
  return z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('folder'), ...files }),
    z.strictObject({ type: z.literal('omniglot'), ...files }),
    z.strictObject({
      type: z.literal('benchmark'),
      name: z.enum(benchmarkNames).describe('Which published set.'),
      half: z.enum(['train', 'test']).exactOptional().describe('One half alone. Default: one trains, one judges.'),
      ...files,
    }),
    z.strictObject({ type: z.literal('characters'), size, ...used }),
    z.strictObject({
      type: z.literal('features'),
      path: z.string().min(1).exactOptional().describe('A .npy file [n, D]; --data goes before it.'),
      labels: z.string().min(1).describe('Class of each row: .npy of integers, .json array, or text, a name a line.'),
      names: z.string().min(1).exactOptional().describe('Name of each row: text, a name a line, or .json array.'),
      normalize: z.boolean().exactOptional().describe('Each row to length 1. Default false.'),
      split,
    }),
  ])
}
