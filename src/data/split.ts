import { requireInteger, requireNames } from '../config/require.js'
import { invalidOption, NPairError } from '../errors.js'
import { Random } from '../random.js'

/** How classes (or super-classes) are dealt to two halves. */
export interface ClassSplit {
  /** Fraction in (0, 1), rounded to the nearest whole number of classes, at least one on each side; or the names of the test half. */
  readonly test: number | readonly string[]
  /** Of the draw; a list needs none. Default 0. */
  readonly seed?: number
}

/** How the images of each class are dealt to two halves. */
export interface WithinSplit {
  /** Fraction in (0, 1) of each class's images, rounded, at least one on each side. */
  readonly test: number
  /** Of the draw. Default 0. */
  readonly seed?: number
}

const splitNames = ['test', 'seed']

/** The classes of the test half. */
export function splitClasses(
  names: readonly string[],
  options: ClassSplit,
): { test: Set<number>; resolved: Required<ClassSplit> } {
  return choose('classes', names, options)
}

/** The super-classes of the test half. */
export function splitSuperClasses(
  names: readonly string[],
  options: ClassSplit,
): { test: Set<number>; resolved: Required<ClassSplit> } {
  return choose('super-classes', names, options)
}

function choose(
  what: string,
  names: readonly string[],
  options: ClassSplit,
): { test: Set<number>; resolved: Required<ClassSplit> } {
  requireNames('', options as unknown, splitNames)
  const { test, seed = 0 } = options
  requireInteger('seed', seed, 0)
  if (names.length < 2)
    throw new NPairError('DATA_CLASSES', `${names.length} ${what} cannot be split in two halves`, { option: 'test' })
  if (typeof test === 'number') {
    const count = Math.min(names.length - 1, Math.max(1, Math.round(requireFraction(test) * names.length)))
    const drawn = new Random(seed, 'split').permutation(names.length).subarray(0, count)
    return { test: new Set(drawn), resolved: { test, seed } }
  }
  if (!Array.isArray(test) || test.length === 0)
    throw invalidOption('test', `a fraction in (0, 1) or a list of ${what}`, test)
  const indexOf = new Map<unknown, number>(names.map((name, i) => [name, i]))
  const chosen = test.map((name: unknown) => {
    const index = indexOf.get(name)
    if (index === undefined)
      throw invalidOption(
        'test',
        `names among the ${names.length} ${what} (${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''})`,
        name,
      )
    return index
  })
  if (new Set(chosen).size === names.length)
    throw new NPairError('DATA_CLASSES', `All ${names.length} ${what} are in the test half: none is left to train on`, {
      option: 'test',
    })
  return { test: new Set(chosen), resolved: { test: [...test], seed } }
}

/** The positions of the test half. */
export function splitWithin(
  byClass: readonly Int32Array[],
  classes: readonly string[],
  options: WithinSplit,
): { test: Set<number>; resolved: Required<WithinSplit> } {
  requireNames('', options as unknown, splitNames)
  const { test, seed = 0 } = options
  const fraction = requireFraction(test)
  requireInteger('seed', seed, 0)
  const chosen = new Set<number>()
  byClass.forEach((positions, c) => {
    if (positions.length < 2)
      throw new NPairError(
        'DATA_CLASSES',
        `Class ${classes[c]} has ${positions.length} image: it cannot be on both sides of a split within classes`,
        { option: 'test' },
      )
    const count = Math.min(positions.length - 1, Math.max(1, Math.round(fraction * positions.length)))
    for (const k of new Random(seed, 'split', 1, c).permutation(positions.length).subarray(0, count))
      chosen.add(positions[k] as number)
  })
  return { test: chosen, resolved: { test, seed } }
}

function requireFraction(value: unknown): number {
  if (typeof value !== 'number' || !(value > 0 && value < 1)) throw invalidOption('test', 'a fraction in (0, 1)', value)
  return value
}
