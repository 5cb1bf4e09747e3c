import type * as Zod from 'zod'
import type { CompareConfig, compareConfigSchema } from '../../src/compare/compareConfig.js'
import type { AugmentOptions } from '../../src/config/augment.js'
import type { DataOptions } from '../../src/config/data.js'
import type { dataSchema } from '../../src/config/dataSchema.js'
import type { EmaOptions } from '../../src/config/ema.js'
import type { GuardOptions } from '../../src/config/guard.js'
import type { netSchema, plainLayerSchemas } from '../../src/config/netSchema.js'
import type { OptimizerOptions } from '../../src/config/optimizer.js'
import type { PreprocessOptions } from '../../src/config/preprocess.js'
import type { protocolSchema } from '../../src/config/protocolSchema.js'
import type { configSchema, TrainConfig } from '../../src/config/trainConfig.js'
import type { TrainOptions } from '../../src/config/trainOptions.js'
import type { trainSchema } from '../../src/config/trainSchema.js'
import type { ValidationOptions } from '../../src/config/validation.js'
import type { LossOptions } from '../../src/losses/create.js'
import type { NetOptions } from '../../src/nets/create.js'
import type { Layer, SequenceLayer } from '../../src/nets/layer.js'
import type { ProtocolOptions } from '../../src/protocols/create.js'
import type { Equal, Expect, Plain } from './equal.js'

/** The documented interfaces and what is checked at run time are one and the same. */

type Train = Zod.input<ReturnType<typeof trainSchema>>
type Config = Zod.input<Awaited<ReturnType<typeof configSchema>>>
type Compare = Zod.input<Awaited<ReturnType<typeof compareConfigSchema>>>

export type Checks = [
  Expect<Equal<Plain<Zod.input<ReturnType<typeof plainLayerSchemas>[number]>>, Plain<Exclude<Layer, SequenceLayer>>>>,
  Expect<Equal<Plain<Zod.input<ReturnType<typeof netSchema>>>, Plain<NetOptions>>>,
  Expect<Equal<Plain<Zod.input<ReturnType<typeof protocolSchema>>>, Plain<ProtocolOptions>>>,
  Expect<Equal<Plain<Zod.input<ReturnType<typeof dataSchema>>>, Plain<DataOptions>>>,
  Expect<Equal<Plain<NonNullable<Train['loss']>>, Plain<LossOptions>>>,
  Expect<Equal<Plain<NonNullable<Train['optimizer']>>, Plain<OptimizerOptions>>>,
  Expect<Equal<Plain<NonNullable<Train['ema']>>, Plain<EmaOptions>>>,
  Expect<Equal<Plain<NonNullable<Train['guard']>>, Plain<GuardOptions>>>,
  Expect<Equal<Plain<NonNullable<Train['preprocess']>>, Plain<PreprocessOptions>>>,
  Expect<Equal<Plain<NonNullable<Train['augment']>>, Plain<AugmentOptions>>>,
  Expect<Equal<Plain<NonNullable<Train['validation']>>, Plain<ValidationOptions>>>,
  // Beside options, the API takes the net that a factory gave, and a loss that is a function.
  Expect<Equal<Plain<Omit<Train, 'net' | 'loss'>>, Plain<Omit<TrainOptions, 'net' | 'loss'>>>>,
  Expect<Equal<Plain<Omit<Config, 'net' | 'loss'>>, Plain<Omit<TrainConfig, 'net' | 'loss'>>>>,
  Expect<Equal<Plain<Omit<Compare, 'net' | 'loss'>>, Plain<Omit<CompareConfig, 'net' | 'loss'>>>>,
]

// Equal must be able to say no: to a missing optional name, another type, another literal.
export type Guards = [
  Expect<Equal<Equal<Plain<{ a?: number }>, Plain<{ a?: number; b?: string }>>, false>>,
  Expect<Equal<Equal<Plain<{ a?: number }>, Plain<{ a: number }>>, false>>,
  Expect<Equal<Equal<Plain<{ a: 'x' | 'y' }>, Plain<{ a: 'x' }>>, false>>,
  Expect<Equal<Equal<Plain<{ readonly a: readonly number[] }>, Plain<{ a: number[] }>>, true>>,
]
