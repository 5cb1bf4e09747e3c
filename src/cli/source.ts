import type { Command } from 'commander'
import type { Dataset } from '../data/dataset.js'
import type { FeatureIngest } from '../data/featureIngest.js'
import type { IngestOptions } from '../data/ingestOptions.js'
import { invalidOption } from '../errors.js'
import { interruptible } from './interrupt.js'
import { countProgress } from './progress.js'

/** The flags that say how files become pixels. */
export interface SourceFlags {
  type?: string
  half?: string
  size?: string
  channels?: string
  broken?: string
  labels?: string
  names?: string
}

/** Adds the flags of a source to a command. */
export function sourceOptions(command: Command): Command {
  return command
    .option(
      '--type <type>',
      "layout of the source: folder, omniglot, features, cub, cars196, sop, inShop or market1501 (default: as the model's own data, else folder)",
    )
    .option(
      '--half <half>',
      'of cub, cars196, sop, inShop and market1501: train or test, by their own split (default: test)',
    )
    .option('--size <n | HxW>', "pixels of the images, for example 28 or 56x46 (default: the model's)")
    .option('--channels <n>', "1 (grey) or 3 (default: the model's)")
    .option('--broken <what>', 'error or skip: what a broken image does (default: error)')
    .option('--labels <file>', 'of features: the class of each row (.npy, .json, or a name a line)')
    .option('--names <file>', 'of features: the name of each row, a name a line or .json (default: its number)')
}

/** Loads a source by its flags, until Ctrl-C; what they leave open is as `defaults` (a model's own ingestion) say. */
export async function source(
  path: string,
  flags: SourceFlags,
  defaults: (Partial<IngestOptions> | FeatureIngest) & { readonly type?: string } = {},
): Promise<Dataset> {
  const { datasets } = await import('../data/datasets.js')
  const { type: own = 'folder', ...given } = defaults
  if ((flags.type ?? own) === 'features') return features(path, flags, given)
  for (const flag of ['labels', 'names'] as const)
    if (flags[flag] !== undefined) throw invalidOption(`--${flag}`, 'no file without --type features', flags[flag])
  const ingest: Partial<IngestOptions> = 'features' in given ? {} : given
  // Generated data has no layout that files could have; of a published set `--type` says which.
  const {
    type = own === 'characters' || own === 'benchmark' ? 'folder' : own,
    size,
    channels,
    broken = 'error',
  } = flags
  if (broken !== 'error' && broken !== 'skip') throw invalidOption('--broken', "'error' or 'skip'", broken)
  if (channels !== undefined && channels !== '1' && channels !== '3')
    throw invalidOption('--channels', '1 or 3', channels)
  const pixels = size === undefined ? ingest.size : parseSize(size)
  if (pixels === undefined) throw invalidOption('--size', 'a size such as 28 or 56x46', size)
  const options = {
    ...ingest,
    ...(channels !== undefined && { channels: channels === '1' ? (1 as const) : (3 as const) }),
    ...{ size: pixels, broken: broken as 'error' | 'skip', onProgress: countProgress('images') },
  }
  const { benchmarkNames } = await import('../config/benchmarkNames.js')
  const name = benchmarkNames.find((known) => known === type)
  if (name !== undefined) {
    const half = flags.half ?? 'test'
    if (half !== 'train' && half !== 'test') throw invalidOption('--half', "'train' or 'test'", half)
    return interruptible((signal) => datasets.benchmark(path, { ...options, name, half, signal }), 'Stopping …')
  }
  if (flags.half !== undefined)
    throw invalidOption('--half', `nothing without --type ${benchmarkNames.join(', ')}`, flags.half)
  if (type !== 'folder' && type !== 'omniglot')
    throw invalidOption('--type', `folder, omniglot, features, ${benchmarkNames.join(', ')}`, type)
  return interruptible((signal) => datasets[type](path, { ...options, signal }), 'Stopping …')
}

/** The features of a NumPy file, normalised as the model's own were. */
async function features(
  path: string,
  flags: SourceFlags,
  defaults: Partial<IngestOptions> | FeatureIngest,
): Promise<Dataset> {
  const { datasets } = await import('../data/datasets.js')
  const { labels, names, size, channels, half, broken } = flags
  if (labels === undefined) throw invalidOption('--labels', 'a file with the class of each row', labels)
  if (size !== undefined) throw invalidOption('--size', 'no size for features', size)
  if (channels !== undefined) throw invalidOption('--channels', 'no channels for features', channels)
  if (half !== undefined) throw invalidOption('--half', 'no half for features', half)
  if (broken !== undefined) throw invalidOption('--broken', 'nothing for features, which are no image files,', broken)
  const normalize = 'features' in defaults && defaults.normalize === true
  const more = { ...(names !== undefined && { names }), onProgress: countProgress('rows') }
  return interruptible((signal) => datasets.features(path, { labels, normalize, ...more, signal }), 'Stopping …')
}

function parseSize(text: string): [number, number] {
  const match = /^(\d+)(?:x(\d+))?$/.exec(text)
  if (!match) throw invalidOption('--size', 'a size such as 28 or 56x46', text)
  return [Number(match[1]), Number(match[2] ?? match[1])]
}
