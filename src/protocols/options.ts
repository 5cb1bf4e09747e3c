import { invalidOption } from '../errors.js'

/** Refuses options that are no object, or hold a name that is not in `known`. */
export function requireNames(protocol: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw invalidOption(`protocols.${protocol} options`, 'an object', options)
  for (const [name, value] of Object.entries(options))
    if (!known.includes(name)) throw invalidOption(`${protocol}.${name}`, `no such option (known: ${known.join(', ')})`, value)
}

/** Refuses what is not an integer in [least, 2^53). */
export function requireInteger(name: string, value: unknown, least: number): void {
  if (!Number.isSafeInteger(value) || (value as number) < least) throw invalidOption(name, `an integer >= ${least}`, value)
}

/** Refuses what is not one of `words`. */
export function requireWord(name: string, value: unknown, words: readonly string[]): void {
  if (!words.includes(value as string)) throw invalidOption(name, words.map((w) => `'${w}'`).join(' or '), value)
}
