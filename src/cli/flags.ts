import { invalidOption } from '../errors.js'

/** The value of a flag that counts something, an integer >= 1. */
export function countFlag(flag: string, text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : 0
  if (count < 1 || !Number.isSafeInteger(count)) throw invalidOption(flag, 'an integer >= 1', text)
  return count
}
