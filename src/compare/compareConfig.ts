import { batchSchema, type PlainPairs, plainPairsSchema, resolveBatch } from '../config/batch.js'
import { check, jsonSchema, withoutUndefined, type ZodLibrary } from '../config/check.js'
import { hasTestHalf } from '../config/data.js'
import { lossSchema } from '../config/lossSchema.js'
import { isObject } from '../config/require.js'
import { takeLayers } from '../config/takeLayers.js'
import { checkTrainConfig, configSchema, type ResolvedTrainConfig, type TrainConfig } from '../config/trainConfig.js'
import type { ValidationOptions } from '../config/validation.js'
import { invalidOption } from '../errors.js'
import { leftOut } from './leftOut.js'
import { type CompareMethod, referenceName, standardMethods } from './methods.js'
import { atSamePace } from './pace.js'

/** What a config holds that compares methods, beside what every run of it is: its `compare`. */
export interface CompareOptions {
  /** One run of each method a seed. Default [1, 2, 3]. */
  readonly seeds?: readonly number[]
  /** Names of standard methods, or methods of one's own. Default: all standard ones. */
  readonly methods?: readonly (string | CompareMethod)[]
  /** Name of the method that the others are set beside. Default: N-pair-mc at the config's N, else the first. */
  readonly reference?: string
}

/**
 * What a config file of `npair compare` holds: one of `npair train` with N pairs and a `data.split`, and `compare`.
 *
 * Every run has its network, its data, and as many images seen as its own `steps` of `batch` have; loss, batch and a factor of
 * the learning rate are the method's, the seed is one of `compare.seeds`, and a run keeps one checkpoint. Where the config says
 * of these what no run is, the notes of the result say that it was left out.
 */
export interface CompareConfig extends Omit<TrainConfig, 'batch'> {
  readonly batch: PlainPairs
  readonly compare?: CompareOptions
}

/** A run of a comparison. */
export interface CompareRun {
  readonly method: string
  readonly seed: number
  /** Folder of the run within that of the comparison. */
  readonly folder: string
}

/** A run and what it is. */
export interface Cell extends CompareRun {
  /** Data and options; `train.output` is the folder of the run. */
  readonly config: ResolvedTrainConfig
}

/** How every run is judged: at a pace of the comparison's. */
export type Judging = Omit<ValidationOptions, 'every'>

/** A comparison, checked: every run of it. */
export interface Comparison {
  readonly output: string
  readonly data: ResolvedTrainConfig['data']
  readonly methods: readonly CompareMethod[]
  readonly seeds: readonly number[]
  readonly reference: string
  /** How runs are judged and by which figure methods are compared, where the config's `validation` says it. */
  readonly judging?: Judging
  /** Method by method, seed by seed. */
  readonly cells: readonly Cell[]
  /** What a reader of the figures has to know. */
  readonly notes: readonly string[]
}

/** The schema of {@link CompareConfig}. */
export async function compareConfigSchema(z: ZodLibrary) {
  const { shape } = await configSchema(z)
  return z.strictObject({
    ...shape,
    batch: plainPairsSchema(z).describe("N pairs: every method sees as many images as the config's steps of them."),
    output: shape.output.describe('Folder of all runs; --output goes before it.'),
    seed: shape.seed.describe('Not used: compare.seeds says which.'),
    loss: shape.loss.describe('Not used: methods have losses of their own.'),
    keepCheckpoints: shape.keepCheckpoints.describe('Not used: every run keeps one.'),
    compare: compareSchema(z).exactOptional().describe('Seeds and methods.'),
  })
}

