import type { BenchmarkName } from './benchmarkNames.js'

/** How a dataset is cut into a training and a test half. */
export interface SplitOptions {
  /** What lies wholly on one side: a class, a super-class (alphabet), or only an image. */
  readonly by: 'class' | 'superClass' | 'withinClass'
  /** Fraction in (0, 1) for the test half, or (not `withinClass`) the names that go there. */
  readonly test: number | readonly string[]
  /**
   * What of the training half is kept from training, for `validation` to judge on: a fraction in (0, 1) of its classes (super-classes,
   * images), or names. `test`: nothing; the test half judges on the way too, chooses the model, and every result says so. Default 0.2
   * with `validation`, else nothing.
   */
  readonly validation?: number | readonly string[] | 'test'
  /** Of the draw. Default 0. */
  readonly seed?: number
}

/** How files become pixels, and how the data is used; the same for every source. */
export interface SourceOptions {
  /** Pixels: one side of a square, or `[height, width]`. */
  readonly size: number | readonly [height: number, width: number]
  /** 1: grey, 3: RGB. Default 1. */
  readonly channels?: 1 | 3
  /** Resampling kernel. Default `lanczos3`. */
  readonly interpolation?: 'nearest' | 'linear' | 'cubic' | 'mitchell' | 'lanczos2' | 'lanczos3'
  /** How another aspect ratio is met: stretched, cut, or bordered. Default `fill`. */
  readonly fit?: 'fill' | 'cover' | 'contain'
  /** Grey level 0..255 of borders and transparent parts. Default 255. */
  readonly background?: number
  /** Moves the centre of mass of what differs from the background into the middle of the picture, as in MNIST. Default false. */
  readonly centre?: boolean
  /** A broken image stops the ingestion, or is left out and counted. Default `error`. */
  readonly broken?: 'error' | 'skip'
  /** Without it all images train. */
  readonly split?: SplitOptions
  /** Every class turned by 90, 180 and 270 degrees becomes three more; training half only, square images only. Default false. */
  readonly rotatedClasses?: boolean
}

/** A folder of images, one folder a class. */
export interface FolderData extends SourceOptions {
  readonly type: 'folder'
  /** The folder; `--data` on the command line goes before it. */
  readonly path?: string
}

/** The Omniglot layout, alphabet/character, as a folder or zip. */
export interface OmniglotData extends SourceOptions {
  readonly type: 'omniglot'
  /** The folder or zip; `--data` on the command line goes before it. */
  readonly path?: string
}

/** Generated handwritten-like characters. */
export interface CharactersData
  extends Omit<SourceOptions, 'channels' | 'interpolation' | 'fit' | 'background' | 'centre' | 'broken'> {
  readonly type: 'characters'
}

/** A published set as it comes, by its own files: see `datasets.benchmark`. */
export interface BenchmarkData extends SourceOptions {
  readonly type: 'benchmark'
  readonly name: BenchmarkName
  /** The folder; `--data` on the command line goes before it. */
  readonly path?: string
  /** One half alone, which `split` may cut again. Default: its training half trains, and its test half judges. */
  readonly half?: 'train' | 'test'
}

/** Features of another model instead of images. */
export interface FeaturesData {
  readonly type: 'features'
  /** A NumPy file `[n, D]`; `--data` on the command line goes before it. */
  readonly path?: string
  /** The class of each row: a `.npy` of integers `[n]`, a `.json` array of names or integers, or a text file, a name a line. */
  readonly labels: string
  /** The name of each row, all different: a text file, a name a line, or a `.json` array. Default: their numbers. */
  readonly names?: string
  /** Bring each row to Euclidean length 1. Default false. */
  readonly normalize?: boolean
  /** Without it all rows train. */
  readonly split?: SplitOptions
}

/** Where images come from, in a config file. */
export type DataOptions = FolderData | OmniglotData | BenchmarkData | CharactersData | FeaturesData

/** Whether the data has a half to judge on: the one that `split` cuts off, or a published set's own. */
export function hasTestHalf(data: DataOptions): boolean {
  return data.split !== undefined || (data.type === 'benchmark' && data.half === undefined)
}
