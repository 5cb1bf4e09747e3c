import { batchSchema } from './batch.js'
import type { ZodLibrary } from './check.js'
import { lossSchema } from './lossSchema.js'
import { netSchema } from './netSchema.js'
import { protocolSchema } from './protocolSchema.js'
import { mostThreads } from './threads.js'

/** What {@link TrainOptions} allow; a type test holds the two equal. */
export function trainSchema(z: ZodLibrary) {
  return z.strictObject({
    net: netSchema(z).describe('The network: a preset with its options, or layers of your own.'),
    loss: lossSchema(z).exactOptional().describe('Default: nPairMc with its defaults.'),
    batch: batchSchema(z).describe('What makes a batch.'),
    optimizer: optimizerSchema(z).exactOptional().describe('Default: Adam at 1e-3.'),
    preprocess: preprocessSchema(z).exactOptional().describe('Pixels: x/255, inverted where asked, (x - mean)/std.'),
    augment: augmentSchema(z).exactOptional().describe('Random changes of the images while training.'),
    ema: emaSchema(z).exactOptional().describe('Keeps an average of the weights, which becomes the model.'),
    guard: guardSchema(z).exactOptional().describe('Watches for divergence.'),
    steps: z.int().min(1).describe('Number of steps (updates of the weights).'),
    seed: z.int().min(0).exactOptional().describe('Of all that is random. Default 0.'),
    device: z.enum(['auto', 'cpu', 'cuda']).exactOptional().describe('Default auto: CUDA where there is a device.'),
    precision: z
      .enum(['auto', 'float32', 'bfloat16', 'float64'])
      .exactOptional()
      .describe('Default auto: bfloat16 on CUDA and on processors with AMX, else float32.'),
    threads: z
      .int()
      .min(1)
      .max(mostThreads)
      .exactOptional()
      .describe("Threads on the CPU. Default: libtorch's choice."),
    checkpointEvery: z.int().min(0).exactOptional().describe('Steps; 0: only at the end. Default 1000.'),
    keepCheckpoints: z.int().min(1).exactOptional().describe('How many stay. Default 2.'),
    validation: validationSchema(z).exactOptional().describe('Judging during training.'),
    mirror: z.boolean().exactOptional().describe('Add the embedding of the mirrored image. Default false.'),
    shifts: z
      .array(z.int().min(1))
      .readonly()
      .exactOptional()
      .describe('Add the embeddings of the image moved by so many pixels, up, down, left and right. Default [].'),
    whiten: z
      .strictObject({ shrinkage: z.number().gt(0).exactOptional() })
      .exactOptional()
      .describe('Whiten the embeddings of the finished model by their covariance within classes. Default: none.'),
    output: z.string().min(1).describe('Folder of the run.'),
  })
}

function optimizerSchema(z: ZodLibrary) {
  const share = () => z.number().min(0).lt(1)
  const decay = z.number().min(0)
  const common = {
    learningRate: z.number().gt(0).exactOptional().describe('Default 1e-3.'),
    clipNorm: z.number().min(0).exactOptional().describe('Longest gradient; 0: any. Default 0.'),
    schedule: scheduleSchema(z).exactOptional().describe('How the learning rate changes. Default constant.'),
  }
  const betas = {
    beta1: share().exactOptional().describe('Default 0.9.'),
    beta2: share().exactOptional().describe('Default 0.999.'),
    epsilon: z.number().gt(0).exactOptional().describe('Default 1e-8.'),
  }
  return z.discriminatedUnion('type', [
    z.strictObject({
      ...{ type: z.literal('adam'), ...common, ...betas },
      weightDecay: decay.exactOptional().describe('Not on biases and norms. Default 0.'),
    }),
    z.strictObject({
      ...{ type: z.literal('adamW'), ...common, ...betas },
      weightDecay: decay.exactOptional().describe('Decoupled; not on biases and norms. Default 1e-2.'),
    }),
    z.strictObject({
      ...{ type: z.literal('sgd'), ...common },
      momentum: share().exactOptional().describe('Default 0.9.'),
      dampening: share().exactOptional().describe('Of the gradient in the momentum. Default 0.'),
      nesterov: z.boolean().exactOptional().describe('Needs momentum and no dampening. Default false.'),
      weightDecay: decay.exactOptional().describe('Not on biases and norms. Default 0.'),
    }),
  ])
}

