import type { EvaluationResult } from '../protocols/result.js'
import type { StepMetrics } from '../train/metricsLog.js'
import type { Draw, Figure } from './draw.js'
import { figureRow, intervalPlot } from './figuresBeside.js'
import { type Html, html } from './html.js'
import { number } from './number.js'
import { page } from './page.js'
import { planDifferences } from './planDifferences.js'
import { sectionTitle } from './resultSection.js'
import type { JudgedRun } from './runRecord.js'
import { colourOf, dashOf, sign } from './runSigns.js'
import { stretches } from './stretches.js'
import { decider } from './validationPlots.js'

/**
 * Several runs on one page: the figures with their intervals side by side, what their plans differ in, curves over steps.
 *
 * @param runs - two or more
 */
export function renderRuns(runs: readonly JudgedRun[], draw: Draw): string {
  const groups = protocolGroups(runs)
  const curves = trainingCurves(runs)
  const links = [
    ...groups.map((group, i) => ({ id: `result-${i + 1}`, title: group.title.replace(/:.*/, '') })),
    ...(curves.length > 0 ? [{ id: 'training', title: 'Training' }] : []),
    { id: 'plans', title: 'Plans' },
  ]
  return page(
    `${runs.map(({ name }) => name).join(', ')} · npair report`,
    html`<header>
<h1>${runs.length} runs</h1>
<ul class="runs">${runs.map(({ name }, i) => html`<li>${sign(i)} ${name}</li>`)}</ul>
<nav aria-label="Sections">${links.map(({ id, title }) => html`<a href="#${id}">${title}</a>`)}</nav>
</header>
<main>
${groups.length === 0 ? html`<p>None of these runs was judged: there are no figures to compare.</p>` : null}
${groups.map((group, i) => groupSection(group, `result-${i + 1}`, runs, draw))}
${curves.length > 0 ? html`<section id="training"><h2>Training</h2><div class="plots">${curves.map(draw)}</div></section>` : null}
${planDifferences(runs)}
</main>`,
  )
}

/** The results of one protocol, one a run; nothing for runs that were not judged by it. */
interface Group {
  title: string
  results: (EvaluationResult | undefined)[]
}

/** The n-th result of a protocol of one run is compared with the n-th of another. */
function protocolGroups(runs: readonly JudgedRun[]): Group[] {
  const keys = runs.map(({ results }) =>
    results.map(
      (result, i) => `${result.protocol} ${results.slice(0, i).filter((r) => r.protocol === result.protocol).length}`,
    ),
  )
  return [...new Set(keys.flat())].map((key) => {
    const results = runs.map((run, r) => run.results[(keys[r] as string[]).indexOf(key)])
    return { title: sectionTitle(results.find((r) => r !== undefined) as EvaluationResult), results }
  })
}

function groupSection({ title, results }: Group, id: string, runs: readonly JudgedRun[], draw: Draw): Html {
  const given = results.filter((result) => result !== undefined)
  const names = [...new Set(given.flatMap((result) => Object.keys(result.figures)))]
  const differing = (['version', 'options', 'data'] as const).filter(
    (key) => new Set(given.map((result) => JSON.stringify(result[key]))).size > 1,
  )
  const headline = given[0]?.headline as string
  return html`<section id="${id}">
<h2>${title}</h2>
<p>${given[0]?.definition}</p>
${differing.length > 0 ? html`<p class="warning"><strong>Not judged alike:</strong> these results differ in ${differing.join(' and ')}, so their figures are not of the same thing.</p>` : null}
<div class="plots">${
    names.includes(headline)
      ? draw(
          intervalPlot(
            headline,
            results,
            runs.map(({ name }) => name),
          ),
        )
      : null
  }</div>
<p class="soft">Value, ± standard error, [interval]; best of each line in bold. Intervals that overlap leave open which run is better.</p>
<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table>
<thead><tr><th scope="col">Figure</th>${runs.map(({ name }, i) => html`<th scope="col">${sign(i)} ${name}</th>`)}</tr></thead>
<tbody>${names.map((name) => figureRow(name, results))}</tbody>
</table></div>
</section>`
}

/** Loss, learning rate, gradient norm, the cosine that guards watch, and the validated figures of all runs over their steps. */
function trainingCurves(runs: readonly JudgedRun[]): Figure[] {
  const stepCurves: [string, (line: StepMetrics) => number | undefined][] = [
    ['Loss', (line) => line.loss],
    ['Learning rate', (line) => line.learningRate],
    ['Gradient norm', (line) => line.gradientNorm],
    ['Cosine between classes', (line) => line.cosine],
  ]
  const validated = new Map<string, { label: string; scale: number }>()
  for (const { run } of runs) {
    const name = decider(run)
    const figure = name === undefined ? undefined : run.validations[0]?.validation.figures[name]
    if (name !== undefined && figure)
      validated.set(name, { label: figure.label, scale: figure.unit === 'fraction' ? 100 : 1 })
  }
  return [
    ...stepCurves.map(([title, value]) =>
      runCurves(title, '', runs, ({ run }) =>
        stretches(run.steps, value).map(({ step, mean }) => ({ step, value: mean })),
      ),
    ),
    ...[...validated].map(([name, { label, scale }]) =>
      runCurves(`Validation: ${label}`, scale === 100 ? '%' : '', runs, ({ run }) =>
        run.validations.flatMap(({ step, validation: { figures } }) =>
          figures[name] ? [{ step, value: figures[name].value * scale }] : [],
        ),
      ),
    ),
  ].flat()
}

function runCurves(
  title: string,
  unit: string,
  runs: readonly JudgedRun[],
  points: (run: JudgedRun) => { step: number; value: number }[],
): Figure[] {
  const curves = runs.map((run, i) => ({ i, name: run.name, points: points(run) })).filter((c) => c.points.length > 1)
  if (curves.length === 0) return []
  return [
    {
      title,
      caption: `Signs as at the top of the page${curves.length < runs.length ? `; not recorded by ${runs.length - curves.length} of the runs` : ''}. Long runs: means of stretches of steps.`,
      alternative: `${title} over steps. ${curves.map((c) => `${c.name}: first ${number(c.points[0]?.value)}, last ${number(c.points.at(-1)?.value)}`).join('; ')}`,
      plot: (plot) => ({
        x: { label: 'step', ticks: 5, tickFormat: (x: number) => x.toLocaleString('en-US') },
        y: { label: unit || null, ticks: 5, grid: true, nice: true, tickFormat: (y: number) => number(y) },
        marks: curves.map((c) =>
          plot.lineY(c.points, {
            ...{ x: 'step', y: 'value', stroke: colourOf(c.i), strokeWidth: 1.75, strokeDasharray: dashOf(c.i) },
          }),
        ),
      }),
    },
  ]
}
