import { NPairError } from '../errors.js'

/** Runs `make` and puts `path` before the option that an error of it names: `width` becomes `net.width`. */
export function within<T>(path: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof NPairError) || error.code !== 'INVALID_OPTION' || error.option === undefined) throw error
    const option = `${path}.${error.option}`
    // The name stands in `… for width but …` or `Unknown option wdth: …`.
    const place = error.message.includes(` for ${error.option} but `) ? ` for ${error.option} but ` : ` ${error.option}`
    const message = error.message.replace(place, () => place.replace(error.option as string, () => option))
    throw new NPairError('INVALID_OPTION', message, { option })
  }
}
