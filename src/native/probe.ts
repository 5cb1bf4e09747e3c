// Run by `npair doctor` in a process of its own: loads the addon and prints, as JSON, what came of it.
import { NPairError } from '../errors.js'
import { loadAddon, loadedAddon } from './load.js'

async function probe(): Promise<unknown> {
  try {
    const binding = await loadAddon()
    return { environment: await binding.environment(), loaded: loadedAddon() }
  } catch (error) {
    if (error instanceof NPairError) return { error: { code: error.code, message: error.message } }
    return { error: { code: 'ADDON_LOAD', message: error instanceof Error ? error.message : String(error) } }
  }
}

probe().then((result) => process.stdout.write(`${JSON.stringify(result)}\n`))
