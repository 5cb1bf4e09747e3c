import { invalidOption } from '../errors.js'
import { type AnyLoss, create as createLoss, type LossOptions } from '../losses/create.js'
import type { Custom } from '../losses/custom.js'
import { type AnyNet, create as createNet, type NetOptions } from '../nets/create.js'
import { type Augment, type AugmentOptions, resolveAugment } from './augment.js'
import { type Batch, type BatchOptions, resolveBatch } from './batch.js'
import { check, withoutUndefined } from './check.js'
import { requireChunkable } from './chunk.js'
import { deepFreeze } from './deepFreeze.js'
import { type Ema, type EmaOptions, emaDefaults } from './ema.js'
import { type Guard, type GuardOptions, resolveGuard } from './guard.js'
import { type Optimizer, type OptimizerOptions, resolveOptimizer } from './optimizer.js'
import type { PreprocessOptions } from './preprocess.js'
import { isObject } from './require.js'
import { resolveSchedule } from './schedule.js'
import { takeLayers, type WithoutLayers } from './takeLayers.js'
import type { Validation, ValidationOptions } from './validation.js'
import { type Whiten, type WhitenOptions, whitenDefaults } from './whiten.js'

/** How to train: everything but the data. */
export interface TrainOptions {
  /** From `nets`, or its type and options as plain data. */
  readonly net: NetOptions | AnyNet
  /** From `losses`, or its type and options as plain data. Default `losses.nPairMc()`. */
  readonly loss?: LossOptions | Custom
  readonly batch: BatchOptions
  /** Default Adam with a constant learning rate of 1e-3. */
  readonly optimizer?: OptimizerOptions
  /** Default: x/255. */
  readonly preprocess?: PreprocessOptions
  /** Default: none. */
  readonly augment?: AugmentOptions
  /** Keeps an average of the weights, which becomes the model. Default: none. */
  readonly ema?: EmaOptions
  /** Watches for divergence. Default: none, only numbers that are not finite stop the run. */
  readonly guard?: GuardOptions
  /** Number of steps (updates of the weights), >= 1. */
  readonly steps: number
  /** Of all that is random, an integer >= 0. Default 0. */
  readonly seed?: number
  /** `auto`: CUDA where there is a device, else the CPU. Default `auto`. */
  readonly device?: 'auto' | 'cpu' | 'cuda'
  /**
   * What the network computes in; weights, loss and updates are float32 with `bfloat16` too. `auto`: bfloat16 on CUDA and on
   * processors with AMX, else float32, decided by the machine and never by timing; the plan records what was chosen.
   * `float64` is for proofs and slow. Default `auto`.
   */
  readonly precision?: 'auto' | 'float32' | 'bfloat16' | 'float64'
  /** Threads of the engine on the CPU; results may differ in the last bits between thread counts. Default: libtorch's own choice. */
  readonly threads?: number
  /**
   * Steps between two checkpoints; 0: only at the end or when stopped. There is one more before a judgement that is known to take
   * ten seconds or more, and ten times as long as a checkpoint, so that a process killed in it loses no step. Default 1000.
   */
  readonly checkpointEvery?: number
  /** How many checkpoints stay, the newest ones, >= 1. Default 2. */
  readonly keepCheckpoints?: number
  readonly validation?: ValidationOptions
  /** The model adds the embedding of the mirrored image to that of the image (flip fusion). Default false. */
  readonly mirror?: boolean
  /**
   * The model adds the embeddings of the image moved up, down, left and right by each of these numbers of pixels (the edge is
   * repeated), and with `mirror` those of their mirror images: [2] embeds every image 5 or 10 times. Default [].
   */
  readonly shifts?: readonly number[]
  /** Whitens the embeddings of the finished model. Default: none. */
  readonly whiten?: WhitenOptions
  /** Folder of the run: made if it is missing, refused if it holds a run. */
  readonly output: string
}

/**
 * Options with nothing left to defaults, but for what only the data tells: the net's input (`resolveNet`) and one mean
 * and deviation a channel (`resolvePreprocess`).
 */
