import { type FileHandle, open, readFile, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { NPairError } from '../errors.js'
import { loadLoader } from '../native/load.js'
import { notWritable } from './atomic.js'

/** The file of a folder that a process at work on it holds locked. */
export const lockName = 'lock'

/**
 * The right to write into a folder, a run or an index, held by one writer at a time.
 *
 * It is the system's lock on an open file, so that a process that dies, however it dies, leaves nothing locked: the file
 * it leaves behind is of no account. Its text (process and machine) is only there for messages.
 */
export class FolderLock {
  readonly #folder: string
  readonly #file: FileHandle
  /** False where the file system knows no locks, as some of clusters do. */
  readonly locks: boolean

  private constructor(folder: string, file: FileHandle, locks: boolean) {
    this.#folder = folder
    this.#file = file
    this.locks = locks
  }

  /**
   * @param folder - one that exists
   * @param doing - what whoever holds it does to it, `trained` or `written`, for the message
   * @throws NPairError `RUN_LOCKED` naming who holds it; `NOT_WRITABLE`
   */
  static async take(folder: string, doing: string): Promise<FolderLock> {
    const path = join(folder, lockName)
    const loader = loadLoader()
    for (;;) {
      const file = await notWritable(path, () => open(path, 'a'))
      const lock = new FolderLock(folder, file, true)
      let locked: boolean
      try {
        locked = loader.lock(file.fd)
      } catch {
        return new FolderLock(folder, file, false)
      }
      if (!locked) {
        await file.close()
        throw new NPairError(
          'RUN_LOCKED',
          `${folder} is being ${doing} by ${await holder(path)}: wait for it, or stop it`,
        )
      }
      if (await lock.#holds()) {
        // For messages only, and a full disk has its own error at the first thing that matters.
        await file
          .truncate(0)
          .then(() => file.appendFile(`process ${process.pid} on ${hostname()}\n`))
          .catch(() => undefined)
        return lock
      }
      // Whoever held it has removed the file in letting go, and a new one may be another's.
      await file.close()
    }
  }

  /**
   * @throws NPairError `NOT_WRITABLE` if the folder is no longer the one that was locked: what is written now would go into
   *   a folder that lacks the rest, or into somebody else's
   */
  async check(): Promise<void> {
    if (!(await this.#holds()))
      throw new NPairError('NOT_WRITABLE', `Cannot write ${this.#folder}: the folder was removed, moved or replaced`)
  }

  /** Lets go; never fails, since what happened before it is what matters. */
  async release(): Promise<void> {
    // While it is still locked: between letting go and removing it another could take it.
    if (await this.#holds()) await rm(join(this.#folder, lockName), { force: true }).catch(() => undefined)
    await this.#file.close().catch(() => undefined)
  }

  /** Whether the open file is the one that lies in the folder. */
  async #holds(): Promise<boolean> {
    const [own, found] = await Promise.all([
      this.#file.stat(),
      stat(join(this.#folder, lockName)).catch(() => undefined),
    ]).catch(() => [undefined, undefined])
    return own !== undefined && own.ino === found?.ino && own.dev === found.dev
  }
}

async function holder(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text.trim() || 'another process'
}
