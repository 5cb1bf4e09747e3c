/** An image as a set's own files name it. */
export interface Listed {
  /** Path within the source; where a half has two roles it begins with `query/` or `gallery/`. */
  readonly name: string
  /** Path within the source's folder. */
  readonly path: string
  readonly class: string
  readonly superClass?: string
}
