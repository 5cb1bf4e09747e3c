import type { Dataset } from '../data/dataset.js'
import type { Embeddings } from '../embeddings.js'
import { invalidOption } from '../errors.js'
import type { BundleDescription } from '../model/bundle.js'
import type { Model } from '../model/model.js'
import type { Embedder } from '../protocols/protocol.js'
import type { EvalFlags } from './eval.js'
import { interruptible } from './interrupt.js'
import { countProgress } from './progress.js'
import { sameImages } from './sameImages.js'
import { source } from './source.js'
import { viewsOf } from './views.js'

/** What judges: a model, or embeddings of a file. */
interface Judged {
  readonly embedder: Embedder
  close(): Promise<void>
}

/** What is judged, and on what. */
export interface Subject extends Judged {
  readonly data: Dataset
  /** Of a model. */
  readonly description?: BundleDescription
}

const isFile = (path: string) => path.endsWith('.npy')
const isConfig = (path: string) => /\.(json|mjs|js|ts)$/.test(path)
const nothing = async () => {}

/** The test half of a config file's `data`, or all of it where nothing cuts it. */
async function configured(path: string, flags: EvalFlags): Promise<Dataset> {
  for (const flag of ['type', 'half', 'size', 'channels', 'labels', 'names'] as const)
    if (flags[flag] !== undefined) throw invalidOption(`--${flag}`, `nothing with ${path}, which says it`, flags[flag])
  const [{ loadConfig }, { checkData }, { loadJudged }] = await Promise.all([
    import('../config/loadConfig.js'),
    import('../config/trainConfig.js'),
    import('../data/load.js'),
  ])
  const data = await checkData(await loadConfig(path))
  const onProgress = countProgress('images')
  return interruptible((signal) => loadJudged(data, { onProgress, signal }), 'Stopping …')
}

/** A model and the images of `--data`, or a `.npy` of embeddings with its `--labels`. */
export async function subject(path: string, flags: EvalFlags): Promise<Subject> {
  if (!isFile(path)) {
    if (flags.data === undefined) throw invalidOption('--data', 'the images to judge the model on', flags.data)
    const model = await load(path, flags)
    const { description } = model
    try {
      const { ingest, trained } = description
      const data = isConfig(flags.data)
        ? await configured(flags.data, flags)
        : await source(flags.data, flags, { ...ingest, type: trained.data.type })
      return { embedder: model, data, description, close: () => model.close() }
    } catch (error) {
      await model.close()
      throw error
    }
  }
  // The rows are features that nothing is made of.
  for (const flag of ['data', 'mirror', 'shifts', 'crops', 'fusion'] as const)
    if (flags[flag] !== undefined) throw invalidOption(`--${flag}`, 'nothing with a .npy of embeddings', flags[flag])
  if (flags.type !== undefined && flags.type !== 'features')
    throw invalidOption('--type', "'features', or nothing, with a .npy of embeddings", flags.type)
  const { featureBaseline } = await import('../protocols/featureBaseline.js')
  return { embedder: featureBaseline, data: await source(path, { ...flags, type: 'features' }), close: nothing }
}

/** What `--against` names: a model beside a model, or a `.npy`, whose rows have the names of the images, or as in `first` their order. */
export async function rival(first: Subject, flags: EvalFlags): Promise<Judged | undefined> {
  const { against, againstNames } = flags
  if (againstNames !== undefined && (against === undefined || !isFile(against)))
    throw invalidOption('--against-names', 'nothing without a .npy for --against', againstNames)
  if (against === undefined) return undefined
  if (!isFile(against)) {
    if (first.description === undefined) throw invalidOption('--against', 'a .npy beside a .npy', against)
    const { trained } = first.description
    const model = await load(against, flags)
    try {
      const { ingest } = model.description
      const strangers = () => cohortImages(flags.cohort as string, flags, { ...ingest, type: trained.data.type })
      const embedder = await sameImages(model, first.data, flags.data as string, flags, strangers)
      return { embedder, close: () => model.close() }
    } catch (error) {
      await model.close()
      throw error
    }
  }
  const { readNpy } = await import('../model/readNpy.js')
  const rows = await readNpy(against)
  if (againstNames === undefined) {
    // Only rows that are named by their number are in an order that another file can have.
    if (first.description !== undefined || flags.names !== undefined)
      throw invalidOption(
        '--against-names',
        'the names of the rows of --against, which are matched by name',
        againstNames,
      )
    const { namedRows } = await import('../protocols/namedRows.js')
    return {
      embedder: namedRows(
        rows,
        Array.from(rows, (_, row) => String(row)),
        against,
      ),
      close: nothing,
    }
  }
  const [{ namedRows }, { rowNames }] = await Promise.all([
    import('../protocols/namedRows.js'),
    import('../data/sources/features.js'),
  ])
  return { embedder: namedRows(rows, await rowNames(againstNames, rows.count), againstNames), close: nothing }
}

/** The strangers of `--cohort`: images beside a model, of a published set its training half; rows beside a `.npy`. */
export async function cohortOf({ description }: Subject, flags: EvalFlags): Promise<Dataset | Embeddings | undefined> {
  const { cohort, against } = flags
  if (cohort === undefined) return undefined
  if (description === undefined) {
    if (against !== undefined)
      throw invalidOption('--cohort', 'nothing with --against a .npy, which has others', cohort)
    const { readNpy } = await import('../model/readNpy.js')
    return readNpy(cohort)
  }
  if (against !== undefined && isFile(against))
    throw invalidOption('--cohort', 'nothing with --against a .npy, which has others', cohort)
  if ('features' in description.ingest) throw invalidOption('--cohort', 'nothing with a model of features', cohort)
  const { ingest, trained } = description
  return cohortImages(cohort, flags, { ...ingest, type: trained.data.type })
}

/** The images of `--cohort`, decoded for a model. */
async function cohortImages(
  path: string,
  flags: EvalFlags,
  defaults: BundleDescription['ingest'] & { readonly type: string },
): Promise<Dataset> {
  const { benchmarkNames } = await import('../config/benchmarkNames.js')
  const published = benchmarkNames.some((name) => name === flags.type)
  return source(path, { ...flags, ...(published && { half: 'train' }) }, defaults)
}

async function load(path: string, flags: EvalFlags): Promise<Model> {
  const views = viewsOf(flags)
  const { Model } = await import('../model/model.js')
  return Model.load(path, views)
}
