import { NPairError, type NPairErrorCode } from '../errors.js'

type Binding = typeof import('./binding.js')

/** The native engine: some thirty coarse calls, each a promise; tensors never leave it. */
export type Engine = Readonly<Omit<Binding, 'useThreads'>>

let loading: Promise<Binding> | undefined

/** By the number of threads that was asked for. */
const engines = new Map<number, Engine>()

/**
 * The engine of this process, loaded on first use.
 *
 * @param threads - that each of its calls is computed with, whatever others ask for meanwhile: the bits depend on it; 0 is libtorch's own choice
 * @throws NPairError `LIBTORCH_…` or `ADDON_LOAD` if it cannot be loaded; a later call tries again
 */
export async function engine(threads = 0): Promise<Engine> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined
    throw error
  })
  const binding = await loading
  const known = engines.get(threads) ?? wrapped(binding, threads)
  engines.set(threads, known)
  return known
}

async function load(): Promise<Binding> {
  const { loadAddon } = await import('./load.js')
  return loadAddon()
}

/** Every function of the binding, with its errors made NPairErrors that carry the caller's stack. */
function wrapped({ useThreads, ...binding }: Binding, threads: number): Engine {
  const functions: Record<string, unknown> = {}
  for (const [name, entry] of Object.entries(binding)) {
    if (typeof entry !== 'function') continue
    const call = entry as (...args: unknown[]) => Promise<unknown>
    functions[name] = async (...args: unknown[]) => {
      // Taken here: the rejection comes from another thread, whose stack says nothing.
      const caller = new Error()
      try {
        // Of this thread, and the call is queued before anything else runs on it.
        useThreads(threads)
        return await call(...args)
      } catch (error) {
        throw toNPairError(error, caller)
      }
    }
  }
  return Object.freeze(functions) as Engine
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
