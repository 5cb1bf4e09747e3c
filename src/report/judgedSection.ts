import type { DatasetPlan } from '../data/dataset.js'
import type { EvaluationResult } from '../protocols/result.js'
import { version } from '../version.js'
import { type Html, html } from './html.js'

/** Data that was judged on. */
export interface JudgedData {
  readonly plan: DatasetPlan
  /** Images, or rows of features. */
  readonly images: number
  readonly classes: number
  readonly features: boolean
  /** What it is and where it came from, in words. */
  readonly source: string
}

/** A model by what is known of it. */
interface KnownModel {
  readonly name: string
  readonly facts: Readonly<Record<string, string>>
}

/** What made the figures: the models, the data, and the protocols with all of their options. */
export function judgedSection(
  models: readonly KnownModel[],
  data: readonly JudgedData[],
  results: readonly EvaluationResult[],
): Html {
  const facts = [...new Set(models.flatMap((model) => Object.keys(model.facts)))]
  const several =
    data.length > 1
      ? html`<p>The protocols judge ${data.length} sets of data; neighbours, confused classes and maps are of the first.</p>`
      : null
  return html`<section id="judged">
<h2>Models and data</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Models"><table class="plans"><thead><tr><th scope="col">npair ${version()}</th>${models.map(({ name }) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${facts.map((fact) => html`<tr><th scope="row">${fact}</th>${models.map((model) => html`<td>${model.facts[fact] ?? 'not known'}</td>`)}</tr>\n`)}</tbody></table></div>
${several}${data.map(({ source, images, classes, features, plan }) => html`<p>${source}: ${images.toLocaleString('en-US')} ${features ? 'rows' : 'images'} of ${classes.toLocaleString('en-US')} classes, pack <code>${plan.pack}</code>.</p>`)}
${folded(
  'The protocols with their options',
  results.map(({ protocol, version: edition, options }) => ({ protocol, version: edition, options })),
)}
${folded(
  'The data',
  data.map(({ plan }) => plan),
)}
</section>`
}

/** Characters of a record that the page shows at most: a split may name every class. */
const most = 20_000

function folded(title: string, record: unknown): Html {
  const text = JSON.stringify(record, null, 2)
  const shown =
    text.length > most ? `${text.slice(0, most)}\n… (${text.length.toLocaleString('en-US')} characters)` : text
  return html`<details><summary>${title}</summary><pre tabindex="0">${shown}</pre></details>`
}
