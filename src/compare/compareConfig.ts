import { batchSchema, type PairBatch, resolveBatch } from '../config/batch.js'
import { check, withoutUndefined, type ZodLibrary } from '../config/check.js'
import { lossSchema } from '../config/lossSchema.js'
import { checkTrainConfig, type ResolvedTrainConfig, type TrainConfig } from '../config/trainConfig.js'
import { invalidOption } from '../errors.js'
import type { ProtocolOptions } from '../protocols/create.js'
import { type Method, referenceName, standardMethods } from './methods.js'
import { atSamePace } from './pace.js'

/** What a config file of `npair compare` may hold beside what one of `npair train` holds. */
export interface CompareOptions {
  /** One run of each method a seed. Default [1, 2, 3]. */
  readonly seeds?: readonly number[]
  /** Names of standard methods, or methods of one's own. Default: all standard ones. */
  readonly methods?: readonly (string | Method)[]
  /** Name of the method that the others are set beside. Default: N-pair-mc at the config's N, else the first. */
  readonly reference?: string
}

/** One run of a comparison. */
export interface Cell {
  readonly method: string
  readonly seed: number
  /** Folder of the run within that of the comparison. */
  readonly folder: string
  /** Data and options; `train.output` is the folder of the run. */
  readonly config: ResolvedTrainConfig
}

/** A comparison, checked: every run of it. */
export interface Comparison {
  readonly output: string
  readonly data: ResolvedTrainConfig['data']
  readonly methods: readonly Method[]
  readonly seeds: readonly number[]
  readonly reference: string
  /** How runs are judged, where the config's `validation` says it. */
  readonly protocol?: ProtocolOptions
  /** Method by method, seed by seed. */
  readonly cells: readonly Cell[]
  /** What a reader of the figures has to know. */
  readonly notes: readonly string[]
}

/** The schema of {@link CompareOptions}. */
function compareSchema(z: ZodLibrary) {
  return z.strictObject({
    seeds: z.array(z.int().min(0)).min(1).readonly().exactOptional(),
    methods: z
      .array(
        z.union([
          z.string(),
          z.strictObject({
            name: z.string().regex(/^\w[\w.-]*$/),
            loss: lossSchema(z),
            batch: batchSchema(z).exactOptional(),
            rateFactor: z.number().gt(0).exactOptional(),
          }),
        ]),
      )
      .min(1)
      .readonly()
      .exactOptional(),
    reference: z.string().exactOptional(),
  })
}

/**
 * Checks a config of `npair compare`: one of `npair train` with `batch.pairs`, a `data.split`, and perhaps `compare`.
 *
 * Every run has the config's network, data and number of images seen; loss, batch and a factor of the learning rate are the
 * method's.
 *
 * @param given - from the command line; goes before what the config says
 * @throws NPairError `INVALID_OPTION`, `LAYER_SHAPE`
 */
export async function checkCompareConfig(
  config: Readonly<Record<string, unknown>>,
  given: { path?: string; output?: string } = {},
): Promise<Comparison> {
  const { compare: asked = {}, ...rest } = withoutUndefined(config) as Record<string, unknown>
  const grid: CompareOptions = await compareOptions(asked)
  const { whiten, validation: _, ...trained } = rest
  const { data: source, train: options } = await checkTrainConfig(rest, given)
  if (source.split === undefined)
    throw invalidOption('data.split', 'a test half, which methods are compared on,', undefined)
  const { batch } = trained as unknown as TrainConfig
  if (!('pairs' in batch)) throw invalidOption('batch.type', "'pairs': a comparison is made at N pairs", batch.type)
  if (batch.mining !== undefined)
    throw invalidOption('batch.mining', 'nothing: the methods that mine classes say so themselves,', batch.mining)
  const methods = chosenMethods(grid, batch)
  const { seeds = [1, 2, 3] } = grid
  const twice = seeds.find((seed, i) => seeds.indexOf(seed) !== i)
  if (twice !== undefined) throw invalidOption('compare.seeds', 'different seeds', seeds)
  const usual = referenceName(batch)
  const fallback = methods.some(({ name }) => name === usual) ? usual : (methods[0] as Method).name
  const { reference = fallback } = grid
  if (!methods.some(({ name }) => name === reference))
    throw invalidOption('compare.reference', `one of ${methods.map(({ name }) => name).join(', ')}`, reference)

  const cells: Cell[] = []
  for (const method of methods)
    for (const seed of seeds) {
      const folder = `${method.name}/seed-${seed}`
      const paced = atSamePace(options, method, resolveBatch(method.batch ?? batch))
      const cell = {
        ...(trained as unknown as TrainConfig),
        ...{ loss: method.loss, batch: method.batch ?? batch, ...paced, seed, keepCheckpoints: 1 },
      }
      const checked = await checkTrainConfig(cell, { ...given, output: `${options.output}/${folder}` })
      cells.push({ method: method.name, seed, folder, config: checked })
    }
  return {
    ...{ output: options.output, data: source, methods, seeds, reference, cells },
    ...(options.validation && { protocol: options.validation.protocol }),
    notes:
      whiten === undefined ? [] : ['whiten was left out: the networks are judged as they were trained, unwhitened.'],
  }
}

async function compareOptions(asked: unknown): Promise<CompareOptions> {
  // Under its own name, so that errors say compare.seeds.
  const { compare } = await check((z) => z.strictObject({ compare: compareSchema(z) }), { compare: asked })
  return compare as CompareOptions
}

function chosenMethods({ methods: asked }: CompareOptions, batch: PairBatch): Method[] {
  const own = asked?.every((method) => typeof method !== 'string') === true
  if (!own && batch.pairs < 8)
    throw invalidOption('batch.pairs', '8 or more, for 4 classes of 4 images and 2 of 8,', batch.pairs)
  const standard = own ? [] : standardMethods(batch)
  const methods = (asked ?? standard).map((method, i) => {
    if (typeof method !== 'string') return method
    const found = standard.find(({ name }) => name === method)
    if (!found)
      throw invalidOption(`compare.methods[${i}]`, `one of ${standard.map(({ name }) => name).join(', ')}`, method)
    return found
  })
  const names = methods.map(({ name }) => name)
  if (new Set(names).size < names.length) throw invalidOption('compare.methods', 'different names', names)
  return methods
}
