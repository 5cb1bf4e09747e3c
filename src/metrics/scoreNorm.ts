import { requireFinite, requireInteger, requireLength, requireNumber, requireWord } from '../config/require.js'
import type { Embeddings } from '../embeddings.js'
import { invalidOption, NPairError } from '../errors.js'
import { scoreRows } from './scoreRows.js'

/** How the scores of rows with a cohort are spread. */
export interface CohortStatistics {
  /** `[n]` mean of the scores that count. */
  mean: Float64Array
  /** `[n]` their deviation, divisor K (as WeSpeaker's), above 0. */
  deviation: Float64Array
}

/**
 * Mean and deviation of each row's scores with a cohort of strangers: what {@link normalizeScores} normalises by.
 *
 * `μ_n = 1/K Σ_c s_nc, σ_n = √(1/K Σ_c (s_nc − μ_n)²), over the K rows c of the cohort with the highest s_nc = cos(n, c)`
 *
 * @param rows - `[n, d]`
 * @param cohort - `[c, d]`, at least two rows, of people or things that none of `rows` shows
 * @param top - the K highest scores of each row count: its own nearest strangers (Matějka et al. 2017); default all
 * @throws NPairError `INVALID_OPTION` for rows of another size or metric, or a `top` that is not in [2, c]; `NON_FINITE` where all
 *   scores of a row that count are equal
 * @example cohortStatistics(new Embeddings(Float32Array.of(1, 0), 2), new Embeddings(Float32Array.of(1, 0, 0, 1, -1, 0), 2), 2) // { mean: [0.5], deviation: [0.5] }
 */
export function cohortStatistics(rows: Embeddings, cohort: Embeddings, top: number = cohort.count): CohortStatistics {
  requireInteger('top', top, 2)
  if (top > cohort.count)
    throw new NPairError(
      'INVALID_OPTION',
      `Expected at most the ${cohort.count} rows of the cohort for top but received ${top}`,
      {
        option: 'top',
      },
    )
  const found = { mean: new Float64Array(rows.count), deviation: new Float64Array(rows.count) }
  let row = 0
  for (const scores of scoreRows(rows, cohort)) {
    const highest =
      top === scores.length
        ? scores
        : Float64Array.from(scores)
            .sort()
            .subarray(scores.length - top)
    let sum = 0
    for (const score of highest) sum += score
    const mean = sum / top
    let squares = 0
    for (const score of highest) squares += (score - mean) ** 2
    if (!(squares > 0))
      throw new NPairError('NON_FINITE', `The ${top} scores of row ${row} with the cohort that count do not differ`)
    found.mean[row] = mean
    found.deviation[row++] = Math.sqrt(squares / top)
  }
  return found
}

/**
 * Scores normalised by what each side scores with a cohort, so that one threshold fits people who are like many and people who are
 * like few:
 *
 * - `z`: by the cohort scores of the first of a pair, the one that is enrolled (Reynolds 1997);
 * - `t`: by those of the second, the one that is tested (Auckenthaler et al. 2000);
 * - `s`: the mean of both (Kenny 2010); with statistics of the K nearest strangers the adaptive s-norm (s-norm1 of Matějka et al. 2017).
 *
 * `z = (s − μ_e) / σ_e, t = (s − μ_t) / σ_t, s-norm = (z + t) / 2; μ_e, σ_e of row first_p, μ_t, σ_t of row second_p`
 *
 * @param scores - `[p]` finite, as of `pairCosines`
 * @param first - `[p]` rows of `statistics`
 * @param second - `[p]` rows of `statistics`
 * @returns `[p]` in deviations, larger = more alike
 * @throws NPairError `INVALID_OPTION` where a score or mean is not finite, a deviation not above 0, a row none of `statistics`, or
 *   the lists differ in length
 * @example normalizeScores([0.5], [0], [1], { mean: [0.1, 0.3], deviation: [0.2, 0.1] }, 's') // [2]
 */
export function normalizeScores(
  scores: ArrayLike<number>,
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  statistics: { [K in keyof CohortStatistics]: ArrayLike<number> },
  type: 'z' | 't' | 's',
): Float64Array {
  requireLength('first', first, scores.length)
  requireLength('second', second, scores.length)
  requireWord('type', type, ['z', 't', 's'])
  requireFinite('scores', scores)
  requireStatistics(statistics)
  requireRows('first', first, statistics.mean.length)
  requireRows('second', second, statistics.mean.length)
  const by = (row: number, score: number) =>
    (score - (statistics.mean[row] as number)) / (statistics.deviation[row] as number)
  return Float64Array.from({ length: scores.length }, (_, p) => {
    const score = scores[p] as number
    if (type === 'z') return by(first[p] as number, score)
    if (type === 't') return by(second[p] as number, score)
    return (by(first[p] as number, score) + by(second[p] as number, score)) / 2
  })
}

function requireStatistics({ mean, deviation }: { [K in keyof CohortStatistics]: ArrayLike<number> }): void {
  requireLength('statistics.deviation', deviation, mean.length)
  requireFinite('statistics.mean', mean)
  for (let row = 0; row < deviation.length; row++)
    requireNumber(`statistics.deviation[${row}]`, deviation[row], '> 0', (x) => x > 0)
}

function requireRows(name: string, rows: ArrayLike<number>, count: number): void {
  for (let p = 0; p < rows.length; p++) {
    const row = rows[p] as number
    if (!Number.isInteger(row) || row < 0 || row >= count)
      throw invalidOption(`${name}[${p}]`, `an integer in [0, ${count})`, row)
  }
}
