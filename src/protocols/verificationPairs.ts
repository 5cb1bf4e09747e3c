import { NPairError } from '../errors.js'
import { Random } from '../random.js'
import { sampleIndices } from './sampleIndices.js'

/** The pairs that a verification protocol compares. */
export interface VerificationPairs {
  /** `[p]` position of one image in the dataset. */
  first: Int32Array
  /** `[p]` position of the other. */
  second: Int32Array
  /** `[p]` 1 for a genuine pair (one class), 0 for an impostor pair. */
  same: Uint8Array
  /** `[p]` fold of the pair, in [0, folds). */
  fold: Int32Array
  /** `[folds]` classes of each fold. */
  foldClasses: number[][]
  /** Genuine pairs that exist; more than are listed where they were sampled. */
  genuineExisting: number
}

/** How {@link verificationPairs} chooses. */
export interface PairChoice {
  folds: number
  impostorsPerGenuine: number
  maxGenuinePairs: number
  seed: number
}

const pairsWithin = (n: number) => (n * (n - 1)) / 2

/**
 * Deals classes to folds and lists each fold's pairs: every genuine pair (or a seeded sample, the same share of each
 * fold), and `impostorsPerGenuine` times as many different impostor pairs between classes of the fold.
 * No class is in two folds, so a threshold is never judged on people who helped to choose it.
 *
 * @param byClass - positions of the images of each class
 * @throws NPairError `DATA_CLASSES` with fewer than two classes, or fewer than one genuine pair, a fold
 */
export function verificationPairs(byClass: readonly Int32Array[], choice: PairChoice): VerificationPairs {
  const { folds, impostorsPerGenuine, maxGenuinePairs, seed } = choice
  const foldClasses = dealClasses(byClass, folds, seed)
  const existing = foldClasses.map((classes) => sum(classes.map((c) => pairsWithin(byClass[c]?.length ?? 0))))
  const genuineExisting = sum(existing)
  const share = Math.min(1, maxGenuinePairs / genuineExisting)

  const first: number[] = []
  const second: number[] = []
  const same: number[] = []
  const fold: number[] = []
  foldClasses.forEach((classes, k) => {
    const groups = classes.map((c) => byClass[c] as Int32Array)
    const add = (a: number, b: number, genuine: 0 | 1) => {
      first.push(a)
      second.push(b)
      same.push(genuine)
      fold.push(k)
    }
    const wanted = share === 1 ? (existing[k] as number) : Math.max(1, Math.round((existing[k] as number) * share))
    const genuine = sampleIndices(wanted, existing[k] as number, new Random(seed, 'protocol', k, 1))
    eachPairWithin(groups, genuine, (a, b) => add(a, b, 1))
    const rest = pairsBetween(groups)
    const impostors = sampleIndices(genuine.length * impostorsPerGenuine, rest, new Random(seed, 'protocol', k, 2))
    eachPairBetween(groups, impostors, (a, b) => add(a, b, 0))
  })
  return {
    first: Int32Array.from(first),
    second: Int32Array.from(second),
    same: Uint8Array.from(same),
    fold: Int32Array.from(fold),
    foldClasses,
    genuineExisting,
  }
}

/**
 * Largest class first (equal ones in seeded order) to the fold with the fewest genuine pairs so far, of those the one
 * with the fewest classes, then the lowest; once only as many classes are left as folds lack to have two, to those.
 */
function dealClasses(byClass: readonly Int32Array[], folds: number, seed: number): number[][] {
  const paired = byClass.filter((images) => images.length >= 2).length
  const most = Math.min(Math.floor(byClass.length / 2), paired)
  if (most < folds)
    throw new NPairError(
      'DATA_CLASSES',
      `${folds} folds that share no class need ${2 * folds} classes, ${folds} of them with two images or more; ` +
        `the data has ${byClass.length} and ${paired}. ${most < 2 ? 'They are too few for any folds' : `Lower folds to at most ${most}`}`,
      { option: 'folds' },
    )
  const order = Array.from(new Random(seed, 'protocol', 0, 0).permutation(byClass.length))
  order.sort((a, b) => (byClass[b]?.length ?? 0) - (byClass[a]?.length ?? 0)) // stable: ties stay shuffled
  const dealt = Array.from({ length: folds }, () => ({ classes: [] as number[], pairs: 0 }))
  order.forEach((c, done) => {
    const missing = sum(dealt.map((f) => Math.max(0, 2 - f.classes.length)))
    const open = byClass.length - done <= missing ? dealt.filter((f) => f.classes.length < 2) : dealt
    const least = open.reduce((a, b) =>
      b.pairs < a.pairs || (b.pairs === a.pairs && b.classes.length < a.classes.length) ? b : a,
    )
    least.classes.push(c)
    least.pairs += pairsWithin(byClass[c]?.length ?? 0)
  })
  return dealt.map((f) => f.classes.sort((a, b) => a - b))
}

/** Numbers the pairs inside groups 0, 1, 2, … (group by group, row by row) and visits the listed ones (ascending). */
function eachPairWithin(groups: Int32Array[], listed: Float64Array, visit: (a: number, b: number) => void): void {
  let g = 0
  let i = 0
  let start = 0 // number of the pair (i, i + 1) of group g
  for (const index of listed) {
    for (;;) {
      const row = Math.max(0, (groups[g]?.length ?? 0) - 1 - i) // pairs (i, j > i)
      if (index < start + row) break
      start += row
      if (row === 0) [g, i] = [g + 1, 0]
      else i++
    }
    const group = groups[g] as Int32Array
    visit(group[i] as number, group[i + 1 + (index - start)] as number)
  }
}

function pairsBetween(groups: Int32Array[]): number {
  return pairsWithin(sum(groups.map((g) => g.length))) - sum(groups.map((g) => pairsWithin(g.length)))
}

/** Numbers the pairs of an image with the images of later groups and visits the listed ones (ascending). */
function eachPairBetween(groups: Int32Array[], listed: Float64Array, visit: (a: number, b: number) => void): void {
  const images = groups.flatMap((group) => Array.from(group))
  const ends: number[] = [] // [image] index in `images` where the image's own group ends
  for (const group of groups) {
    const end = ends.length + group.length
    for (let i = 0; i < group.length; i++) ends.push(end)
  }
  let i = 0
  let start = 0 // number of the first pair of image i
  for (const index of listed) {
    while (index >= start + images.length - (ends[i] as number)) {
      start += images.length - (ends[i] as number)
      i++
    }
    visit(images[i] as number, images[(ends[i] as number) + (index - start)] as number)
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
