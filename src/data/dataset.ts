import { deepFreeze } from '../config/deepFreeze.js'
import { NPairError } from '../errors.js'
import { type FeatureIngest, isFeatures } from './featureIngest.js'
import type { IngestOptions } from './ingestOptions.js'
import type { PackIndex, PackInfo, SkippedImage } from './pack.js'
import { type ClassSplit, splitClasses, splitSuperClasses, splitWithin, type WithinSplit } from './split.js'

/** One step from a whole source to a dataset. */
export type Part =
  | ({ readonly type: 'splitByClass' | 'splitBySuperClass'; readonly half: 'train' | 'test' } & Required<ClassSplit>)
  | ({ readonly type: 'splitWithinClass'; readonly half: 'train' | 'test' } & Required<WithinSplit>)
  | { readonly type: 'rotatedClasses' }

/** What a run records of its data: enough to build it again, and to know that it is the same. */
export interface DatasetPlan {
  /** The source: `folder`, `omniglot`, `benchmark`, `characters`, `features`. */
  readonly type: string
  readonly path?: string
  readonly ingest: IngestOptions | FeatureIngest
  /** SHA-256 of the pack. */
  readonly pack: string
  readonly parts: readonly Part[]
  /** Options that the source has besides. */
  readonly source?: Readonly<Record<string, unknown>>
}

/** How much a source held. */
export interface DatasetSummary {
  readonly images: number
  readonly classes: number
  /** Broken images that were left out. */
  readonly skipped: readonly SkippedImage[]
}

/** Labelled images (or rows of features) in a pack, or a part of them. Immutable. */
export class Dataset {
  readonly plan: DatasetPlan
  readonly pack: PackInfo
  /** Image ids, sorted by (label, position): rotation · pack.count + row; rotations of 0, 90, 180, 270 degrees counter-clockwise. */
  readonly images: Int32Array
  /** `labels[i]`: class of `images[i]`, an index into `classes`, dense */
  readonly labels: Int32Array
  readonly classes: readonly string[]
  /** Empty where the source has none. */
  readonly superClasses: readonly string[]
  /** Per class, index into `superClasses`; empty where the source has none. */
  readonly superClassOf: Int32Array
  readonly #index: PackIndex

  private constructor(
    index: PackIndex,
    plan: DatasetPlan,
    images: Int32Array,
    labels: Int32Array,
    classes: string[],
    superClassOf: Int32Array,
  ) {
    this.#index = index
    this.plan = deepFreeze(plan)
    this.pack = index.info
    this.images = images
    this.labels = labels
    this.classes = classes
    const used = [...new Set(superClassOf)].sort((a, b) => a - b)
    this.superClasses = used.map((s) => index.superClasses[s] as string)
    this.superClassOf = superClassOf.map((s) => used.indexOf(s))
  }

  /** A whole source. */
  static whole(index: PackIndex, plan: Omit<DatasetPlan, 'pack' | 'parts' | 'ingest'>): Dataset {
    const order = Array.from(index.labels.keys()).sort(
      (a, b) => (index.labels[a] as number) - (index.labels[b] as number) || a - b,
    )
    const labels = Int32Array.from(order, (row) => index.labels[row] as number)
    const full = { ...plan, ingest: index.info.ingest, pack: index.info.sha256, parts: [] }
    return new Dataset(index, full, Int32Array.from(order), labels, [...index.classes], index.superClassOf)
  }

  get length(): number {
    return this.images.length
  }

