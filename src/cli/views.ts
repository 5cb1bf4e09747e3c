import type { Command } from 'commander'
import { invalidOption } from '../errors.js'
import type { Views } from '../model/views.js'

/** The flags that say what a model sees an image in. */
export interface ViewFlags {
  mirror?: boolean
  shifts?: string
  crops?: string
  fusion?: string
}

/**
 * Adds them to a command.
 *
 * @param other - what decides where a flag is not given, if not the model
 */
export function viewOptions(command: Command, other?: string): Command {
  return command
    .option('--mirror', `see the mirrored image, too (default: ${other ?? 'as trained'})`)
    .option('--no-mirror', 'do not')
    .option(
      '--shifts <list>',
      `pixels to move the image by for more views, for example 2,4, or none (default: ${other ?? 'as trained'})`,
    )
    .option(
      '--crops <which>',
      `centre, or five: the corners, too, and with --mirror ten crops (default: ${other ?? 'centre'})`,
    )
    .option(
      '--fusion <how>',
      `embeddings: those of the views are added; scores: the cosines of all combinations of views are averaged (default: ${other ?? 'embeddings'})`,
    )
}

/** The views that the flags ask for; what they leave open is as the model was trained. */
export function viewsOf({ mirror, shifts, crops, fusion }: ViewFlags): Partial<Views> {
  if (crops !== undefined && crops !== 'centre' && crops !== 'five')
    throw invalidOption('--crops', "'centre' or 'five'", crops)
  if (fusion !== undefined && fusion !== 'embeddings' && fusion !== 'scores')
    throw invalidOption('--fusion', "'embeddings' or 'scores'", fusion)
  return {
    ...(mirror !== undefined && { mirror }),
    ...(shifts !== undefined && { shifts: shiftsOf(shifts) }),
    ...(crops !== undefined && { crops }),
    ...(fusion !== undefined && { fusion }),
  }
}

function shiftsOf(text: string): number[] {
  if (text === 'none') return []
  if (!/^\d+(,\d+)*$/.test(text)) throw invalidOption('--shifts', 'pixels such as 2,4, or none', text)
  return text.split(',').map(Number)
}
