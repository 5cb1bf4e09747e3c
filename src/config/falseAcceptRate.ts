import { invalidOption } from '../errors.js'

/** Refuses what is no list of false accept rates. */
export function requireFalseAcceptRates(name: string, far: unknown): asserts far is readonly number[] {
  if (!Array.isArray(far) || !far.every((rate) => typeof rate === 'number' && rate > 0 && rate <= 1))
    throw invalidOption(name, 'an array of numbers in (0, 1]', far)
}

/** The most impostor pairs that a false accept rate lets pass: 3 for 0.001 of 3000, whatever the rounding. */
export function allowedImpostors(far: number, impostors: number): number {
  return Math.floor(far * impostors * (1 + 1e-12))
}
