import { requireNames } from '../config/require.js'
import type { Dataset } from '../data/dataset.js'
import { decodeImage } from '../data/decode.js'
import { type FeatureIngest, isFeatures } from '../data/featureIngest.js'
import { requireSameIngest } from '../data/ingestDifference.js'
import type { IngestOptions } from '../data/ingestOptions.js'
import { Embeddings } from '../embeddings.js'
import { invalidOption, NPairError } from '../errors.js'
import { pairCosines } from '../metrics/cosine.js'
import { type Engine, engine } from '../native/engine.js'
import type { Embedder } from '../protocols/protocol.js'
import type { Index } from '../retrieval/searchIndex.js'
import { readBundle } from './bundle.js'
import { requireCalibration } from './calibration.js'
import type { Identification, Verdict } from './decisions.js'
import type { BundleDescription } from './description.js'
import { embedBatch, TrainerEmbedder } from './embedder.js'
import { falseAlarm } from './falseAlarm.js'
import { type ModelIdentity, modelIdentity, requireSameModel } from './identity.js'
import { bindingViews, requireFusedCrops, requireShifts, type Views, viewMetric } from './views.js'

/** Pixels that are decoded already, of the very size that the model's images have before cropping. */
export interface RawImage {
  /** `[height, width, channels]` uint8 */
  readonly data: Uint8Array
  readonly height: number
  readonly width: number
  readonly channels: number
}

/**
 * What {@link Model.embed} takes: a path, an encoded image (JPEG, PNG, PGM, …) in memory, or raw pixels; a model that was trained
 * on features takes their rows.
 */
export type ImageInput = string | Uint8Array | RawImage | Float32Array

/** Options of {@link Model.load}. */
export interface ModelOptions {
  /** `auto`: CUDA where there is a device, else the CPU. Default `auto`. */
  readonly device?: 'auto' | 'cpu' | 'cuda'
  /** Whether the embedding of the mirrored image is added (flip fusion). Default: as trained. */
  readonly mirror?: boolean
  /** Pixels by which an image is moved for more embeddings to add: `[]` is fast and less exact. Default: as trained. */
  readonly shifts?: readonly number[]
  /** `five`: the corners of the image beside its centre, and with `mirror` ten crops. Default `centre`. */
  readonly crops?: Views['crops']
  /**
   * How views become one score: their `embeddings` are added, or (Sohn 2016) `scores`, the cosines of all combinations of the views
   * of two images, are averaged. Default `embeddings`.
   */
  readonly fusion?: Views['fusion']
}

/** A trained embedder, loaded from its bundle; it holds native memory until it is closed. */
export class Model implements Embedder {
  /** model.json: network, preprocessing, what it was trained with. */
  readonly description: BundleDescription
  /** What an image is seen in: mirrored and moved, as loaded. */
  readonly views: Required<Views>
  /** What an index remembers of this model: its embeddings are compared with those of no other. */
  readonly identity: ModelIdentity
  readonly #native: Engine
  #handle: number | undefined

  private constructor(native: Engine, handle: number, description: BundleDescription, views: Required<Views>) {
    this.#native = native
    this.#handle = handle
    this.description = description
    this.views = views
    this.identity = modelIdentity(description, views)
  }

  /**
   * @param path - a bundle or a run folder
   * @throws NPairError `NOT_FOUND`, `BUNDLE_CORRUPT`, `WEIGHTS_MISMATCH`
   */
  static async load(path: string, options: ModelOptions = {}): Promise<Model> {
    if (typeof path !== 'string' || path === '') throw invalidOption('path', 'the path of a bundle or run folder', path)
    requireNames('', options as unknown, ['device', 'mirror', 'shifts', 'crops', 'fusion'])
    const { device = 'auto', mirror, shifts, crops = 'centre', fusion = 'embeddings' } = options
    if (!['auto', 'cpu', 'cuda'].includes(device)) throw invalidOption('device', "'auto', 'cpu' or 'cuda'", device)
    if (mirror !== undefined && typeof mirror !== 'boolean') throw invalidOption('mirror', 'true or false', mirror)
    const { folder, description } = await readBundle(path)
    if (shifts !== undefined) requireShifts(shifts, description.net.input)
    if (mirror && isFeatures(description.ingest))
      throw invalidOption('mirror', 'false for a model of features, which are no images,', mirror)
    const size = isFeatures(description.ingest) ? ([1, 1] as const) : description.ingest.size
    requireFusedCrops({ crops, fusion }, size, description.net.input)
    if (fusion !== 'embeddings' && isFeatures(description.ingest))
      throw invalidOption('fusion', "'embeddings' for a model of features, which have no views,", fusion)
    const native = await engine()
    const cuda = device === 'cuda' || (device === 'auto' && (await native.environment()).cudaDevices > 0)
    const { net, preprocess, precision } = description
    const plan = JSON.stringify({ net, preprocess, precision, device: cuda ? 'cuda' : 'cpu' })
    const handle = await native.modelCreate(plan, `${folder}/weights.safetensors`).catch((error: unknown) => {
      // The engine reads both with the same hands and calls a damaged safetensors file by the commoner name.
      if (!(error instanceof NPairError) || error.code !== 'CHECKPOINT_CORRUPT') throw error
      throw new NPairError('BUNDLE_CORRUPT', error.message, { cause: error })
    })
    const views = { mirror: mirror ?? description.mirror, shifts: shifts ?? description.shifts, crops, fusion }
    return new Model(native, handle, description, views)
  }

