import { formatFigure } from '../protocols/formatTable.js'
import { type Html, html } from './html.js'
import type { ReportData } from './reportData.js'
import { figureValue } from './resultSection.js'

/** The figure that stands for each result, with its definition and what the baseline gets. */
export function headlines({ results, baseline }: Pick<ReportData, 'results' | 'baseline'>): Html | null {
  if (results.length === 0) return html`<p>The model was not judged: there was no test data.</p>`
  return html`<ul class="headlines">${results.map((result) => {
    const figure = result.figures[result.headline]
    if (!figure) return null
    const beside = baseline?.results.find((r) => r.protocol === result.protocol)?.figures[result.headline]
    return html`<li><span class="label">${figure.label}</span>
<span class="value">${figureValue(figure)}</span>
${baseline && beside ? html`<span class="beside">${baseline.name}: ${formatFigure(beside)}</span>` : null}
<span class="soft">${figure.better === 'lower' ? 'Lower is better. ' : ''}${figure.definition}</span></li>\n`
  })}</ul>`
}
