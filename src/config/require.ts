import { invalidOption, NPairError } from '../errors.js'
import { nearestName } from './nearestName.js'

/** What options look like before they are checked. */
export type Unchecked = Readonly<Record<string, unknown>>

/** Whether a value is an object that is no list. */
export function isObject(value: unknown): value is Unchecked {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Refuses what is no plain object. */
export function requireObject(name: string, value: unknown): asserts value is Unchecked {
  if (!isObject(value) || ArrayBuffer.isView(value)) throw invalidOption(name, 'an object', value)
}

/** Refuses what is no object, or holds a name that is not in `known`; `name` may be empty. */
export function requireNames(name: string, value: unknown, known: readonly string[]): asserts value is Unchecked {
  requireObject(name || 'options', value)
  for (const key of Object.keys(value)) if (!known.includes(key)) throw unknownOption(name, key, known)
}

/** `Unknown option batch.pair: did you mean batch.pairs?` */
export function unknownOption(path: string, key: string, known: readonly string[]): NPairError {
  const full = (k: string) => (path === '' ? k : `${path}.${k}`)
  const near = nearestName(key, known)
  const hint = near === undefined ? `known here: ${known.join(', ') || 'none'}` : `did you mean ${full(near)}?`
  return new NPairError('INVALID_OPTION', `Unknown option ${full(key)}: ${hint}`, { option: full(key) })
}

/** Refuses what is not an integer in [least, 2^53). */
export function requireInteger(name: string, value: unknown, least: number): asserts value is number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least)
    throw invalidOption(name, `an integer >= ${least}`, value)
}

/** Refuses what is not a finite number for which `holds`; `which` says that in words, for example `> 0`. */
export function requireNumber(
  name: string,
  value: unknown,
  which: string,
  holds: (x: number) => boolean,
): asserts value is number {
  if (typeof value !== 'number' || !Number.isFinite(value) || !holds(value))
    throw invalidOption(name, `a number ${which}`, value)
}

/** Refuses what is not true or false. */
export function requireBoolean(name: string, value: unknown): asserts value is boolean {
  if (typeof value !== 'boolean') throw invalidOption(name, 'true or false', value)
}

/** Refuses what is not one of `words`. */
export function requireWord<W extends string>(name: string, value: unknown, words: readonly W[]): asserts value is W {
  if (!words.some((word) => word === value)) throw invalidOption(name, words.map((w) => `'${w}'`).join(' or '), value)
}

/** Refuses a list of another length. */
export function requireLength(name: string, value: ArrayLike<unknown>, length: number): void {
  if (value.length !== length)
    throw new NPairError(
      'INVALID_OPTION',
      `Expected a list of ${length} for ${name} but received one of ${value.length}`,
      {
        option: name,
      },
    )
}

/** Refuses a list with anything in it that is not a finite number, and says where. */
export function requireFinite(name: string, values: ArrayLike<unknown>): void {
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i])) throw invalidOption(`${name}[${i}]`, 'a finite number', values[i])
}

/** Refuses embeddings with a row that is not finite, and says which. */
export function requireFiniteRows(name: string, { data, size }: { data: Float32Array; size: number }): void {
  const at = data.findIndex((x) => !Number.isFinite(x))
  if (at >= 0) throw invalidOption(`${name}.row(${Math.floor(at / size)})`, 'finite numbers', data[at])
}
