import { type FileHandle, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { NPairError } from '../errors.js'
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
  readonly #file: FileHandle
  #bytes: number

  private constructor(file: FileHandle, bytes: number) {
    this.#file = file
    this.#bytes = bytes
  }

  /** Opens it cut to `bytes`, so that a resumed run does not tell its last steps twice. */
  static async open(run: string, bytes: number): Promise<MetricsLog> {
    const path = join(run, 'metrics.jsonl')
    try {
      const file = await open(path, bytes === 0 ? 'w' : 'r+')
      await file.truncate(bytes)
      return new MetricsLog(file, bytes)
    } catch (error) {
      throw new NPairError(
        'NOT_WRITABLE',
        `Cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      )
    }
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Whole lines in one write. */
  async append(lines: readonly (StepMetrics | ValidationMetrics)[]): Promise<void> {
    const text = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    await this.#file.write(text, 0, text.length, this.#bytes)
    this.#bytes += text.length
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
