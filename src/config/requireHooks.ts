import { invalidOption } from '../errors.js'

/**
 * Refuses hooks that are no functions, and a `signal` that is no AbortSignal; what is undefined was left out.
 *
 * @throws NPairError `INVALID_OPTION`
 */
export function requireHooks({ signal, ...functions }: Readonly<Record<string, unknown>>): void {
  for (const [name, hook] of Object.entries(functions))
    if (hook !== undefined && typeof hook !== 'function') throw invalidOption(name, 'a function', hook)
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw invalidOption('signal', 'an AbortSignal', signal)
}
