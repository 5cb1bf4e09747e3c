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
  /** Over the block of steps that this one was part of. */
  readonly imagesPerSecond: number
  /** When the block ended: milliseconds since 1970. */
  readonly time: number
}

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
  async append(lines: readonly (StepMetrics | ValidationMetrics)[]): Promise<void> {
    const text = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    await notWritable(this.#path, () => this.#file.appendFile(text))
    this.#bytes += text.length
  }

  /** To the disk: a checkpoint that counts these bytes must not survive a power cut without them. */
  async sync(): Promise<void> {
    await notWritable(this.#path, () => this.#file.sync())
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

/** The lines of a run's metrics.jsonl; a last line that a dying process left unfinished is not one. */
export async function readMetrics(run: string): Promise<(StepMetrics | ValidationMetrics)[]> {
  const text = await readFile(join(run, 'metrics.jsonl'), 'utf8')
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}
