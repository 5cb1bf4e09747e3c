import { join } from 'node:path'
import { writeFileAtomic } from '../files/atomic.js'
import { confusionSection } from './confusionSection.js'
import { type Draw, loadDraw } from './draw.js'
import { gallerySection } from './gallerySection.js'
import { headlines } from './headlines.js'
import { type Html, html } from './html.js'
import { mapSection } from './mapSection.js'
import { number } from './number.js'
import { page } from './page.js'
import { type ReportData, readReportData } from './reportData.js'
import { resultSection, shortTitle } from './resultSection.js'
import { type RunRecord, readRun } from './runRecord.js'
import { trainingPlots } from './trainingPlots.js'
import { validationPlots } from './validationPlots.js'

/**
 * Writes `report.html` into a run folder: one file that needs nothing else, made of what the folder holds. What it lacks
 * (metrics, validations, results, environment) is left out.
 *
 * @returns its path
 * @throws NPairError `NOT_WRITABLE`; what `readReportData` throws
 */
export async function writeReport(folder: string): Promise<string> {
  const path = join(folder, 'report.html')
  const [run, data, draw] = await Promise.all([readRun(folder), readReportData(folder), loadDraw()])
  await writeFileAtomic(path, renderReport(run, data, draw))
  return path
}

/** The report as a page. */
export function renderReport(run: RunRecord, data: ReportData, draw: Draw): string {
  const { deciding, others: history } = validationPlots(run)
  const training = [...trainingPlots(run), ...deciding]
  const hasGallery = data.gallery !== undefined && data.gallery.drawn.length > 0
  const links = [
    ...data.results.map((result, i) => ({ id: `result-${i + 1}`, title: shortTitle(result) })),
    ...(hasGallery ? [{ id: 'gallery', title: 'Nearest neighbours' }] : []),
    ...(data.confusions ? [{ id: 'confusion', title: 'Confused classes' }] : []),
    ...(data.map ? [{ id: 'map', title: 'Map' }] : []),
    ...(training.length > 0 ? [{ id: 'training', title: 'Training' }] : []),
    { id: 'plan', title: 'Plan and machine' },
  ]
  return page(
    `${run.name} · npair report`,
    html`<header>
<h1>${run.name}</h1>
<p class="lead">${summary(run)}</p>
${headlines(data)}
<nav aria-label="Sections">${links.map(({ id, title }) => html`<a href="#${id}">${title}</a>`)}</nav>
</header>
<main>
${data.results.map((result, i) => resultSection(result, `result-${i + 1}`, draw))}
${hasGallery && data.gallery ? gallerySection([{ gallery: data.gallery }]) : null}
${data.confusions ? confusionSection(data.confusions, draw) : null}
${data.map ? mapSection([{ map: data.map }], draw) : null}
${
  training.length > 0
    ? html`<section id="training"><h2>Training</h2><p class="soft">${pace(run)}</p><div class="plots">${training.map(draw)}</div>
${history.length > 0 ? html`<details><summary>The other figures over training (${history.length})</summary><div class="plots">${history.map(draw)}</div></details>` : null}</section>`
    : null
}
${planSection(run)}
</main>`,
  )
}

/** `conv4 trained with nPairMc on characters: 600 steps of 30 pairs, seed 1` */
function summary({ config }: RunRecord): string {
  const part = (name: string, key: string) => text((config[name] as Record<string, unknown> | undefined)?.[key])
  const said = [
    [part('net', 'type'), ' trained with ', part('loss', 'type')],
    ['on ', part('data', 'type')],
    [text(config.steps), ' steps'],
    [part('batch', 'pairs'), ' pairs a step'],
    ['seed ', text(config.seed)],
  ]
  const known = said.filter((words) => words.every((word) => word !== ''))
  return known.length > 0 ? known.map((words) => words.join('')).join(' · ') : 'The run folder holds no plan.'
}

/** How long it took and how fast it went. */
function pace({ steps }: RunRecord): string {
  const [first, last] = [steps[0], steps.at(-1)]
  if (!first || !last) return ''
  const speeds = steps
    .map((line) => line.imagesPerSecond)
    .filter(Number.isFinite)
    .sort((a, b) => a - b)
  const median = speeds[Math.floor(speeds.length / 2)]
  return `${steps.length.toLocaleString('en-US')} steps recorded; median ${number(median)} images a second; last loss ${number(last.loss)}.`
}

function planSection({ config, environment }: RunRecord): Html {
  const facts = Object.entries(environment)
  return html`<section id="plan">
<h2>Plan and machine</h2>
<p>The plan is everything that decides what the run computes, its data by hash; the same plan on the same machine gives the same weights.</p>
${
  facts.length > 0
    ? html`<table class="facts"><caption>What it ran on</caption><tbody>${facts.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${text(value)}</td></tr>\n`)}</tbody></table>`
    : html`<p class="soft">The run folder holds no record of the machine.</p>`
}
<details><summary>The plan (config.json)</summary><pre tabindex="0">${JSON.stringify(config, null, 2)}</pre></details>
</section>`
}

/** A recorded value as text; nothing gives nothing. */
function text(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
