import { type Html, html } from './html.js'
import type { JudgedRun } from './runRecord.js'

/** The values of the plans that differ, by their path. */
export function planDifferences(runs: readonly JudgedRun[]): Html {
  const plans = runs.map(({ run }) => new Map(leaves(run.config)))
  const paths = [...new Set(plans.flatMap((plan) => [...plan.keys()]))].filter(
    (path) => new Set(plans.map((plan) => plan.get(path))).size > 1,
  )
  return html`<section id="plans">
<h2>Plans</h2>
${
  paths.length === 0
    ? html`<p>The plans of these runs are the same.</p>`
    : html`<p>What their plans (config.json) differ in; everything else is the same.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Plans"><table class="plans"><thead><tr><th scope="col">Option</th>${runs.map(({ name }) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${paths.map((path) => html`<tr><th scope="row">${path}</th>${plans.map((plan) => html`<td>${shortened(plan.get(path) ?? 'n/a')}</td>`)}</tr>\n`)}</tbody></table></div>`
}
</section>`
}

/** Everything in a plan that is no object, as text, by its path; a list is one value. */
function leaves(value: unknown, path = ''): [string, string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, JSON.stringify(value)]]
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`))
}

/** A long value is shown by its beginning. */
function shortened(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}… (${text.length} characters)` : text
}
