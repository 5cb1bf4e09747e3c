import type { ExecutionContext } from 'ava'
import { NPairError, type NPairErrorCode } from '../../src/errors.js'

/** The message of what must fail with this code. */
export async function throws(t: ExecutionContext, code: NPairErrorCode, work: Promise<unknown>): Promise<string> {
  const error = await t.throwsAsync(work, { instanceOf: NPairError })
  t.is(error?.code, code, error?.message)
  return error?.message ?? ''
}
