import { invalidOption, NPairError } from '../errors.js'

/**
 * A config with single values replaced, as `--set batch.pairs=32` says.
 *
 * @param sets - `path=value`: names and array indices joined by dots; the value is JSON, or else a string
 * @returns a copy of what the paths lead through, the rest shared; `config` is left alone
 * @throws NPairError `INVALID_OPTION` where a path leads through something that is no object
 */
export function applySets(config: unknown, sets: readonly string[]): unknown {
  // Not a deep copy: what factories made may hold functions.
  const root = { config }
  for (const set of sets) {
    const equals = set.indexOf('=')
    const keys = set.slice(0, equals).split('.')
    if (equals < 1 || keys.some((key) => key === '' || key === '__proto__'))
      throw invalidOption('--set', 'path=value, for example batch.pairs=32,', set)
    let [inside, at] = [root as Record<string, unknown>, 'config']
    const walked: string[] = []
    for (const key of keys) {
      const copy = copied(inside[at], key, walked, set)
      copy[key] ??= {}
      inside[at] = copy
      ;[inside, at] = [copy, key]
      walked.push(key)
    }
    inside[at] = parse(set.slice(equals + 1))
  }
  return root.config
}

/** A copy of an object or array that has, or may get, a value `key`. */
function copied(at: unknown, key: string, walked: readonly string[], set: string): Record<string, unknown> {
  const place = walked.join('.') || 'the config'
  const refuse = (what: string) =>
    new NPairError('INVALID_OPTION', `Cannot apply --set ${set}: ${place} is ${what}`, { option: '--set' })
  if (typeof at !== 'object' || at === null) throw refuse(`${JSON.stringify(at)}, not an object`)
  if (Array.isArray(at) && !(/^\d+$/.test(key) && Number(key) <= at.length))
    throw refuse(`an array of ${at.length}, which has no ${key}`)
  return (Array.isArray(at) ? [...at] : { ...at }) as Record<string, unknown>
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
