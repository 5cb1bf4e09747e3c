import { type FileHandle, open, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { NPairError } from '../errors.js'
import { notWritable } from '../files/atomic.js'
import type { EvaluationResult } from '../protocols/result.js'

/** What one step reports, a line of metrics.jsonl. */
export interface StepMetrics {
  /** From 1: the number of steps done with this one. */
  readonly step: number
  /** All terms together. */
  readonly loss: number
  /** The share of the L2 penalty in it. */
  readonly l2: number
  /** mean ‖f‖ over the batch */
  readonly norm: number
  /** Before clipping. */
  readonly gradientNorm: number
  readonly learningRate: number
  /** With a guard: mean cosine between embeddings of different classes. */
  readonly cosine?: number
  /** With a guard that skips: steps skipped so far, with this one. */
  readonly skipped?: number
  /** Why this step changed no weight, where a guard skipped it; its numbers may be null then: not finite. */
  readonly divergence?: Divergence
  /** With mining: the share of the block's time that went into it, in [0, 1]. */
  readonly miningShare?: number
  /** With mining, where the data has super-classes: the share of the step's images that is of one and the same, the largest. */
  readonly largestSuperClass?: number
  /** Over the block of steps that this one was part of. */
  readonly imagesPerSecond: number
  /** When the block ended: milliseconds since 1970. */
  readonly time: number
}

/** Which sign of divergence a guard saw. */
export type Divergence = 'notFinite' | 'collapse' | 'norm' | 'gradientSpike'

/** That the guard went back, a line of metrics.jsonl; the lines of the steps that it took back are gone. */
export interface RollbackMetrics {
  /** Where the run goes on: the step of the checkpoint. */
  readonly step: number
  readonly rollback: {
    /** The step that diverged. */
    readonly from: number
    readonly reason: Divergence
    /** What the learning rate is multiplied by from here on. */
    readonly rateFactor: number
  }
}

/** A line of metrics.jsonl. */
export type MetricsLine = StepMetrics | ValidationMetrics | RollbackMetrics

/** A validation, a line of metrics.jsonl. */
export interface ValidationMetrics {
  readonly step: number
  readonly validation: Pick<EvaluationResult, 'protocol' | 'headline' | 'figures' | 'counts'>
  readonly best: boolean
}

/** metrics.jsonl of a run folder: append-only while a run goes on. */
export class MetricsLog {
  readonly #path: string
  readonly #file: FileHandle
  #bytes: number

  private constructor(path: string, file: FileHandle, bytes: number) {
    this.#path = path
    this.#file = file
    this.#bytes = bytes
  }

  /**
   * Opens it cut to `bytes`, so that a resumed run does not tell its last steps twice.
   *
   * @throws NPairError `CHECKPOINT_CORRUPT` if it is shorter than that; `NOT_WRITABLE`
   */
  static async open(run: string, bytes: number): Promise<MetricsLog> {
    const path = join(run, 'metrics.jsonl')
    const found = await stat(path).then(
      ({ size }) => size,
      () => 0,
    )
    // Truncating to more than there is would fill the file with zeros.
    if (found < bytes)
      throw new NPairError(
        'CHECKPOINT_CORRUPT',
        `${path} holds ${found} bytes, but its checkpoint was made when it held ${bytes}`,
      )
    return notWritable(path, async () => {
      const file = await open(path, 'a')
      try {
        await file.truncate(bytes)
      } catch (error) {
        await file.close()
        throw error
      }
      return new MetricsLog(path, file, bytes)
    })
  }

  get bytes(): number {
    return this.#bytes
  }

  /** @throws NPairError `NOT_WRITABLE` */
  async append(lines: readonly MetricsLine[]): Promise<void> {
    const text = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    await notWritable(this.#path, () => this.#file.appendFile(text))
    this.#bytes += text.length
  }

  /** Takes back what was appended after `bytes`. */
  async cut(bytes: number): Promise<void> {
    await notWritable(this.#path, () => this.#file.truncate(bytes))
    this.#bytes = bytes
  }

  /** To the disk: a checkpoint that counts these bytes must not survive a power cut without them. */
  async sync(): Promise<void> {
    await notWritable(this.#path, () => this.#file.sync())
  }

  async close(): Promise<void> {
    await notWritable(this.#path, () => this.#file.close())
  }
}

/**
 * The lines of a run's metrics.jsonl; a last line that a dying process left unfinished is not one.
 *
 * @throws NPairError `NOT_FOUND`; `CHECKPOINT_CORRUPT` naming the line that is not what npair writes
 */
export async function readMetrics(run: string): Promise<MetricsLine[]> {
  const path = join(run, 'metrics.jsonl')
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new NPairError('NOT_FOUND', `Cannot read ${path}: ${error.message}`, { cause: error })
  })
  return text
    .split('\n')
    .slice(0, -1)
    .map((line, i) => parseLine(line, `${path}, line ${i + 1}`))
}

function parseLine(text: string, place: string): MetricsLine {
  const damaged = (cause?: unknown) =>
    new NPairError('CHECKPOINT_CORRUPT', `${place} is not what npair wrote`, { cause })
  let line: Partial<StepMetrics & ValidationMetrics> | null
  try {
    line = JSON.parse(text)
  } catch (cause) {
    throw damaged(cause)
  }
  const figures = line?.validation === undefined ? {} : line.validation?.figures
  if (typeof line?.step !== 'number' || typeof figures !== 'object' || figures === null) throw damaged()
  return line as MetricsLine
}
