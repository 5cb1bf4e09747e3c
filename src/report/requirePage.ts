import { access, constants, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { invalidOption, NPairError } from '../errors.js'

/**
 * Refuses a place where no page can be written, before there is anything to write.
 *
 * @param option - what names the place, for the message
 * @throws NPairError `INVALID_OPTION` for a path that does not end with `.html`, so that a slip replaces no model and no data;
 *   `NOT_WRITABLE` for a folder, and for a file in a folder that is not there or that cannot be written
 */
export async function requirePage(path: unknown, option: string): Promise<void> {
  if (typeof path !== 'string' || !path.endsWith('.html'))
    throw invalidOption(option, 'the path of a page, which ends with .html,', path)
  const folder = dirname(path)
  const refuse = (reason: string, cause?: unknown) =>
    new NPairError(
      'NOT_WRITABLE',
      `Expected a page that can be written for ${option} but received '${path}': ${reason}`,
      { option, ...(cause !== undefined && { cause }) },
    )
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory()) throw refuse('it is a folder')
  const parent = await stat(folder).catch(() => undefined)
  if (!parent?.isDirectory()) throw refuse(`${folder} is no folder that is there`)
  await access(folder, constants.W_OK).catch((error: Error) => {
    throw refuse(error.message, error)
  })
}
