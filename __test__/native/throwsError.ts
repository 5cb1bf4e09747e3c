import type { ExecutionContext } from 'ava'
import { NPairError, type NPairErrorCode } from '../../src/errors.js'

/** Runs what must fail with an NPairError of this code, and returns the error. */
export async function throwsError(
  t: ExecutionContext,
  code: NPairErrorCode,
  run: () => unknown,
  message?: RegExp,
): Promise<NPairError> {
  try {
    await run()
  } catch (error) {
    if (!(error instanceof NPairError)) throw error
    t.is(error.code, code, error.message)
    if (message) t.regex(error.message, message)
    return error
  }
  return t.fail(`It should have failed with ${code}`) as never
}
