import { NPairError } from '../errors.js'

/** Does one thing after the other, each when all that was asked before is done: nothing changes under a search. */
export class Turns {
  readonly #what: string
  #last: Promise<unknown> = Promise.resolve()
  #closed = false
  #closing: Promise<void> | undefined

  /** @param what - is closed at the end, for the error */
  constructor(what: string) {
    this.#what = what
  }

  /** @throws NPairError `CLOSED` */
  take<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(() => {
      if (this.#closed) throw new NPairError('CLOSED', `This ${this.#what} was closed`)
      return work()
    })
    this.#last = done.catch(() => undefined)
    return done
  }

  /** The last turn, however often it is asked for. */
  close(work: () => Promise<void>): Promise<void> {
    this.#closing ??= this.take(() => {
      this.#closed = true
      return work()
    })
    return this.#closing
  }
}
