import type { EvaluationResult, Figure } from './result.js'

/**
 * A result for the terminal: what was judged, each figure with its standard error and interval, each table, notes, the definition.
 * Fractions are shown in percent.
 */
export function formatTable(result: EvaluationResult): string {
  const counts = Object.entries(result.counts).map(([name, n]) => `${words(name)} ${formatValue(n, 'count')}`)
  const figures = Object.values(result.figures).map((figure) => [figure.label, formatFigure(figure)])
  const parts = [`${result.protocol} (version ${result.version})`, counts.join(' · '), align(figures)]
  for (const table of Object.values(result.tables)) {
    const rows = table.rows.map((row) => row.map((cell, c) => formatValue(cell, table.columns[c]?.unit ?? 'text')))
    parts.push(align([table.columns.map((column) => column.label), ...rows]))
  }
  return `${[...parts, ...result.notes, result.definition].filter((part) => part !== '').join('\n\n')}\n`
}

/** A figure as text: `93.20 % ± 0.84 [91.30, 94.90]`. */
export function formatFigure(figure: Figure): string {
  const spread = formatSpread(figure)
  return `${formatValue(figure.value, figure.unit)}${spread === '' ? '' : ` ${spread}`}`
}

/** How sure a figure is: `± 0.84 [91.30, 94.90]`, its standard error and its interval, in the figure's unit; empty without both. */
export function formatSpread({ standardError, interval, unit }: Figure): string {
  const bare = (value: number) => formatValue(value, unit).replace(' %', '')
  return [
    ...(standardError === undefined ? [] : [`± ${bare(standardError)}`]),
    ...(interval === undefined ? [] : [`[${bare(interval.low)}, ${bare(interval.high)}]`]),
  ].join(' ')
}

/** A number as text in its unit; fractions in percent, `n/a` for none. */
export function formatValue(value: string | number | null, unit: 'text' | 'count' | Figure['unit']): string {
  if (value === null || Number.isNaN(value)) return 'n/a'
  if (typeof value === 'string') return value
  if (unit === 'fraction') return `${(value * 100).toFixed(2)} %`
  if (unit === 'score') return value.toFixed(4)
  return value.toLocaleString('en-US')
}

/** `genuinePairs` → `genuine pairs`. */
export function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

/** Columns of equal width: the first to the left, the others to the right. */
function align(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, c) => rows.reduce((most, row) => Math.max(most, row[c]?.length ?? 0), 0))
  const line = (row: string[]) =>
    row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c] ?? 0) : cell.padStart(widths[c] ?? 0))).join('  ')
  return rows.map(line).join('\n')
}