function compareSchema(z: ZodLibrary) {
  const method = z.strictObject({
    name: z
      .string()
      .regex(/^\w[\w.-]*$/)
      .describe('Names its row and its folder.'),
    loss: lossSchema(z),
    batch: batchSchema(z).exactOptional().describe("Default: the config's own."),
    rateFactor: z.number().gt(0).exactOptional().describe('Of the learning rate. Default 1.'),
  })
  return z.strictObject({
    seeds: z.array(z.int().min(0)).min(1).readonly().exactOptional().describe('Default [1, 2, 3].'),
    methods: z
      .array(z.union([z.string(), method]))
      .min(1)
      .readonly()
      .exactOptional()
      .describe("Names of standard methods, or methods of one's own. Default: all standard ones."),
    reference: z.string().exactOptional().describe("Default: N-pair-mc at the config's N, else the first."),
  })
}

/** The JSON Schema of a config of `npair compare`, as npair-compare.schema.json holds it. */
export async function compareConfigJsonSchema(): Promise<object> {
  const z = await import('zod')
  const title = 'Configuration of npair compare'
  return { ...jsonSchema(z, await compareConfigSchema(z)), $id: 'npair-compare.schema.json', title }
}

/**
 * Checks a {@link CompareConfig} and says which runs it asks for.
 *
 * @param given - from the command line; goes before what the config says
 * @throws NPairError `INVALID_OPTION`, `LAYER_SHAPE`
 */
export async function checkCompareConfig(
  config: unknown,
  given: { path?: string; output?: string } = {},
): Promise<Comparison> {
  requirePairs(config)
  const { options: plain, putBack } = takeLayers(withoutUndefined(config))
  const { compare: grid = {}, whiten, validation, net, ...rest } = await check(compareConfigSchema, plain)
  const trained = { ...rest, net: putBack(net) }
  const { batch } = rest
  const own = { ...trained, ...(whiten && { whiten }), ...(validation && { validation }) }
  const { data: source, train: options } = await checkTrainConfig(own, given)
  if (!hasTestHalf(source)) throw invalidOption('data.split', 'a test half, which methods are compared on,', undefined)
  const methods = chosenMethods(grid, batch)
  const { seeds = [1, 2, 3] } = grid
  const twice = seeds.find((seed, i) => seeds.indexOf(seed) !== i)
  if (twice !== undefined) throw invalidOption('compare.seeds', 'different seeds', seeds)
  const usual = referenceName(batch)
  const names = methods.map(({ name }) => name)
  const { reference = names.includes(usual) ? usual : names[0] } = grid
  if (reference === undefined || !names.includes(reference))
    throw invalidOption('compare.reference', `one of ${names.join(', ')}`, reference)

  const cells: Cell[] = []
  for (const method of methods)
    for (const seed of seeds) {
      const folder = `${method.name}/seed-${seed}`
      const paced = atSamePace(options, method, resolveBatch(method.batch ?? batch))
      const { loss, batch: form = batch } = method
      const cell = { ...trained, ...paced, loss, batch: form, seed, keepCheckpoints: 1 }
      const checked = await checkTrainConfig(cell, { ...given, output: `${options.output}/${folder}` })
      cells.push({ method: method.name, seed, folder, config: checked })
    }
  return {
    ...{ output: options.output, data: source, methods, seeds, reference, cells },
    ...(validation && { judging: judgingOf(validation) }),
    notes: leftOut(
      own,
      rest.loss && options.loss,
      seeds,
      cells.map(({ config }) => config),
    ),
  }
}

function judgingOf({ every: _, ...judging }: ValidationOptions): Judging {
  return judging
}

/** Tells of other batches what a comparison is made of, before the schema says which names it does not know. */
function requirePairs(config: unknown): void {
  if (!isObject(config) || !isObject(config.batch)) return
  const { type, mining } = config.batch
  if (type !== undefined && type !== 'pairs')
    throw invalidOption('batch.type', "'pairs': a comparison is made at N pairs", type)
  if (mining !== undefined)
    throw invalidOption('batch.mining', 'nothing: the methods that mine classes say so themselves,', mining)
}

function chosenMethods({ methods: asked }: CompareOptions, batch: PlainPairs): CompareMethod[] {
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
