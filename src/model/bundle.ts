import { cp, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { FeatureIngest } from '../data/featureIngest.js'
import type { IngestOptions } from '../data/ingestOptions.js'
import { NPairError } from '../errors.js'
import { notWritable, writeFileAtomic, writeFolderAtomic } from '../files/atomic.js'
import { sha256 } from '../files/sha256.js'
import { embeddingSize } from '../nets/shape.js'
import type { TrainPlan } from '../train/plan.js'
import { version } from '../version.js'
import { whatIsWrong } from './checkDescription.js'
import type { BundleDescription } from './description.js'

export type { BundleDescription } from './description.js'

const newest = 1

/** A bundle as it is written: `model.json` and `weights.safetensors`. */
export class Bundle {
  readonly #plan: TrainPlan
  readonly #ingest: IngestOptions | FeatureIngest

  constructor(plan: TrainPlan, ingest: IngestOptions | FeatureIngest) {
    this.#plan = plan
    this.#ingest = ingest
  }

  /**
   * Writes the folder whole or not at all.
   *
   * @param net - default: the one that is trained
   */
  async write(
    folder: string,
    saveWeights: (path: string) => Promise<unknown>,
    steps: number,
    net: BundleDescription['net'] = this.#plan.net,
  ): Promise<void> {
    const { preprocess, mirror, shifts, precision, loss, data, seed } = this.#plan
    await writeFolderAtomic(folder, async (temporary) => {
      const weights = join(temporary, 'weights.safetensors')
      await saveWeights(weights)
      const description: BundleDescription = {
        ...{ format: newest, npair: version(), net, embeddingSize: embeddingSize(net) },
        ...{ ingest: this.#ingest, preprocess, mirror, shifts, precision },
        ...{ trained: { steps, loss, data, seed }, weights: await sha256(weights) },
      }
      await writeFileAtomic(join(temporary, 'model.json'), `${JSON.stringify(description, null, 2)}\n`)
    })
  }

  /** A bundle that is there already, under another name. */
  async copy(from: string, to: string): Promise<void> {
    await writeFolderAtomic(to, (temporary) => notWritable(to, () => cp(from, temporary, { recursive: true })))
  }
}

/**
 * Finds and reads a bundle.
 *
 * @param path - a bundle, or a run folder with a bundle `model` in it
 * @throws NPairError `NOT_FOUND`; `BUNDLE_CORRUPT` naming the file, or both versions
 */
export async function readBundle(path: string): Promise<{ folder: string; description: BundleDescription }> {
  const candidates = [path, join(path, 'model')]
  const found = await Promise.all(
    candidates.map((folder) =>
      stat(join(folder, 'model.json')).then(
        () => folder,
        () => undefined,
      ),
    ),
  )
  const folder = found.find((candidate) => candidate !== undefined)
  if (folder === undefined)
    throw new NPairError(
      'NOT_FOUND',
      `${path} is neither a bundle (a folder with model.json) nor a finished run (one with model/model.json)`,
    )
  const file = join(folder, 'model.json')
  let description: BundleDescription
  try {
    // Bundles of before there were shifts have none.
    description = { shifts: [], ...JSON.parse(await readFile(file, 'utf8')) }
  } catch (error) {
    throw new NPairError('BUNDLE_CORRUPT', `${file} is cut off or altered`, { cause: error })
  }
  if ((description?.format as number) !== newest)
    throw new NPairError(
      'BUNDLE_CORRUPT',
      `${file} has format ${description?.format}, and this npair reads format ${newest}`,
    )
  const weights = join(folder, 'weights.safetensors')
  const hash = await sha256(weights).catch(() => undefined)
  const { size } = await stat(weights).catch(() => ({ size: 0 }))
  if (hash === undefined) throw new NPairError('BUNDLE_CORRUPT', `${weights} is missing`)
  if (hash !== description.weights)
    throw new NPairError(
      'BUNDLE_CORRUPT',
      `${weights} does not match its checksum in model.json (truncated or altered)`,
    )
  const wrong = whatIsWrong(description, size)
  if (wrong !== undefined) throw new NPairError('BUNDLE_CORRUPT', `${file} contradicts itself: ${wrong}`)
  return { folder, description }
}
