import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/**
 * The folder for what npair fetches and can fetch again: `NPAIR_CACHE`, else `npair` under `XDG_CACHE_HOME` or `~/.cache`.
 *
 * A relative `XDG_CACHE_HOME` is ignored, as the XDG base directory specification asks.
 */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.NPAIR_CACHE) return resolve(env.NPAIR_CACHE)
  const base = env.XDG_CACHE_HOME?.startsWith('/') ? env.XDG_CACHE_HOME : join(env.HOME || homedir(), '.cache')
  return join(base, 'npair')
}
