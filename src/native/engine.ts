import { NPairError, type NPairErrorCode } from '../errors.js'

type Binding = typeof import('./binding.js')

/** The native engine: some thirty coarse calls, each a promise; tensors never leave it. */
export type Engine = Readonly<Binding>

let loading: Promise<Engine> | undefined

/**
 * The engine of this process, loaded on first use.
 *
 * @throws NPairError `LIBTORCH_…` or `ADDON_LOAD` if it cannot be loaded; a later call tries again
 */
export function engine(): Promise<Engine> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined
    throw error
  })
  return loading
}

async function load(): Promise<Engine> {
  const { loadAddon } = await import('./load.js')
  return withErrors(await loadAddon())
}

/** Every function of the binding, with its errors made NPairErrors that carry the caller's stack. */
function withErrors(binding: Binding): Engine {
  const wrapped: Record<string, unknown> = {}
  for (const [name, entry] of Object.entries(binding)) {
    if (typeof entry !== 'function') continue
    const call = entry as (...args: unknown[]) => Promise<unknown>
    wrapped[name] = async (...args: unknown[]) => {
      // Taken here: the rejection comes from another thread, whose stack says nothing.
      const caller = new Error()
      try {
        return await call(...args)
      } catch (error) {
        throw toNPairError(error, caller)
      }
    }
  }
  return Object.freeze(wrapped) as Engine
}

/** The engine's errors come as JSON `{ code, message, detail }`; what is none of that is napi's own complaint about an argument. */
function toNPairError(error: unknown, caller: Error): NPairError {
  const text = error instanceof Error ? error.message : String(error)
  const fields = parse(text)
  const made = fields
    ? new NPairError(fields.code, fields.message, fields.detail === '' ? {} : { detail: fields.detail })
    : new NPairError('ENGINE', text, { cause: error })
  made.stack = `${made.name}: ${made.message}\n${caller.stack?.split('\n').slice(2).join('\n') ?? ''}`
  return made
}

function parse(text: string): { code: NPairErrorCode; message: string; detail: string } | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