export interface ResolvedTrainOptions
  extends Required<
    Omit<
      TrainOptions,
      | 'net'
      | 'loss'
      | 'batch'
      | 'optimizer'
      | 'preprocess'
      | 'augment'
      | 'ema'
      | 'guard'
      | 'threads'
      | 'validation'
      | 'whiten'
    >
  > {
  readonly net: AnyNet
  readonly loss: AnyLoss | Custom
  readonly batch: Batch
  readonly optimizer: Optimizer
  readonly preprocess: Required<PreprocessOptions>
  readonly augment: Augment
  readonly ema?: Ema
  readonly guard?: Guard
  readonly threads?: number
  readonly validation?: Validation
  readonly whiten?: Whiten
}

/**
 * Checks training options and fills in the defaults.
 *
 * @param input - the options without data, progress callback and abort signal
 * @returns frozen
 * @throws NPairError `INVALID_OPTION` naming the option; `LAYER_SHAPE` if the net has an input size of its own that does not fit
 */
export async function checkTrainOptions(input: unknown): Promise<ResolvedTrainOptions> {
  const { options: plain, custom, putBack } = takeMade(input)
  const { net, loss, batch, optimizer, preprocess, augment, ema, guard, steps, validation, whiten, ...rest } =
    await check(async (z) => (await import('./trainSchema.js')).trainSchema(z), plain)
  const schedule = resolveSchedule(optimizer?.schedule)
  if (schedule.type === 'cosine' && schedule.warmup >= steps)
    throw invalidOption('optimizer.schedule.warmup', `fewer than the run's ${steps} steps`, schedule.warmup)
  if (
    schedule.type === 'step' &&
    schedule.milestones.some((m, i) => i > 0 && m <= (schedule.milestones[i - 1] as number))
  )
    throw invalidOption('optimizer.schedule.milestones', 'rising numbers', schedule.milestones)
  const resolved = resolveOptimizer(optimizer ?? { type: 'adam' }, schedule)
  if (resolved.type === 'sgd' && resolved.nesterov) {
    if (resolved.momentum === 0) throw invalidOption('optimizer.nesterov', 'false without momentum', true)
    if (resolved.dampening > 0) throw invalidOption('optimizer.nesterov', 'false with dampening', true)
  }
  if (custom && (batch.accumulate ?? 1) > 1)
    throw invalidOption('batch.accumulate', '1 with a loss of your own', batch.accumulate)
  const created = createNet(putBack(net))
  const resolvedBatch = resolveBatch(batch)
  requireChunkable(resolvedBatch, created)

  return deepFreeze({
    ...{ seed: 0, device: 'auto', precision: 'auto', checkpointEvery: 1000, keepCheckpoints: 2 },
    ...{ mirror: false, shifts: [] },
    ...rest,
    net: created,
    loss: custom ?? createLoss(loss ?? { type: 'nPairMc' }),
    batch: resolvedBatch,
    optimizer: resolved,
    preprocess: { invert: false, mean: 0, std: 1, ...preprocess },
    augment: resolveAugment(augment),
    ...(ema && { ema: { ...emaDefaults, ...ema } }),
    ...(guard && { guard: resolveGuard(guard) }),
    ...{
      steps,
      ...(validation && { validation: { keep: 'best' as const, ...validation, every: validation.every ?? 500 } }),
    },
    ...(whiten && { whiten: { ...whitenDefaults, ...whiten } }),
  })
}

/** Options without what factories made and no schema checks. */
export interface Made extends WithoutLayers {
  /** A loss with the user's own function in it. */
  readonly custom?: Custom
}

/** Takes out of options what factories made beyond plain options, so that the rest can be checked; leaves out what is undefined. */
export function takeMade(input: unknown): Made {
  const { options, custom } = takeCustomLoss(input)
  return { ...takeLayers(withoutUndefined(options)), ...(custom && { custom }) }
}

function takeCustomLoss(options: unknown): { options: unknown; custom?: Custom } {
  if (!isObject(options) || !isObject(options.loss) || options.loss.type !== 'custom') return { options }
  const { loss, ...rest } = options
  if (!isCustom(loss)) throw invalidOption('loss', 'what losses.custom gives (a function, which no file holds)', loss)
  return { options: rest, custom: loss }
}

function isCustom(loss: unknown): loss is Custom {
  return isObject(loss) && loss.type === 'custom' && typeof loss.compute === 'function'
}
