import { requireNames, requireObject } from '../config/require.js'
import { requireHooks } from '../config/requireHooks.js'
import type { Dataset } from '../data/dataset.js'
import { isFeatures } from '../data/featureIngest.js'
import { invalidOption } from '../errors.js'
import { writeFileAtomic } from '../files/atomic.js'
import { Model } from '../model/model.js'
import { viewSentence } from '../model/views.js'
import type { Embedder, Protocol } from '../protocols/protocol.js'
import type { EvaluationResult } from '../protocols/result.js'
import { judge, remembering, type SideBySide } from '../protocols/sideBySide.js'
import { loadDraw } from './draw.js'
import type { JudgedData } from './judgedSection.js'
import { looks } from './looks.js'
import { ModelOnOwnImages } from './modelOnOwnImages.js'
import { renderModels, type ShownModel } from './modelsPage.js'
import { filePictures, type PictureSource, packedPictures } from './pictureSource.js'
import { requirePage } from './requirePage.js'

/** A model of a report. */
export interface ReportedModel {
  /** What the page calls it, for example its path. */
  readonly name: string
  /** A model, or anything else with `embedDataset`. */
  readonly embedder: Embedder
}

/** Options of {@link reportModels}. */
export interface ReportOptions {
  /** Where the page goes: a path that ends with `.html`, in a folder that is there. */
  readonly page: string
  /** One, or two that are compared on the same items. */
  readonly models: readonly ReportedModel[]
  /** One or more; pictures are of the data of the first. */
  readonly protocols: readonly Protocol[]
  /** Of features whose names are files: the folder that these lie in, for pictures of them. */
  readonly pictures?: string
  /** Called with what each protocol found, as soon as it has: it can be kept should the page fail afterwards. */
  readonly onResult?: (result: EvaluationResult | SideBySide) => void
}

/** Rows of pictures that each of two models has: a page of both is to weigh no more than one of one. */
const galleryOfBoth = { queries: 6, mistakes: 3 }

/**
 * Judges one model or two by protocols and writes what is found as one page that needs nothing else: figures with intervals and
 * definitions, curves, nearest neighbours, confused classes, maps; of two models side by side, with the paired bootstrap of their
 * difference. What `npair eval … --report` does.
 *
 * @returns what each protocol found: the result, of two models both and their comparison
 * @throws NPairError `INVALID_OPTION`; `NOT_WRITABLE`, before anything is judged where the folder says so already; `NOT_FOUND` for a row
 *   without a picture in `pictures`; `IMAGE_UNREADABLE`; as `evaluate`
 */
export async function reportModels(options: ReportOptions): Promise<(EvaluationResult | SideBySide)[]> {
  const { results, write } = await judgeModels(options)
  await write()
  return results
}

/** What was judged, and what writes the page of it. */
interface Judged {
  readonly results: (EvaluationResult | SideBySide)[]
  /** @throws NPairError `NOT_WRITABLE`, `IMAGE_UNREADABLE` */
  write(): Promise<void>
}

/**
 * {@link reportModels} without the page, which may fail after a long judgement: so that results can be kept before it is written.
 *
 * @param names - what messages call the options
 */
export async function judgeModels(
  options: ReportOptions,
  names: Record<'page' | 'pictures', string> = { page: 'page', pictures: 'pictures' },
): Promise<Judged> {
  const { page, models, protocols, pictures, onResult } = checked(options)
  await requirePage(page, names.page)
  const datasets = [...new Set(protocols.map(({ dataset }) => dataset))] as [Dataset, ...Dataset[]]
  const source = await sourceOf(datasets[0], pictures, names.pictures)
  const embedders = models.map(({ embedder }) => remembering(embedder))
  const results: (EvaluationResult | SideBySide)[] = []
  for (const protocol of protocols) {
    const result = await judge(embedders[0] as Embedder, embedders[1], protocol)
    onResult?.(result)
    results.push(result)
  }
  const write = async () => {
    const shown: ShownModel[] = []
    for (const [i, { name, embedder }] of models.entries()) {
      const embeddings = await (embedders[i] as Embedder).embedDataset(datasets[0])
      shown.push({
        name,
        facts: { ...factsOf(embedder), 'embedding size': String(embeddings.size) },
        looks: await looks(datasets[0], embeddings, { ...(models.length > 1 && galleryOfBoth), source }),
      })
    }
    const [first, ...others] = datasets
    const found = {
      models: shown,
      results,
      data: [dataOf(first), ...others.map(dataOf)] as const,
      pictured: source !== undefined,
    }
    await writeFileAtomic(page, renderModels(found, await loadDraw()))
  }
  return { results, write }
}

function checked(options: ReportOptions): ReportOptions {
  requireNames('', options, ['page', 'models', 'protocols', 'pictures', 'onResult'])
  requireHooks({ onResult: options.onResult })
  const { models, protocols, pictures } = options
  if (!Array.isArray(models) || models.length < 1 || models.length > 2)
    throw invalidOption('models', 'a list of one model or two', models)
  for (const [i, model] of models.entries()) {
    requireNames(`models[${i}]`, model, ['name', 'embedder'])
    if (typeof model.name !== 'string' || model.name === '')
      throw invalidOption(`models[${i}].name`, 'a text that is not empty', model.name)
    requireObject(`models[${i}].embedder`, model.embedder)
    if (typeof model.embedder.embedDataset !== 'function')
      throw invalidOption(`models[${i}].embedder.embedDataset`, 'a function', model.embedder.embedDataset)
  }
  if (!Array.isArray(protocols) || protocols.length === 0)
    throw invalidOption('protocols', 'a list of one protocol or more', protocols)
  for (const [i, protocol] of protocols.entries()) {
    requireObject(`protocols[${i}]`, protocol)
    if (typeof protocol.judge !== 'function') throw invalidOption(`protocols[${i}].judge`, 'a function', protocol.judge)
  }
  if (pictures !== undefined && (typeof pictures !== 'string' || pictures === ''))
    throw invalidOption('pictures', 'the path of a folder', pictures)
  return options
}

/** Where pictures come from: what is packed, for features the folder that was named. */
async function sourceOf(
  dataset: Dataset,
  folder: string | undefined,
  option: string,
): Promise<PictureSource | undefined> {
  const packed = packedPictures(dataset)
  if (folder === undefined) return packed
  if (packed !== undefined) throw invalidOption(option, 'nothing for images, which are pictures,', folder)
  return filePictures(dataset, folder, option)
}

/** What is known of a model; of anything else that embeds, nothing. */
function factsOf(embedder: Embedder): Record<string, string> {
  const model = embedder instanceof ModelOnOwnImages ? embedder.model : embedder
  if (!(model instanceof Model)) return {}
  const { net, trained, precision, weights } = model.description
  const views = viewSentence(model.views).trim()
  return {
    network: net.type,
    'trained with': `${trained.loss.type}, ${trained.steps.toLocaleString('en-US')} steps, seed ${trained.seed}`,
    'trained on': [trained.data.type, trained.data.path ?? ''].join(' ').trim(),
    ...{ precision, ...(views !== '' && { views }), 'weights (SHA-256)': weights },
  }
}

function dataOf({ plan, length, classes, pack }: Dataset): JudgedData {
  const features = isFeatures(pack.ingest)
  const source = [plan.type, plan.path ?? ''].join(' ').trim()
  return { plan, images: length, classes: classes.length, features, source }
}
