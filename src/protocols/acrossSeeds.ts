import { invalidOption } from '../errors.js'
import { mean, standardError } from '../metrics/statistics.js'
import { withoutIntervalSentence } from './intervals.js'
import type { EvaluationResult, Figure } from './result.js'
import { sharedDefinition } from './sharedDefinition.js'

/**
 * One result of several: the same protocol on the same data for models of different seeds. Each figure becomes the mean
 * over models, ± its standard error (sample deviation / √models); a table lists every model. Intervals, curves and counts that
 * belong to one model are left out, and so is what a definition says of one model alone.
 *
 * @param results - two or more, in the order of the table
 * @throws NPairError `INVALID_OPTION` where they differ in protocol, version, definition (a list or a file of pairs was changed), options or data
 */
export function acrossSeeds(results: readonly EvaluationResult[]): EvaluationResult {
  const [first, ...others] = results
  if (first === undefined || others.length === 0) throw invalidOption('results', 'two results or more', results.length)
  for (const [i, other] of others.entries())
    for (const key of ['protocol', 'version', 'options', 'data', 'definition'] as const)
      if (JSON.stringify(other[key]) !== JSON.stringify(first[key]))
        throw invalidOption(`results[${i + 1}].${key}`, 'the same as of results[0]', other[key])
  const shared = Object.entries(first.figures).filter(([name]) => others.every((r) => r.figures[name] !== undefined))
  const each = (name: string) => results.map((r) => r.figures[name] as Figure)
  const values = (name: string) => each(name).map(({ value }) => value)
  const missing = new Set(
    results.flatMap((r) => Object.keys(r.figures)).filter((n) => !shared.some(([name]) => name === n)),
  )
  return {
    ...first,
    definition: `${withoutIntervalSentence(first.definition)} Figures are means over ${results.length} models, ± their standard error.`,
    counts: Object.fromEntries(
      Object.entries(first.counts).filter(([name, n]) => others.every(({ counts }) => counts[name] === n)),
    ),
    figures: Object.fromEntries(
      shared.map(([name, { interval: _, ...figure }]) => [
        name,
        {
          ...figure,
          definition: `${sharedDefinition(each(name))} Mean over models; ± is their sample deviation / √${results.length}.`,
          ...{ value: mean(values(name)), standardError: standardError(values(name)) },
        },
      ]),
    ),
    tables: {
      models: {
        label: 'Models',
        columns: [{ label: 'Model', unit: 'text' }, ...shared.map(([, { label, unit }]) => ({ label, unit }))],
        rows: results.map((_, m) => [String(m + 1), ...shared.map(([name]) => values(name)[m] as number)]),
      },
    },
    curves: {},
    notes: [
      ...new Set(results.flatMap((r) => r.notes)),
      ...(missing.size > 0 ? [`Left out, not found for every model: ${[...missing].join(', ')}.`] : []),
    ],
  }
}
