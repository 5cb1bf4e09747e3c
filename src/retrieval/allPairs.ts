import { allowedImpostors, requireFalseAcceptRates } from '../config/falseAcceptRate.js'
import { requireInteger, requireNames } from '../config/require.js'
import type { Embeddings } from '../embeddings.js'
import { invalidOption, NPairError } from '../errors.js'
import type { PairHistogram } from '../metrics/histogram.js'
import { histogramRoc } from '../metrics/histogramRoc.js'
import type { Roc, TarAtFar } from '../metrics/roc.js'
import { Gallery } from '../native/gallery.js'
import { requireEmbeddings } from './topK.js'

/** Options of {@link allPairs}. */
export interface AllPairsOptions {
  /** False accept rates at which the true accept rate is given, each in (0, 1]. Default 1e-3, 1e-4, 1e-5, 1e-6. */
  far?: readonly number[]
  /** Bins of the histogram over cosines from −1 to 1: a power of 2 up to 65536. Default 128. */
  bins?: number
}

/** Every pair of rows, judged by its cosine. */
export interface AllPairsResult {
  /** Pairs of one label. */
  genuine: number
  /** Pairs of two labels. */
  impostor: number
  /** Cosines in float32: one that lies within its rounding of an edge may count on the other side. */
  histogram: PairHistogram
  /** The same in the 65536 bins that are counted. */
  fine: PairHistogram
  /** The curve at the edges of these bins. */
  roc: Roc
  /** For each rate of `far` in order, exact to float64; undefined where the impostor pairs cannot resolve it. */
  tarAtFar: (TarAtFar | undefined)[]
}

const fineBins = 2 ** 16

/** Scores near thresholds that are held at a time; 8 bytes each. */
const mostListed = 2 ** 25

/**
 * Histogram of all pairs and true accept rates at false accept rates, without ever holding the scores: a histogram finds the bins in which
 * the thresholds lie, a second pass computes the pairs in them in float64. Memory is that of these bins. There are no intervals: pairs
 * share rows, and Wilson's for independent ones would be far too narrow.
 *
 * @param embeddings - `[n, d]`, of any length, not to be changed meanwhile
 * @param labels - `[n]` class of each row, integers in [−2^31, 2^31)
 * @throws NPairError `INVALID_OPTION`, also where more scores crowd around a threshold than fit the memory (2^25)
 */
export async function allPairs(
  embeddings: Embeddings,
  labels: ArrayLike<number>,
  options: AllPairsOptions = {},
): Promise<AllPairsResult> {
  requireEmbeddings('embeddings', embeddings)
  requireNames('', options, ['far', 'bins'])
  const { far = [1e-3, 1e-4, 1e-5, 1e-6], bins = 128 } = options
  requireFalseAcceptRates('far', far)
  requireInteger('bins', bins, 1)
  if (fineBins % bins !== 0) throw invalidOption('bins', `a power of 2 up to ${fineBins}`, bins)
  const classes = Int32Array.from(labels)
  if (classes.length !== embeddings.count || !classes.every((label, i) => label === labels[i]))
    throw invalidOption('labels', `${embeddings.count} integers in [−2^31, 2^31), one a row`, labels)

  const gallery = await Gallery.open(embeddings.comparable(), { metric: 'dot', shortlist: 'float32' }, 'embeddings')
  try {
    const coarse = await count(gallery, classes)
    const genuine = sum(coarse.same)
    const impostor = sum(coarse.different)
    const allowed = far.map((target) => allowedImpostors(target, impostor))
    const bands = allowed.map((most) => (most < 1 ? undefined : bandOf(coarse, most)))
    const listed = new Uint8Array(fineBins)
    for (const band of bands) if (band) listed.fill(1, band.from, band.to)
    const crowd = listed.reduce((n, on, bin) => (on ? n + at(coarse.same, bin) + at(coarse.different, bin) : n), 0)
    if (crowd > mostListed)
      throw new NPairError(
        'INVALID_OPTION',
        `${crowd} pairs have scores too near the thresholds of far to be told apart in memory (at most ${mostListed}): have the embeddings collapsed?`,
        { option: 'far' },
      )
    const fine = crowd > 0 ? await count(gallery, classes, listed) : coarse
    const counted = histogramOf(coarse, fineBins)
    return {
      ...{ genuine, impostor, histogram: histogramOf(coarse, bins), fine: counted, roc: histogramRoc(counted) },
      tarAtFar: bands.map((band, i) => band && rateIn(band, fine, listed, at(allowed, i), genuine, impostor)),
    }
  } finally {
    await gallery.close()
  }
}

