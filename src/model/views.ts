import { invalidOption } from '../errors.js'

/** The views of an image whose embeddings are added (test-time augmentation). */
export interface Views {
  /** The mirror image of every view, too (flip fusion). */
  readonly mirror: boolean
  /** Pixels that the image is moved by, up, down, left and right, the edge repeated. */
  readonly shifts: readonly number[]
}

/** Whether a value is a list of numbers of pixels. */
export function isShifts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((shift) => Number.isSafeInteger(shift) && shift >= 1)
}

/**
 * Refuses shifts that leave nothing of an image.
 *
 * @throws NPairError `INVALID_OPTION`
 */
export function requireShifts(shifts: unknown, { height, width }: { height: number; width: number }): void {
  const most = Math.min(height, width) - 1
  if (!isShifts(shifts) || shifts.some((shift) => shift > most))
    throw invalidOption('shifts', `an array of integers in 1 to ${most} for images of ${height}x${width}`, shifts)
}

/** As the engine takes them. */
export function bindingViews({ mirror, shifts }: Views): { mirror: boolean; shifts: number[] } {
  return { mirror, shifts: [...shifts] }
}