  get summary(): DatasetSummary {
    return { images: this.length, classes: this.classes.length, skipped: this.#index.skipped }
  }

  /** Path of `images[i]` within the source. */
  imageName(i: number): string {
    const id = this.images[i]
    if (id === undefined)
      throw new NPairError('INVALID_OPTION', `Expected an image in [0, ${this.length}) but received ${i}`, {
        option: 'i',
      })
    return this.#index.names[id % this.pack.count] as string
  }

  /** Positions (indices into `images`) of each class. */
  byClass(): Int32Array[] {
    const positions: number[][] = this.classes.map(() => [])
    this.labels.forEach((label, i) => {
      positions[label]?.push(i)
    })
    return positions.map((list) => Int32Array.from(list))
  }

  /**
   * Two halves without a common class.
   *
   * @throws NPairError `INVALID_OPTION`; `DATA_CLASSES` where a half would be empty
   */
  splitByClass(options: ClassSplit): { train: Dataset; test: Dataset } {
    const { test, resolved } = splitClasses(this.classes, options)
    return this.#halves('splitByClass', resolved, test)
  }

  /** Two halves without a common super-class (alphabet). */
  splitBySuperClass(options: ClassSplit): { train: Dataset; test: Dataset } {
    if (this.superClasses.length === 0)
      throw new NPairError('DATA_CLASSES', `Data of type ${this.plan.type} has no super-classes to split by`)
    const { test, resolved } = splitSuperClasses(this.superClasses, options)
    const classes = new Set(this.classes.flatMap((_, c) => (test.has(this.superClassOf[c] as number) ? [c] : [])))
    return this.#halves('splitBySuperClass', resolved, classes)
  }

  /** Two halves with the same classes and different images, at least one of each class on each side. */
  splitWithinClass(options: WithinSplit): { train: Dataset; test: Dataset } {
    const { test, resolved } = splitWithin(this.byClass(), this.classes, options)
    const part = (half: 'train' | 'test'): Dataset =>
      this.#select({ type: 'splitWithinClass', half, ...resolved }, (i) => test.has(i) === (half === 'test'))
    return { train: part('train'), test: part('test') }
  }

  /**
   * Four times the classes: each turned by 90, 180 and 270 degrees is a class of its own, the usual practice on Omniglot.
   *
   * @throws NPairError `INVALID_OPTION` where images are not square, or turned already
   */
  rotatedClasses(): Dataset {
    const { height, width, count, ingest } = this.pack
    if (isFeatures(ingest))
      throw new NPairError('INVALID_OPTION', 'Expected images for rotatedClasses but these are features', {
        option: 'rotatedClasses',
      })
    if (height !== width)
      throw new NPairError(
        'INVALID_OPTION',
        `Expected square images for rotatedClasses but these are ${height}x${width}`,
        { option: 'rotatedClasses' },
      )
    if (this.images.some((id) => id >= count))
      throw new NPairError('INVALID_OPTION', 'The classes of this dataset are turned already', {
        option: 'rotatedClasses',
      })
    const turns = [0, 1, 2, 3]
    const plan = { ...this.plan, parts: [...this.plan.parts, { type: 'rotatedClasses' as const }] }
    const classes = turns.flatMap((turn) => this.classes.map((name) => (turn === 0 ? name : `${name} @${90 * turn}`)))
    const images = Int32Array.from(turns.flatMap((turn) => Array.from(this.images, (id) => turn * count + id)))
    const labels = Int32Array.from(
      turns.flatMap((turn) => Array.from(this.labels, (label) => turn * this.classes.length + label)),
    )
    const superClassOf = turns.flatMap(() =>
      Array.from(this.superClassOf, (s) => this.#index.superClasses.indexOf(this.superClasses[s] as string)),
    )
    return new Dataset(this.#index, plan, images, labels, classes, Int32Array.from(superClassOf))
  }

  /** Applies recorded parts again. */
  withParts(parts: readonly Part[]): Dataset {
    let dataset: Dataset = this
    for (const part of parts) dataset = dataset.#withPart(part)
    return dataset
  }

  #withPart(part: Part): Dataset {
    if (part.type === 'rotatedClasses') return this.rotatedClasses()
    const { seed } = part
    switch (part.type) {
      case 'splitByClass':
        return this.splitByClass({ test: part.test, seed })[part.half]
      case 'splitBySuperClass':
        return this.splitBySuperClass({ test: part.test, seed })[part.half]
      case 'splitWithinClass':
        return this.splitWithinClass({ test: part.test, seed })[part.half]
    }
  }

  #halves(
    type: 'splitByClass' | 'splitBySuperClass',
    resolved: Required<ClassSplit>,
    test: ReadonlySet<number>,
  ): { train: Dataset; test: Dataset } {
    const part = (half: 'train' | 'test'): Dataset =>
      this.#select({ type, half, ...resolved }, (i) => test.has(this.labels[i] as number) === (half === 'test'))
    return { train: part('train'), test: part('test') }
  }

  #select(part: Part, keep: (i: number) => boolean): Dataset {
    const kept = Array.from(this.images.keys()).filter(keep)
    const old = [...new Set(kept.map((i) => this.labels[i] as number))].sort((a, b) => a - b)
    const dense = new Map(old.map((label, i) => [label, i]))
    const superClassOf =
      this.superClasses.length === 0
        ? new Int32Array(0)
        : Int32Array.from(old, (c) =>
            this.#index.superClasses.indexOf(this.superClasses[this.superClassOf[c] as number] as string),
          )
    return new Dataset(
      this.#index,
      { ...this.plan, parts: [...this.plan.parts, part] },
      Int32Array.from(kept, (i) => this.images[i] as number),
      Int32Array.from(kept, (i) => dense.get(this.labels[i] as number) as number),
      old.map((c) => this.classes[c] as string),
      superClassOf,
    )
  }
}
