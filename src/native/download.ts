import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { NPairError } from '../errors.js'
import type { OfficialArchive } from './manifest.js'
import { refuseIfAborted } from './refuseIfAborted.js'
import { checkSpace } from './staging.js'

/** How patient a download is. */
export interface Patience {
  /** Milliseconds without a byte after which a connection counts as dead. Default: 60,000. */
  readonly silence?: number
  /** Milliseconds before the first new attempt; each further one in a row without a byte waits twice as long. Default: 500. */
  readonly pause?: number
  /** Attempts in a row without a byte. Default: 5. */
  readonly attempts?: number
}

/** Whether `--from` names an address and not a place on this machine. */
export function isAddress(from: string): boolean {
  return /^https?:\/\//i.test(from)
}

/**
 * The archive that an address leads to, by its file name; from whose server it comes is no matter, since its hash is known.
 *
 * @throws NPairError `SETUP_FAILED` for an archive that is not known, or not with its hash, or a connection that can be read
 */
export function archiveAt(
  address: string,
  archives: readonly OfficialArchive[],
): OfficialArchive & { readonly sha256: string } {
  const name = fileName(checkAddress(address))
  const byHand = 'Fetch it yourself, make sure that it is what it should be, and run `npx npair setup --from FILE`.'
  const found = archives.find((archive) => fileName(new URL(archive.address)) === name)
  if (found === undefined) {
    const known = archives
      .filter(({ sha256 }) => sha256 !== undefined)
      .map((archive) => fileName(new URL(archive.address)))
    throw new NPairError('SETUP_FAILED', `npair knows no ${name}, only ${known.join(', ') || 'none'}. ${byHand}`)
  }
  const { sha256 } = found
  if (sha256 === undefined)
    throw new NPairError('SETUP_FAILED', `npair does not know the SHA-256 of ${name}. ${byHand}`)
  return { ...found, sha256 }
}

/** What an address calls its file, for example `libtorch-shared-with-deps-2.11.0+cpu.zip`. */
export function fileName({ pathname }: URL): string {
  return decodeURIComponent(pathname.split('/').at(-1) ?? '')
}

/** Encrypted, or within this machine. */
function checkAddress(address: string): URL {
  let url: URL
  try {
    url = new URL(address)
    decodeURIComponent(url.pathname)
  } catch (cause) {
    throw new NPairError('SETUP_FAILED', `${address} is no address`, { cause })
  }
  const local = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)
  if (url.protocol === 'https:' || (url.protocol === 'http:' && local)) return url
  throw new NPairError(
    'SETUP_FAILED',
    `${address} is not fetched: only https:// is, and http:// from this machine itself`,
  )
}

/**
 * Fetches an archive into a file. A connection that breaks is taken up again where it ended, or from the beginning where the
 * server cannot do that or has another file meanwhile.
 *
 * @param onBytes - called with what has come and what will; the latter is 0 as long as it is not known
 * @throws NPairError `SETUP_FAILED`, `ABORTED`
 */
export async function download(
  address: string,
  archive: OfficialArchive & { readonly sha256: string },
  path: string,
  options: { onBytes?: (done: number, total: number) => void; signal?: AbortSignal; patience?: Patience } = {},
): Promise<void> {
  const { attempts = 5, pause = 500 } = options.patience ?? {}
  const file = await open(path, 'w')
  const transfer = new Transfer(address, archive, [path, file], options)
  try {
    for (let idle = 0; ; ) {
      refuseIfAborted(options.signal)
      const before = transfer.received
      try {
        await transfer.attempt()
        break
      } catch (cause) {
        refuseIfAborted(options.signal)
        if (cause instanceof NPairError || isLocal(cause)) throw cause
        idle = transfer.received > before ? 0 : idle + 1
        if (idle === attempts) throw failed(address, cause)
        await wait(pause * 2 ** Math.max(0, idle - 1), undefined, options.signal && { signal: options.signal }).catch(
          () => refuseIfAborted(options.signal),
        )
      }
    }
    await file.sync()
  } finally {
    await file.close()
  }
  const digest = transfer.digest()
  if (digest === archive.sha256) return
  throw new NPairError(
    'SETUP_FAILED',
    `What came from ${address} has the SHA-256 ${digest} instead of ${archive.sha256}: it is not what npair knows by that name.`,
  )
}

/** What has come so far. */
class Transfer {
  /** Bytes over all attempts, those that were thrown away included. */
  received = 0
  readonly #address: string
  readonly #archive: OfficialArchive
  readonly #path: string
  readonly #file: FileHandle
  readonly #onBytes: (done: number, total: number) => void
  readonly #signal: AbortSignal | undefined
  readonly #silence: number
  #hash: Hash = createHash('sha256')
  #done = 0
  /** By which the server tells whether the rest is of the same file. */
  #version: string | undefined

