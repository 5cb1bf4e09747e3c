/** A source of encoded images, and what tells whether it has changed. */
export interface Source {
  /** In the order in which they shall stand in the pack. */
  readonly files: readonly SourceFile[]
  /** Plain data: another one means that the images have to be decoded again. */
  readonly stamp: unknown
  /** Frees what reading needs. */
  close(): Promise<void>
}

/** One encoded image. */
export interface SourceFile {
  /** Path within the source, with slashes. */
  readonly name: string
  /** Where it is, for messages. */
  readonly where: string
  readonly class: string
  readonly superClass?: string
  read(): Promise<Uint8Array>
}
