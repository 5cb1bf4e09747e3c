import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { NPairError } from '../errors.js'
import { cacheFolder } from './cacheFolder.js'
import { checkSetupRecord, inspectLibtorch, type Libtorch } from './libtorch.js'
import { type Manifest, readManifest, type Variant } from './manifest.js'
import { likelyPythons, pythonTorch } from './pythonTorch.js'

/** Where a libtorch was looked for and not taken, and why. */
export interface Skipped {
  readonly where: string
  readonly why: string
}

/** What led to a libtorch. */
export type LibtorchSource = 'NPAIR_LIBTORCH' | 'LIBTORCH' | 'cache' | 'python'

/** The libtorch to use on this machine. */
export interface FoundLibtorch extends Libtorch {
  readonly source: LibtorchSource
  /** What came before it in the order and was not taken. */
  readonly skipped: readonly Skipped[]
}

/** How to look for a libtorch. */
export interface FindOptions {
  /** Whether it must hold the headers that building the addon from source needs. Default: false. */
  readonly headers?: boolean
  /** Environment variables to go by. Default: those of the process. */
  readonly env?: NodeJS.ProcessEnv
  /** Which version to look for. Default: what npair's addon fits. */
  readonly manifest?: Manifest
}

/**
 * Finds the libtorch to use: `NPAIR_LIBTORCH`, `LIBTORCH`, the cache that `npair setup` fills, an installed Python torch.
 *
 * Only the exact version counts. A wrong `NPAIR_LIBTORCH` is an error, since it was meant for npair; everything else that
 * does not fit is skipped, and said in `skipped`.
 *
 * @throws NPairError `LIBTORCH_VERSION` or `LIBTORCH_CORRUPT` for what `NPAIR_LIBTORCH` names, `LIBTORCH_NOT_FOUND` if there is none
 */
export async function findLibtorch(options: FindOptions = {}): Promise<FoundLibtorch> {
  const { headers = false, env = process.env, manifest = readManifest() } = options
  const inspect = (root: string): Libtorch => inspectLibtorch(root, { headers, manifest })
  const skipped: Skipped[] = []

  if (env.NPAIR_LIBTORCH) {
    try {
      return { ...inspect(resolve(env.NPAIR_LIBTORCH)), source: 'NPAIR_LIBTORCH', skipped }
    } catch (error) {
      if (!(error instanceof NPairError)) throw error
      const remedy = `Point NPAIR_LIBTORCH at a whole libtorch ${manifest.version}, or unset it and run \`npx npair setup\`.`
      throw new NPairError(error.code, `NPAIR_LIBTORCH is wrong: ${error.message}. ${remedy}`, { cause: error })
    }
  }

  const attempt = (source: LibtorchSource, where: string, look: () => Libtorch): FoundLibtorch | undefined => {
    try {
      return { ...look(), source, skipped }
    } catch (error) {
      if (!(error instanceof NPairError)) throw error
      skipped.push({ where, why: error.message })
      return undefined
    }
  }

  const { LIBTORCH } = env
  if (LIBTORCH) {
    const found = attempt('LIBTORCH', 'LIBTORCH', () => inspect(resolve(LIBTORCH)))
    if (found) return found
  }
  for (const device of ['cuda', 'cpu'] as const) {
    const folder = setupFolder(manifest, device, env)
    if (!existsSync(folder)) continue
    const found = attempt('cache', folder, () => {
      checkSetupRecord(folder)
      return inspect(join(folder, 'torch'))
    })
    if (found) return found
  }
  for (const python of likelyPythons(env)) {
    const root = await pythonTorch(python, env)
    if (root === undefined) continue
    const found = attempt('python', `torch of ${python.from}`, () => inspect(root))
    if (found) return found
  }
  throw notFound(manifest, headers, skipped)
}

/** The folder of the cache that `npair setup` puts a libtorch into; its root is `torch` therein. */
export function setupFolder(manifest: Manifest, device: Variant, env: NodeJS.ProcessEnv = process.env): string {
  return join(cacheFolder(env), `libtorch-${manifest.version}-${device}`)
}

function notFound(manifest: Manifest, headers: boolean, skipped: readonly Skipped[]): NPairError {
  const what = `libtorch ${manifest.version}${headers ? ' with headers' : ''}`
  const remedy = 'Run `npx npair setup` to fetch it, or set NPAIR_LIBTORCH to one.'
  const why = skipped.map((one) => `\n  ${one.where}: ${one.why}`).join('')
  return new NPairError('LIBTORCH_NOT_FOUND', `No ${what} was found on this machine. ${remedy}${why}`)
}
