/**
 * Every way in which npair refuses or fails, as the `code` of the {@link NPairError} that says so.
 *
 * Codes are stable: programs may branch on them. Messages are for people and may be reworded.
 */
export type NPairErrorCode =
  /** An option has a wrong type, a wrong value or an unknown name; `option` holds its path. */
  | 'INVALID_OPTION'
  /** A layer does not fit the shape it is given; `option` names the layer. */
  | 'LAYER_SHAPE'
  /** No usable libtorch was found on this machine. */
  | 'LIBTORCH_NOT_FOUND'
  /** The libtorch named by NPAIR_LIBTORCH, or a file of one, is of another version. */
  | 'LIBTORCH_VERSION'
  /** A library file of libtorch is missing, damaged or refuses to load; the message names it. */
  | 'LIBTORCH_CORRUPT'
  /** The native addon is missing or does not load. */
  | 'ADDON_LOAD'
  /** `npair setup` could not fetch, verify or unpack something. */
  | 'SETUP_FAILED'
  /** A file or folder that was named does not exist or cannot be read. */
  | 'NOT_FOUND'
  /** A source holds no image that could be used. */
  | 'DATA_EMPTY'
  /** There are too few classes, or too few images in them, for what was asked. */
  | 'DATA_CLASSES'
  /** An image is broken or of an unknown format; the message names path and reason. */
  | 'IMAGE_UNREADABLE'
  /** A pack is truncated, altered or of a newer version; the message names the place. */
  | 'PACK_CORRUPT'
  /** A file of features (.npy), or of their labels, is truncated, altered, or of a kind that is not read; the message says what. */
  | 'FEATURES_CORRUPT'
  /** The output folder already holds a run, or anything else. */
  | 'OUTPUT_EXISTS'
  /** Another process is at work on the run; the message names it. */
  | 'RUN_LOCKED'
  /** A file or folder cannot be written. */
  | 'NOT_WRITABLE'
  /** A checkpoint is truncated, altered, of a newer version, or belongs to another plan. */
  | 'CHECKPOINT_CORRUPT'
  /** A bundle is truncated, altered or of a newer version. */
  | 'BUNDLE_CORRUPT'
  /** A model is asked to decide, and has no threshold, or one that was measured in other views. */
  | 'NOT_CALIBRATED'
  /** There are too few impostor pairs to measure the false accept rate that was asked for. */
  | 'FAR_UNRESOLVED'
  /** A file that a protocol is read from (pairs, or a list of images) has a line that is not of its layout; the message names it. */
  | 'PROTOCOL_CORRUPT'
  /** A saved index is truncated, altered or of a newer version; the message says what. */
  | 'INDEX_CORRUPT'
  /** An index holds embeddings of another model, or of other views; the message has both hashes. */
  | 'INDEX_MODEL'
  /** A package that is only needed for what was asked is not installed, or does not load; the message names it. */
  | 'DEPENDENCY_MISSING'
  /** Weights do not belong to the network they are loaded into. */
  | 'WEIGHTS_MISMATCH'
  /** A loss or a gradient is not finite; the message names step and parameter. */
  | 'NON_FINITE'
  /** Training diverges: embeddings collapse, their norms or the gradient explode; the message names step and reason. */
  | 'DIVERGED'
  /** The caller's AbortSignal, or Ctrl-C, stopped the work. */
  | 'ABORTED'
  /** A model, pack or run is used after it was closed. */
  | 'CLOSED'
  /** libtorch reported an error; `detail` holds its whole text. */
  | 'ENGINE'
  /** The engine panicked: a bug of npair; the message holds where. */
  | 'ENGINE_PANIC'

/** The one error class of npair: a stable `code`, and where it applies the option and further detail. */
export class NPairError extends Error {
  override readonly name: string = 'NPairError'
  readonly code: NPairErrorCode
  /** Path of the option at fault, for example `batch.pairs`. */
  readonly option?: string
  /** Text too long for the message, for example libtorch's own backtrace. */
  readonly detail?: string

  constructor(
    code: NPairErrorCode,
    message: string,
    extra: { option?: string; detail?: string; cause?: unknown } = {},
  ) {
    super(message, extra.cause === undefined ? undefined : { cause: extra.cause })
    this.code = code
    if (extra.option !== undefined) this.option = extra.option
    if (extra.detail !== undefined) this.detail = extra.detail
    // What the platform calls an aborted operation, so that `error.name === 'AbortError'` works here too.
    if (code === 'ABORTED') Object.defineProperty(this, 'name', { value: 'AbortError' })
  }
}

/** `Expected X for NAME but received VALUE of type T`: the message form of every option error. */
export function invalidOption(option: string, expected: string, received: unknown): NPairError {
  return new NPairError(
    'INVALID_OPTION',
    `Expected ${expected} for ${option} but received ${show(received)} of type ${typeOf(received)}`,
    { option },
  )
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value
}

function show(value: unknown): string {
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? `'${value}'` : String(value)
  const text = json(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

/** What JSON cannot hold (a BigInt, an object within itself) is only named. */
function json(value: object): string {
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return Object.prototype.toString.call(value)
  }
}