interface Counts {
  same: Float64Array
  different: Float64Array
  /** Descending. */
  sameListed: Float64Array
  differentListed: Float64Array
  /** By how much a counted score may be off. */
  error: number
}

async function count(gallery: Gallery, labels: Int32Array, listed?: Uint8Array): Promise<Counts> {
  const [same, different] = [new Float64Array(fineBins), new Float64Array(fineBins)]
  const parts: { same: Float64Array; different: Float64Array }[] = []
  let error = 0
  for await (const pairs of gallery.pairs(labels, fineBins, -1, 1, listed)) {
    pairs.same.forEach((n, bin) => {
      same[bin] = at(same, bin) + n
    })
    pairs.different.forEach((n, bin) => {
      different[bin] = at(different, bin) + n
    })
    parts.push({ same: pairs.sameListed, different: pairs.differentListed })
    error = Math.max(error, pairs.error)
  }
  const sameListed = descending(parts.map((part) => part.same))
  return { same, different, sameListed, differentListed: descending(parts.map((part) => part.different)), error }
}

/** Bins that hold every pair of which it is open whether it scores above v, the highest impostor score that is refused. */
interface Band {
  from: number
  to: number
}

/** v is the (most + 1)-th impostor score from above; the threshold is the lowest score beyond it. */
function bandOf({ same, different, error }: Counts, most: number): Band {
  // The bins of two scores tell their order where these many lie between them; one is for the rounding of the bins themselves.
  const margin = Math.ceil((2 * error * fineBins) / 2) + 1
  let low = fineBins - 1
  for (let above = 0; low >= 0; low--) {
    above += at(different, low)
    if (above > most) break
  }
  // Beyond v for sure, and with it whatever could be the lowest such score; all scores are where none is refused.
  let next = low < 0 ? 0 : low + 1 + margin
  while (next < fineBins && at(same, next) + at(different, next) === 0) next++
  return { from: Math.max(0, low - margin), to: Math.min(fineBins, next + 1 + margin) }
}

function rateIn(
  band: Band,
  fine: Counts,
  listed: Uint8Array,
  most: number,
  genuine: number,
  impostor: number,
): TarAtFar {
  // What is above the band and in no list is accepted for sure, what is below and in no list is not.
  const above = (counts: Float64Array) => {
    let n = 0
    for (let bin = band.to; bin < fineBins; bin++) if (!listed[bin]) n += at(counts, bin)
    return n
  }
  const unlisted = above(fine.different)
  const refused = fine.differentListed[most - unlisted] ?? Number.NEGATIVE_INFINITY
  const [accepted, wrong] = [howManyAbove(fine.sameListed, refused), howManyAbove(fine.differentListed, refused)]
  const lowest = Math.min(
    fine.sameListed[accepted - 1] ?? Number.POSITIVE_INFINITY,
    fine.differentListed[wrong - 1] ?? Number.POSITIVE_INFINITY,
  )
  return {
    tar: (above(fine.same) + accepted) / genuine,
    far: (unlisted + wrong) / impostor,
    threshold: lowest,
  }
}

/** Of descending scores those above `limit`. */
function howManyAbove(scores: Float64Array, limit: number): number {
  let low = 0
  let high = scores.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (at(scores, middle) > limit) low = middle + 1
    else high = middle
  }
  return low
}

function histogramOf({ same, different }: Counts, bins: number): PairHistogram {
  const width = fineBins / bins
  const merged = (counts: Float64Array) =>
    Array.from({ length: bins }, (_, bin) => sum(counts.subarray(bin * width, (bin + 1) * width)))
  const edges = Array.from({ length: bins + 1 }, (_, bin) => -1 + (2 * bin) / bins)
  return { edges, same: merged(same), different: merged(different) }
}

function descending(parts: Float64Array[]): Float64Array {
  const all = new Float64Array(sum(parts.map((part) => part.length)))
  let start = 0
  for (const part of parts) {
    all.set(part, start)
    start += part.length
  }
  return all.sort().reverse()
}

const at = (values: ArrayLike<number>, i: number) => values[i] as number
const sum = (values: ArrayLike<number> & Iterable<number>) => {
  let total = 0
  for (const value of values) total += value
  return total
}
