import type { Guard } from '../config/guard.js'
import { NPairError } from '../errors.js'
import type { CheckpointState } from './checkpoint.js'
import type { Divergence, RollbackMetrics, StepMetrics } from './metricsLog.js'

/** A step that went wrong, or the look at the network after it. */
export interface Diverged {
  /** What is known of the step. */
  readonly line: Pick<StepMetrics, 'step' | 'learningRate'> & Partial<StepMetrics>
  readonly reason: Divergence
  /** What is not finite, where that is the reason and it was looked for. */
  readonly culprit: string
  /** Who said that it is not finite, where it was not the step itself. */
  readonly cause?: NPairError
}

/** What a guard has done to a run so far, and whether it may do it again. */
export class Setbacks {
  readonly #guard: Guard | undefined
  #skipped: { count: number; inARow: number }
  #rollbacks: number
  /** All returns so far: going back once more cuts the lines of those since then off the metrics with the others. */
  readonly #lines: RollbackMetrics[]

  constructor(guard: Guard | undefined, from: Pick<CheckpointState, 'rollbacks' | 'skipped' | 'returns'> = {}) {
    this.#guard = guard
    this.#lines = [...(from.returns ?? [])]
    this.#skipped = from.skipped ?? { count: 0, inARow: 0 }
    this.#rollbacks = from.rollbacks ?? 0
  }

  /** What the learning rate is multiplied by: lower each time the run went back. */
  get rateFactor(): number {
    return (this.#guard?.rateFactor ?? 1) ** this.#rollbacks
  }

  /** Whether more steps in a row were skipped than the guard bears. */
  get tooMany(): boolean {
    return this.#skipped.inARow > (this.#guard?.mostSkipped ?? 0)
  }

  get mayGoBack(): boolean {
    return this.#guard?.onDivergence === 'rollback' && this.#rollbacks < this.#guard.retries
  }

  /** Counts a step, skipped where there is a reason, and says so in its line. */
  counted(line: StepMetrics, reason: Divergence | ''): StepMetrics {
    if (this.#guard?.onDivergence !== 'skip') return line
    const { count, inARow } = this.#skipped
    this.#skipped = reason === '' ? { count, inARow: 0 } : { count: count + 1, inARow: inARow + 1 }
    return { ...line, skipped: this.#skipped.count, ...(reason !== '' && { divergence: reason }) }
  }

  /** The run goes back to a checkpoint: what the metrics, cut to it, are to say of this return and of those that it knows nothing of. */
  goBack({ line, reason }: Diverged, { step, rollbacks = 0 }: CheckpointState): readonly RollbackMetrics[] {
    this.#rollbacks++
    this.#lines.push({ step, rollback: { from: line.step, reason, rateFactor: this.rateFactor } })
    return this.#lines.slice(-(this.#rollbacks - rollbacks))
  }

  /** What the checkpoint that is being written has to know. */
  save(): Pick<CheckpointState, 'rollbacks' | 'skipped' | 'returns'> {
    return {
      ...(this.#rollbacks > 0 && { rollbacks: this.#rollbacks }),
      ...(this.#lines.length > 0 && { returns: [...this.#lines] }),
      ...(this.#skipped.count > 0 && { skipped: this.#skipped }),
    }
  }

  /** @param kept - what is left of the run */
  error(diverged: Diverged, kept: string): NPairError {
    const { step, loss, gradientNorm, learningRate } = diverged.line
    const numbers = loss === undefined ? '' : `loss ${loss}, gradient norm ${gradientNorm}, `
    const skipped = this.tooMany ? `${this.#skipped.inARow} steps in a row were skipped, this one because ` : ''
    const back = this.#rollbacks > 0 ? `(gone back ${this.#rollbacks} times before) ` : ''
    return new NPairError(
      diverged.reason === 'notFinite' ? 'NON_FINITE' : 'DIVERGED',
      `Step ${step}: ${skipped}${back}${sign(diverged, this.#guard)} ` +
        `(${numbers}learning rate ${learningRate}); ` +
        `${kept}. A lower learning rate, warm-up or clipNorm may help.`,
      { cause: diverged.cause },
    )
  }
}

function sign({ line, reason, culprit, cause }: Diverged, guard: Guard | undefined): string {
  switch (reason) {
    case 'notFinite':
      return cause?.message ?? `${culprit || 'the loss or the gradient'} is not finite`
    case 'collapse':
      return `the embeddings collapse, with a mean cosine of ${line.cosine} between different classes (guard.maxCosine ${guard?.maxCosine})`
    case 'norm':
      return `the embeddings explode, with a mean norm of ${line.norm} (guard.maxNorm ${guard?.maxNorm})`
    case 'gradientSpike':
      return `the gradient explodes, to more than ${guard?.gradientSpike} times its running mean (guard.gradientSpike)`
  }
}
