import { NPairError } from '../errors.js'

/** @throws NPairError `ABORTED` if the setup was stopped */
export function refuseIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new NPairError('ABORTED', 'Setup was stopped')
}
