import { invalidOption, NPairError } from '../errors.js'

/**
 * A config with single values replaced, as `--set batch.pairs=32` says.
 *
 * @param sets - `path=value`: names and array indices joined by dots; the value is JSON, or else a string
 * @returns a copy; `config` is left alone
 * @throws NPairError `INVALID_OPTION` where a path leads through something that is no object
 */
export function applySets(config: unknown, sets: readonly string[]): unknown {
  const copy: unknown = structuredClone(config)
  for (const set of sets) {
    const equals = set.indexOf('=')
    const keys = set.slice(0, equals).split('.')
    if (equals < 1 || keys.some((key) => key === '' || key === '__proto__'))
      throw invalidOption('--set', 'path=value, for example batch.pairs=32,', set)
    const last = keys.pop() as string
    let at = copy
    const walked: string[] = []
    for (const key of keys) {
      const inside = container(at, key, walked, set)
      inside[key] ??= {}
      at = inside[key]
      walked.push(key)
    }
    container(at, last, walked, set)[last] = parse(set.slice(equals + 1))
  }
  return copy
}

function container(at: unknown, key: string, walked: readonly string[], set: string): Record<string, unknown> {
  const place = walked.join('.') || 'the config'
  const refuse = (what: string) =>
    new NPairError('INVALID_OPTION', `Cannot apply --set ${set}: ${place} is ${what}`, { option: '--set' })
  if (typeof at !== 'object' || at === null) throw refuse(`${JSON.stringify(at)}, not an object`)
  if (Array.isArray(at) && !(/^\d+$/.test(key) && Number(key) <= at.length))
    throw refuse(`an array of ${at.length}, which has no ${key}`)
  return at as Record<string, unknown>
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
