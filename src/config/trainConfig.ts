import { invalidOption } from '../errors.js'
import { check, jsonSchema, type ZodLibrary } from './check.js'
import { type DataOptions, hasTestHalf } from './data.js'
import { checkTrainOptions, type ResolvedTrainOptions, type TrainOptions, takeMade } from './trainOptions.js'

/** What a config file of `npair train` holds: plain data, and in a `.mjs` or `.ts` also what factories (`nets`, `losses`, `mining`) give. */
export interface TrainConfig extends Omit<TrainOptions, 'output'> {
  /** Where the JSON Schema is, for editors. */
  readonly $schema?: string
  readonly data: DataOptions
  /** Folder of the run; `--output` goes before it. */
  readonly output?: string
}

/** A config, checked and resolved. */
export interface ResolvedTrainConfig {
  readonly data: DataOptions
  readonly train: ResolvedTrainOptions
}

/** The schema of config files. */
export async function configSchema(z: ZodLibrary) {
  const [{ trainSchema }, { dataSchema }] = await Promise.all([import('./trainSchema.js'), import('./dataSchema.js')])
  const train = trainSchema(z)
  return z.strictObject({
    $schema: z.string().exactOptional(),
    data: dataSchema(z).describe('Where the images come from.'),
    ...train.shape,
    output: z.string().min(1).exactOptional().describe('Folder of the run; --output goes before it.'),
  })
}

/** The JSON Schema of config files, as npair.schema.json holds it. */
export async function configJsonSchema(): Promise<object> {
  const z = await import('zod')
  const title = 'Configuration of npair train'
  return { ...jsonSchema(z, await configSchema(z)), $id: 'npair.schema.json', title }
}

/**
 * Checks the `data` of a config file, whatever else it holds.
 *
 * @throws NPairError `INVALID_OPTION`
 */
export async function checkData(config: Readonly<Record<string, unknown>>): Promise<DataOptions> {
  const { dataSchema } = await import('./dataSchema.js')
  const { data } = await check((z) => z.strictObject({ data: dataSchema(z) }), { data: config.data })
  return data
}

/**
 * Checks what a config file holds.
 *
 * @param given - from the command line; goes before what the config says
 * @throws NPairError `INVALID_OPTION`, `LAYER_SHAPE`
 */
export async function checkTrainConfig(
  config: unknown,
  given: { path?: string; output?: string } = {},
): Promise<ResolvedTrainConfig> {
  const { options: plain, custom, putBack } = takeMade(config)
  const { $schema: _, data, net, ...options } = await check(configSchema, plain)
  const source = data.type !== 'characters' && given.path !== undefined ? { ...data, path: given.path } : data
  if (source.type !== 'characters' && source.path === undefined)
    throw invalidOption('data.path', 'a path (or --data PATH)', undefined)
  if (source.type === 'characters' && given.path !== undefined)
    throw invalidOption('--data', "no path with data.type 'characters', which is generated,", given.path)
  if (options.validation && !hasTestHalf(source))
    throw invalidOption('data.split', 'a split, because validation needs classes of its own,', undefined)
  const output = given.output ?? options.output
  if (output === undefined) throw invalidOption('output', 'a folder (or --output DIR)', undefined)
  const made = { ...options, ...(custom && { loss: custom }), net: putBack(net) }
  return { data: source, train: await checkTrainOptions({ ...made, output }) }
}
