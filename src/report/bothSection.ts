import type { EvaluationResult, Figure as ResultFigure } from '../protocols/result.js'
import { sharedDefinition } from '../protocols/sharedDefinition.js'
import { type SideBySide, verdict } from '../protocols/sideBySide.js'
import { differencePlot } from './differencePlot.js'
import type { Draw } from './draw.js'
import { figureRow, intervalPlot } from './figuresBeside.js'
import { type Html, html } from './html.js'
import { resultPlots } from './resultPlots.js'
import { measured, resultTable, sectionTitle } from './resultSection.js'
import { sharedAxes } from './sharedAxes.js'

/** What there is of both models. */
type Both<T> = readonly [first: T, second: T]

/**
 * A protocol's results of two models: which is better and whether the data can tell, every figure of both, every curve of both side
 * by side on the same axes, their tables.
 *
 * @param names - of the models, unlike each other
 * @param whole - who has the rows of a long table that the page leaves out
 */
export function bothSection(both: SideBySide, names: Both<string>, id: string, draw: Draw, whole: string): Html {
  const results: Both<EvaluationResult> = [both.first, both.second]
  const { comparison } = both
  const [first] = results
  const title = sectionTitle(first)
  const figures = [...new Set(results.flatMap((result) => Object.keys(result.figures)))]
  return html`<section id="${id}">
<h2>${title}</h2>
${said(results, names, ({ definition }) => definition).map((text) => html`<p>${text}</p>`)}
${said(results, names, measured).map((text) => html`<p class="soft">${text}</p>`)}
${notes(results, names)}
<p class="verdict"><strong>${verdict(both)}</strong></p>
<div class="plots">${figures.includes(first.headline) ? draw(intervalPlot(first.headline, results, names)) : null}${comparison ? draw(differencePlot(comparison)) : null}</div>
<p class="soft">Value, ± standard error, [interval]; the better of each line in bold. Intervals are of each model for itself: where they overlap they leave open which is better. ${comparison ? 'The sentence above is of both on the same items.' : null}</p>
<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table>
<thead><tr><th scope="col">Figure</th>${names.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${figures.map((name) => figureRow(name, results))}</tbody>
</table></div>
<details><summary>What the figures are (${figures.length})</summary><ul class="notes soft">${figures.map((name) => definition(results.flatMap((result) => result.figures[name] ?? [])))}</ul></details>
${curves(results, names, draw)}
${results.map((result, i) => Object.values(result.tables).map((table) => resultTable({ ...table, label: `${table.label}: ${names[i]}` }, whole)))}
</section>`
}

/** What is said of both; where that differs of each by its name. */
function said(
  results: Both<EvaluationResult>,
  names: Both<string>,
  of: (result: EvaluationResult) => string,
): string[] {
  const [first, second] = [of(results[0]), of(results[1])]
  return first === second ? [first] : [`${names[0]}: ${first}`, `${names[1]}: ${second}`]
}

function notes(results: Both<EvaluationResult>, names: Both<string>): Html | null {
  const all = [...new Set(results.flatMap((result) => result.notes))].map((note) => {
    const of = names.filter((_, i) => results[i]?.notes.includes(note))
    return of.length === names.length ? note : `${of.join('')}: ${note}`
  })
  return all.length > 0 ? html`<ul class="notes soft">${all.map((note) => html`<li>${note}</li>`)}</ul>` : null
}

function definition(figures: readonly ResultFigure[]): Html {
  const [first, ...others] = figures
  const same = others.every((other) => other.definition === first?.definition)
  return html`<li>${first?.label}: ${same ? first?.definition : sharedDefinition(figures)}</li>`
}

/** Every curve of the first model beside that of the second. */
function curves(results: Both<EvaluationResult>, names: Both<string>, draw: Draw): Html[] {
  const drawn = results.map(resultPlots)
  const titles = [...new Set(drawn.flat().map(({ title }) => title))]
  return titles.map((title) => {
    const found = drawn.map((plots) => plots.find((plot) => plot.title === title))
    const shared = sharedAxes(found.filter((figure) => figure !== undefined))
    return html`<div class="plots">${found.map((figure, i) => {
      const own = figure && shared.shift()
      if (own === undefined) return html`<p class="soft">${title}: ${names[i]} has nothing to draw of it.</p>`
      return draw({ ...own, title: `${title}: ${names[i]}`, alternative: `${names[i]}: ${own.alternative}` })
    })}</div>\n`
  })
}