  /**
   * Embeds images in order: row i is that of `images[i]`.
   *
   * @returns `[images.length, embeddingSize]`, not normalised: compare by cosine; with `fusion: 'scores'` by inner product
   * @throws NPairError `IMAGE_UNREADABLE` naming the image; `CLOSED`
   */
  async embed(images: readonly ImageInput[]): Promise<Embeddings> {
    const handle = this.#open()
    if (!Array.isArray(images)) throw invalidOption('images', 'an array of paths, buffers or raw pixels', images)
    const { embeddingSize, ingest } = this.description
    if (isFeatures(ingest)) return this.#embedRows(handle, images, ingest)
    const [height, width] = ingest.size
    const bytes = height * width * ingest.channels
    const rows = new Float32Array(images.length * embeddingSize)
    for (let start = 0; start < images.length; start += embedBatch) {
      const chunk = images.slice(start, start + embedBatch)
      const pixels = new Uint8Array(chunk.length * bytes)
      await Promise.all(chunk.map(async (image, i) => pixels.set(await pixelsOf(image, start + i, ingest), i * bytes)))
      rows.set(
        await this.#native.embedPixels(handle, pixels, height, width, bindingViews(this.views), embedBatch),
        start * embeddingSize,
      )
    }
    return new Embeddings(rows, embeddingSize, viewMetric(this.views))
  }

  async #embedRows(
    handle: number,
    rows: readonly ImageInput[],
    { features, normalize }: FeatureIngest,
  ): Promise<Embeddings> {
    const data = new Float32Array(rows.length * features)
    for (const [i, row] of rows.entries()) {
      if (!(row instanceof Float32Array) || row.length !== features || !row.every(Number.isFinite))
        throw invalidOption(
          `images[${i}]`,
          `a Float32Array of ${features} finite numbers (this model embeds features)`,
          row,
        )
      data.set(row, i * features)
    }
    const numbers = normalize ? new Embeddings(data, features).normalized().data : data
    return new Embeddings(await this.#native.embedFeatures(handle, numbers, embedBatch), this.description.embeddingSize)
  }

  /**
   * Embeds the images of a dataset: row i is that of `dataset.images[i]`.
   *
   * @throws NPairError `INVALID_OPTION` where they were decoded otherwise than those that the model was trained on; `CLOSED`
   */
  async embedDataset(dataset: Dataset): Promise<Embeddings> {
    requireSameIngest('dataset', dataset, this.description.ingest)
    return new TrainerEmbedder(this.#native, this.#open(), this.views).embedDataset(dataset)
  }

  /**
   * Whether two images show the same, by the threshold that `calibrate` put into the bundle.
   *
   * @throws NPairError `NOT_CALIBRATED` where there is none, or one of other views; `NON_FINITE`; as {@link Model.embed}
   */
  async verify(a: ImageInput, b: ImageInput): Promise<Verdict> {
    const { threshold, far } = requireCalibration(this.description.calibration, this.views)
    const score = pairCosines(await this.#embedFinite([a, b]), [0], [1])[0] as number
    return { same: score >= threshold, score, threshold, far: far.value }
  }

  /**
   * What of an index an image shows: its nearest row, where that is at or above the calibrated threshold, else `unknown`.
   *
   * @param index - by cosine (with `fusion: 'scores'` by `dot`), of embeddings of this model in the same views; of an index that is
   *   tied to no model nobody checks that
   * @throws NPairError `NOT_CALIBRATED`; `INDEX_MODEL` for an index of another model; `INVALID_OPTION` for one of another metric or
   *   size; as {@link Model.verify}
   */
  async identify(image: ImageInput, index: Index): Promise<Identification> {
    const calibration = requireCalibration(this.description.calibration, this.views)
    const { threshold } = calibration
    const { embeddingSize } = this.description
    if (typeof index?.search !== 'function') throw invalidOption('index', 'an Index', index)
    if (index.model !== undefined) requireSameModel(index.model, this.identity)
    const metric = viewMetric(this.views)
    if (index.metric !== metric) throw invalidOption('index.metric', `'${metric}', as the threshold`, index.metric)
    if (index.size !== embeddingSize) throw invalidOption('index.size', `${embeddingSize}, as the model's`, index.size)
    const shared = { threshold, falseAlarm: falseAlarm(calibration, index.count) }
    const [[nearest] = []] = await index.search(await this.#embedFinite([image]), { k: 1 })
    if (nearest === undefined) return { answer: 'unknown', ...shared }
    return nearest.score >= threshold
      ? { answer: 'known', hit: nearest, ...shared }
      : { answer: 'unknown', nearest, ...shared }
  }

  async #embedFinite(images: readonly ImageInput[]): Promise<Embeddings> {
    const rows = await this.embed(images)
    const bad = rows.data.findIndex((x) => !Number.isFinite(x))
    if (bad >= 0)
      throw new NPairError(
        'NON_FINITE',
        `The embedding of image ${Math.floor(bad / rows.size)} holds ${rows.data[bad]}`,
      )
    return rows
  }

  /** Frees the native memory; closing twice is harmless. */
  async close(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    if (handle !== undefined) await this.#native.close(handle)
  }

  #open(): number {
    if (this.#handle === undefined) throw new NPairError('CLOSED', 'This model was closed')
    return this.#handle
  }
}

async function pixelsOf(image: ImageInput, index: number, ingest: IngestOptions): Promise<Uint8Array> {
  if (typeof image === 'string' || image instanceof Uint8Array) return decodeImage(image, ingest)
  const [height, width] = ingest.size
  const fits =
    typeof image === 'object' &&
    image !== null &&
    'height' in image &&
    image.height === height &&
    image.width === width &&
    image.channels === ingest.channels
  if (!fits || !(image.data instanceof Uint8Array) || image.data.length !== height * width * ingest.channels)
    throw invalidOption(
      `images[${index}]`,
      `a path, an encoded image, or raw pixels of ${height}x${width}x${ingest.channels}`,
      image,
    )
  return image.data
}
