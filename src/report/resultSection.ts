import { formatSpread, formatValue, words } from '../protocols/formatTable.js'
import type { EvaluationResult, Figure, ResultTable } from '../protocols/result.js'
import type { Draw } from './draw.js'
import { type Html, html } from './html.js'
import { resultPlots } from './resultPlots.js'

/** Headings of the protocols that npair has; another one is headed by its type. */
const titles: Record<string, string> = {
  verification: 'Verification: the same class or not?',
  retrieval: 'Retrieval: the nearest images',
  clustering: 'Clustering: do the images fall into their classes?',
  oneShot: 'Few examples: which class is it?',
  identification: 'Identification: who is it, and is it anyone known?',
  reId: 'Re-identification: the same one, seen by another camera',
  pairs: 'Verification: the pairs of a file',
  lists: 'Identification: a gallery and probes by lists',
  recognition: 'Recognition: the class of the nearest, and the right one against many',
}

/**
 * A protocol's result: figures with their definitions, plots, tables, how it was measured.
 *
 * @param whole - who has the rows of a long table that the page leaves out
 */
export function resultSection(result: EvaluationResult, id: string, draw: Draw, whole = 'results.json'): Html {
  const plots = resultPlots(result)
  return html`<section id="${id}">
<h2>${sectionTitle(result)}</h2>
<p>${result.definition}</p>
<p class="soft">${measured(result)}</p>
${result.notes.length > 0 ? html`<ul class="notes soft">${result.notes.map((note) => html`<li>${note}</li>`)}</ul>` : null}
${figureTable(Object.values(result.figures))}
${plots.length > 0 ? html`<div class="plots">${plots.map(draw)}</div>` : null}
${Object.values(result.tables).map((table) => resultTable(table, whole))}
</section>`
}

export function sectionTitle(result: EvaluationResult): string {
  return titles[result.protocol] ?? result.protocol
}

/** The title without what it explains, for links. */
export function shortTitle(result: EvaluationResult): string {
  return sectionTitle(result).replace(/:.*/, '')
}

/** How much was judged, and by which protocol in which version. */
export function measured({ counts, protocol, version }: EvaluationResult): string {
  const counted = Object.entries(counts).map(([name, n]) => `${formatValue(n, 'count')} ${words(name)}`)
  return `${counted.join(' · ')}. Protocol ${protocol}, version ${version}.`
}

/** `93.20 % ± 0.84 [91.30, 94.90]` with the spread set smaller. */
export function figureValue(figure: Figure): Html {
  const value = formatValue(figure.value, figure.unit)
  const spread = formatSpread(figure)
  return spread === '' ? html`${value}` : html`${value} <small>${spread}</small>`
}

function figureTable(figures: Figure[]): Html {
  return html`<table class="figures">
<thead><tr><th scope="col">Figure</th><th scope="col">Value</th><th scope="col">Definition</th></tr></thead>
<tbody>${figures.map((f) => html`<tr><th scope="row">${f.label}</th><td>${figureValue(f)}</td><td>${f.definition}</td></tr>\n`)}</tbody>
</table>`
}

/** Rows of a table that the page shows at most: it has to stay light where a table has a row a class. */
const mostRows = 500

/** Short tables stand open, long ones behind their name. */
export function resultTable(table: ResultTable, whole: string): Html {
  const body = html`<div class="scroll" tabindex="0" role="region" aria-label="${table.label}"><table>
<thead><tr>${table.columns.map((c) => html`<th scope="col">${c.label}</th>`)}</tr></thead>
<tbody>${table.rows.slice(0, mostRows).map((row) => html`<tr>${row.map((cell, c) => html`<td>${formatValue(cell, table.columns[c]?.unit ?? 'text')}</td>`)}</tr>\n`)}</tbody>
</table></div>`
  return html`<details${table.rows.length <= 30 ? html` open` : null}><summary>${table.label} (${table.rows.length})</summary>${table.rows.length > mostRows ? html`<p class="soft">The first ${mostRows}; ${whole} has them all.</p>` : null}${body}</details>`
}