function scheduleSchema(z: ZodLibrary) {
  const warmup = z.int().min(0).exactOptional().describe('Steps of linear rise. Default 0.')
  return z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('constant'), warmup }),
    z.strictObject({
      type: z.literal('step'),
      warmup,
      milestones: z.array(z.int().min(1)).min(1).readonly().describe('Steps at which the rate falls, rising.'),
      factor: z.number().gt(0).max(1).exactOptional().describe('Default 0.1.'),
    }),
    z.strictObject({
      type: z.literal('cosine'),
      warmup,
      final: z.number().min(0).max(1).exactOptional().describe('Fraction of the rate at the end. Default 0.'),
    }),
  ])
}

function emaSchema(z: ZodLibrary) {
  return z.strictObject({
    decay: z.number().min(0).lt(1).exactOptional().describe('Share that the average keeps. Default 0.999.'),
    warmup: z.boolean().exactOptional().describe('At most (1 + t)/(10 + t) at step t. Default true.'),
  })
}

function guardSchema(z: ZodLibrary) {
  return z.strictObject({
    onDivergence: z.enum(['stop', 'skip', 'rollback']).describe('What becomes of a step that diverges.'),
    maxCosine: z.number().min(-1).max(1).exactOptional().describe('Between different classes. Default 0.98.'),
    maxNorm: z.number().gt(0).exactOptional().describe('Mean length of the embeddings. Default 1000.'),
    gradientSpike: z.number().gt(1).exactOptional().describe('Times the running mean. Default 20.'),
    decay: z.number().min(0).lt(1).exactOptional().describe('Of the running mean. Default 0.98.'),
    warmup: z.int().min(0).exactOptional().describe('Steps that are not judged. Default 100.'),
    mostSkipped: z.int().min(1).exactOptional().describe('Skipped steps in a row that are borne. Default 20.'),
    retries: z.int().min(1).exactOptional().describe('How often to go back. Default 1.'),
    rateFactor: z.number().gt(0).max(1).exactOptional().describe('Of the rate, each time. Default 0.5.'),
  })
}

function preprocessSchema(z: ZodLibrary) {
  return z.strictObject({
    invert: z.boolean().exactOptional().describe('x becomes 1 - x. Default false.'),
    mean: z
      .union([z.number(), z.array(z.number()).min(1).readonly()])
      .exactOptional()
      .describe('In [0, 1] units. Default 0.'),
    std: z
      .union([z.number().gt(0), z.array(z.number().gt(0)).min(1).readonly()])
      .exactOptional()
      .describe('In [0, 1] units. Default 1.'),
  })
}

function augmentSchema(z: ZodLibrary) {
  const limit = z.number().min(0)
  return z.strictObject({
    crop: z.enum(['random', 'centre']).exactOptional().describe("Where the net's input is cut out. Default random."),
    flip: z.boolean().exactOptional().describe('Mirror every other image. Default false.'),
    rotation: limit.max(180).exactOptional().describe('± degrees. Default 0.'),
    scale: limit.lt(1).exactOptional().describe('± fraction. Default 0.'),
    shear: limit.exactOptional().describe('Default 0.'),
    shift: limit.exactOptional().describe('± fraction of half the side. Default 0.'),
    fill: limit.max(1).exactOptional().describe('What lies outside of the image. Default 0.'),
    brightness: limit.exactOptional().describe('± added, in [0, 1] units. Default 0.'),
    contrast: limit.max(1).exactOptional().describe("± fraction about the image's mean. Default 0."),
    classes: z
      .strictObject({
        share: limit.max(1).exactOptional().describe('Of the classes of a step. Default 1.'),
        rotation: limit.max(180).exactOptional().describe('± degrees. Default 0.'),
        stretch: limit.lt(1).exactOptional().describe('± fraction of height and of width. Default 0.'),
        shear: limit.exactOptional().describe('Default 0.'),
      })
      .exactOptional()
      .describe('Deforms classes as a whole. Default: not.'),
  })
}

function validationSchema(z: ZodLibrary) {
  return z.strictObject({
    every: z.int().min(1).exactOptional().describe('Steps between two judgements. Default 500.'),
    protocol: protocolSchema(z).describe('How to judge.'),
    figure: z.string().min(1).exactOptional().describe("Which figure decides. Default: the protocol's headline."),
    keep: z.enum(['best', 'last']).exactOptional().describe('Which model the run leaves. Default best.'),
  })
}
