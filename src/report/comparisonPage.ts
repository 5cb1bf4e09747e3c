import type { ComparisonSummary, MethodSummary, Spread } from '../compare/summary.js'
import { formatValue, words } from '../protocols/formatTable.js'
import type { Figure as ResultFigure } from '../protocols/result.js'
import type { Draw, Figure, Plot } from './draw.js'
import { type Html, html } from './html.js'
import { number } from './number.js'
import { page } from './page.js'

type Unit = ResultFigure['unit']

/** The comparison as one page that needs nothing else: a table, curves, each method's recipe. */
export function renderComparison(summary: ComparisonSummary, name: string, draw: Draw): string {
  const { methods, seeds, reference, notes, figures, counts } = summary
  const judged = Object.entries(counts).map(([what, n]) => `${formatValue(n, 'count')} ${words(what)}`)
  const headline = headlineOf(summary)
  return page(
    `${name} · npair comparison`,
    html`<header>
<h1>${name}</h1>
<p class="lead">${methods.length} methods, the same network, data and number of images seen, ${seedWords(seeds)}</p>
</header>
<main>
<section id="table"><h2>${headline.label}</h2>
<p>${headline.better === 'lower' ? 'Lower is better. ' : ''}${headline.definition} ${meaning(summary)}</p>
<p class="soft">Judged at the last step on ${judged.join(' · ')}. Protocol ${summary.protocol}.</p>
${notes.length > 0 ? html`<ul class="notes soft">${notes.map((note) => html`<li>${note}</li>`)}</ul>` : null}
${htmlTable('The methods', resultRows(summary))}
</section>
<section id="steps"><h2>Against the images seen</h2>
<p class="soft">Each curve is the mean over seeds, from its lowest to its highest where shaded; dashed: ${reference}.</p>
<div class="plots">${methods.map((method) => draw(curve(method, summary)))}</div>
</section>
<section id="figures"><h2>All figures</h2>
${htmlTable('Every figure of the protocol', figureRows(summary))}
<ul class="notes soft">${Object.values(figures).map(({ label, definition }) => html`<li>${label}: ${definition}</li>`)}</ul>
</section>
<section id="recipes"><h2>How each was trained</h2>
<p>Each loss has a learning rate of its own: the config's times the method's <code>rateFactor</code>. Schedules are stretched so that rates fall after the same number of images. Embeddings that mining takes to choose classes are not counted as images seen.</p>
${htmlTable('Recipes', recipeRows(methods))}
</section>
</main>`,
  )
}

/** The comparison for the terminal. */
export function formatComparison(summary: ComparisonSummary): string {
  const rows = resultRows(summary)
  const widths = (rows[0] ?? []).map((_, c) => Math.max(...rows.map((row) => row[c]?.length ?? 0)))
  const lines = rows.map((row) =>
    row
      .map((cell, c) => (c === 0 ? cell.padEnd(widths[c] ?? 0) : cell.padStart(widths[c] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
  const { definition } = headlineOf(summary)
  return [lines.join('\n'), ...summary.notes, `${definition} ${meaning(summary)}`].join('\n\n')
}

function headlineOf({ figures, headline }: ComparisonSummary) {
  return figures[headline] as ComparisonSummary['figures'][string]
}

function seedWords(seeds: readonly number[]): string {
  return seeds.length === 1 ? `seed ${seeds[0]}` : `seeds ${seeds.slice(0, -1).join(', ')} and ${seeds.at(-1)}`
}

/** What ± and the difference are. */
function meaning({ seeds, reference }: ComparisonSummary): string {
  if (seeds.length === 1)
    return `One seed only: how much seeds differ is not known. The difference is to ${reference} with the same seed.`
  return `± is the standard error of the mean of ${seeds.length} seeds. The difference is to ${reference} with the same seed, ± its standard error; better counts the seeds in which the method beats ${reference}.`
}

/** Heading and rows: the headline, its difference to the reference, and the share of one super-class where there is one. */
function resultRows(summary: ComparisonSummary): string[][] {
  const { methods, seeds, reference } = summary
  const { label, unit } = headlineOf(summary)
  const shares = methods.some((method) => method.largestSuperClass)
  return [
    ['Method', label, `− ${reference}`, 'better', ...(shares ? ['largest super-class of a batch'] : [])],
    ...methods.map(({ name, figures, difference, largestSuperClass }) => [
      name,
      spreadText(figures[summary.headline] as Spread, unit),
      difference ? spreadText(difference, unit) : '',
      difference ? `${difference.better} of ${seeds.length}` : '',
      ...(shares ? [largestSuperClass ? spreadText(largestSuperClass, 'fraction') : ''] : []),
    ]),
  ]
}

function figureRows({ methods, figures }: ComparisonSummary): string[][] {
  const named = Object.entries(figures)
  return [
    ['Method', ...named.map(([, { label }]) => label)],
    ...methods.map((method) => [
      method.name,
      ...named.map(([name, { unit }]) => spreadText(method.figures[name] as Spread, unit)),
    ]),
  ]
}

function recipeRows(methods: readonly MethodSummary[]): string[][] {
  return [
    ['Method', 'Loss', 'Batch', 'Learning rate', 'Steps', 'Images seen'],
    ...methods.map(({ name, loss, batch, learningRate, steps, images }) => [
      ...[name, loss, batch, number(learningRate)],
      ...[formatValue(steps, 'count'), formatValue(images, 'count')],
    ]),
  ]
}

/** `15.30 % ± 0.42`; without a standard error for one seed. */
function spreadText({ mean, standardError }: Spread, unit: Unit): string {
  if (!Number.isFinite(mean)) return 'n/a'
  const spread = Number.isFinite(standardError) ? ` ± ${formatValue(standardError, unit).replace(' %', '')}` : ''
  return `${formatValue(mean, unit)}${spread}`
}

function htmlTable(label: string, [head = [], ...rows]: string[][]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table>
<thead><tr>${head.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>${rows.map(([first, ...cells]) => html`<tr><th scope="row">${first}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>\n`)}</tbody>
</table></div>`
}

function curve({ name, curve: points }: MethodSummary, summary: ComparisonSummary): Figure {
  const { label, unit } = headlineOf(summary)
  const scale = unit === 'fraction' ? 100 : 1
  const scaled = (list: MethodSummary['curve']) =>
    list.map(({ images, mean, low, high }) => ({ images, mean: mean * scale, low: low * scale, high: high * scale }))
  const own = scaled(points)
  const beside = scaled(summary.methods.find((method) => method.name === summary.reference)?.curve ?? [])
  // The same height for all, so that curves can be compared by eye.
  const highest = Math.max(...summary.methods.flatMap((method) => scaled(method.curve).map(({ high }) => high)))
  return {
    title: name,
    caption: `${label} on the test half.`,
    alternative: `${label} of ${name} over the images seen: ${own.map(({ mean }) => number(mean)).join(', ')}`,
    plot: (plot: Plot) => ({
      x: { label: 'images seen', ticks: 5, tickFormat: (x: number) => x.toLocaleString('en-US') },
      y: { label: unit === 'fraction' ? '%' : '', domain: [0, highest], ticks: 5, grid: true, nice: true },
      marks: [
        plot.areaY(own, { x: 'images', y1: 'low', y2: 'high', fill: 'var(--first)', fillOpacity: 0.18 }),
        plot.lineY(beside, { x: 'images', y: 'mean', stroke: 'var(--second)', strokeDasharray: '5 3' }),
        plot.lineY(own, { x: 'images', y: 'mean', stroke: 'var(--first)', strokeWidth: 2 }),
      ],
    }),
  }
}
