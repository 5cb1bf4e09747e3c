import { invalidOption } from '../errors.js'

/** Refuses a list with anything in it that is no whole number of at least 0, and says where. */
export function requireWhole(name: string, values: ArrayLike<unknown>): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
      throw invalidOption(`${name}[${i}]`, 'an integer >= 0', value)
  }
}