  constructor(
    address: string,
    archive: OfficialArchive,
    [path, file]: readonly [string, FileHandle],
    { onBytes = () => {}, signal, patience }: Parameters<typeof download>[3] & object,
  ) {
    this.#address = address
    this.#archive = archive
    this.#path = path
    this.#file = file
    this.#onBytes = onBytes
    this.#signal = signal
    this.#silence = patience?.silence ?? 60_000
  }

  digest(): string {
    return this.#hash.digest('hex')
  }

  /** One connection, to the end of the file or of the connection. */
  async attempt(): Promise<void> {
    const silence = new AbortController()
    const signals = [silence.signal, ...(this.#signal ? [this.#signal] : [])]
    let timer: NodeJS.Timeout | undefined
    const listen = () => {
      clearTimeout(timer)
      timer = setTimeout(() => silence.abort(new Error(`nothing came for ${this.#silence / 1000} s`)), this.#silence)
    }
    listen()
    try {
      // Without its version there is no telling whether the rest belongs to what is here.
      const goOn = this.#done > 0 && this.#version !== undefined
      const headers: Record<string, string> = { 'Accept-Encoding': 'identity' }
      if (goOn) Object.assign(headers, { Range: `bytes=${this.#done}-`, 'If-Range': this.#version })
      const response = await fetch(this.#address, { headers, signal: AbortSignal.any(signals) })
      checkAddress(response.url)
      const total = await this.#begin(response)
      if (response.body === null) throw new Error('nothing came')
      for await (const chunk of response.body) {
        listen()
        await this.#take(chunk as Uint8Array, total)
      }
      if (this.#done < total) throw new Error(`the connection ended after ${this.#done} of ${total} bytes`)
    } finally {
      clearTimeout(timer)
      // Where it was left early: a connection that is still open would keep the process alive.
      silence.abort()
    }
  }

  /** The size of the whole file, 0 where the server does not say. */
  async #begin(response: Response): Promise<number> {
    const { status } = response
    const rest = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '')
    const length = Number(response.headers.get('content-length') ?? 0)
    let total = 0
    if (status === 206 && rest && Number(rest[1]) === this.#done) total = Number(rest[2]) || this.#done + length
    else if (status === 200) {
      await this.#restart()
      total = length
    } else if (status === 206 || status === 416) {
      await this.#restart()
      throw new Error(`the server answered ${status} with another part than was asked for`)
    } else if (status >= 500 || status === 429 || status === 408) throw new Error(`the server answered ${status}`)
    else throw failed(this.#address, new Error(`the server answered ${status}`))
    this.#version = strongVersion(response.headers)
    const { bytes } = this.#archive
    if (bytes !== undefined && total > 0 && total !== bytes)
      throw new NPairError(
        'SETUP_FAILED',
        `${this.#address} holds ${total} bytes instead of ${bytes}: it is another file`,
      )
    const whole = total || (bytes ?? 0)
    await checkSpace(dirname(this.#path), whole - this.#done)
    return whole
  }

  async #restart(): Promise<void> {
    this.#hash = createHash('sha256')
    this.#done = 0
    this.#version = undefined
    await this.#file.truncate(0)
  }

  async #take(chunk: Uint8Array, total: number): Promise<void> {
    for (let at = 0; at < chunk.length; )
      at += (await this.#file.write(chunk, at, chunk.length - at, this.#done + at)).bytesWritten
    this.#hash.update(chunk)
    this.#done += chunk.length
    this.received += chunk.length
    if (total > 0 && this.#done > total)
      throw new NPairError('SETUP_FAILED', `${this.#address} gives more than the ${total} bytes that it promised`)
    this.#onBytes(this.#done, total)
  }
}

/** What names one state of a file for certain; a weak tag does not. */
function strongVersion(headers: Headers): string | undefined {
  const tag = headers.get('etag')
  if (tag !== null) return tag.startsWith('W/') ? undefined : tag
  return headers.get('last-modified') ?? undefined
}

/** Whether it was the disk and not the network. */
function isLocal(cause: unknown): boolean {
  return (
    cause instanceof Error && ['write', 'ftruncate', 'fsync'].includes((cause as NodeJS.ErrnoException).syscall ?? '')
  )
}

function failed(address: string, cause: unknown): NPairError {
  // `fetch failed` says nothing, its cause does.
  const error = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  const reason = error instanceof Error ? error.message : String(error)
  return new NPairError(
    'SETUP_FAILED',
    `${address} could not be fetched: ${reason}. Check the network and the address, or fetch it by other means and run \`npx npair setup --from FILE\`.`,
    { cause },
  )
}
