import { invalidOption } from '../errors.js'

/**
 * Refuses what JSON cannot hold, or would give back as something else: a NaN comes back as null, a Map empty, a Date as text.
 * A property that is undefined is allowed: it is left out.
 *
 * @throws NPairError `INVALID_OPTION` naming the place
 */
export function requireJson(name: string, value: unknown, within: readonly object[] = []): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return
  if (typeof value !== 'object') throw invalidOption(name, 'something that JSON can hold', value)
  if (within.includes(value)) throw invalidOption(name, 'something that JSON can hold, no object within itself', value)
  const inner = [...within, value]
  if (Array.isArray(value)) {
    // By index: what is missing in an array would come back as null.
    for (let i = 0; i < value.length; i++) requireJson(`${name}[${i}]`, value[i], inner)
    return
  }
  // Another realm has an Object.prototype of its own: it, too, has none itself.
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
    throw invalidOption(name, 'something that JSON can hold, here a plain object or an array', value)
  for (const [key, property] of Object.entries(value))
    if (property !== undefined) requireJson(`${name}.${key}`, property, inner)
}
