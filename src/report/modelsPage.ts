import type { EvaluationResult } from '../protocols/result.js'
import { type SideBySide, verdict } from '../protocols/sideBySide.js'
import { bothSection } from './bothSection.js'
import { confusionSection } from './confusionSection.js'
import type { Draw } from './draw.js'
import { gallerySection } from './gallerySection.js'
import { headlines } from './headlines.js'
import { type Html, html } from './html.js'
import { type JudgedData, judgedSection } from './judgedSection.js'
import type { Looks } from './looks.js'
import { mapSection } from './mapSection.js'
import { page } from './page.js'
import { figureValue, resultSection, shortTitle } from './resultSection.js'

/** A model as a page shows it. */
export interface ShownModel {
  readonly name: string
  /** What is known of it, by name. */
  readonly facts: Readonly<Record<string, string>>
  readonly looks: Looks
}

/** What a judgement of one model found, or of two. */
export interface JudgedModels {
  /** One or two. */
  readonly models: readonly ShownModel[]
  /** What each protocol found: of two models both results. */
  readonly results: readonly (EvaluationResult | SideBySide)[]
  /** What was judged on, that of the pictures first. */
  readonly data: readonly [JudgedData, ...JudgedData[]]
  /** Whether there are pictures of the first data. */
  readonly pictured: boolean
}

/** Who has what the page leaves out of a long table. */
const whole = 'the result itself (npair eval --json)'

/** One model or two, judged by protocols, as one page that needs nothing else. */
export function renderModels({ models: given, results, data, pictured }: JudgedModels, draw: Draw): string {
  const models = distinct(given)
  const names = models.map(({ name }) => name)
  const [first, second] = names as [string, string?]
  const shown = sections(models, draw)
  const links = [
    ...results.map((result, i) => ({ id: `result-${i + 1}`, title: shortTitle(firstOf(result)) })),
    ...shown.map(({ id, title }) => ({ id, title })),
    { id: 'judged', title: 'Models and data' },
  ]
  const [{ images, classes, features, source }] = data
  return page(
    `${names.join(' and ')} · npair evaluation`,
    html`<header>
<h1>${second === undefined ? first : 'Two models'}</h1>
${second === undefined ? null : html`<ul class="runs"><li>First: ${first}</li><li>Second: ${second}</li></ul>`}
<p class="lead">Judged on ${images.toLocaleString('en-US')} ${features ? 'rows' : 'images'} of ${classes.toLocaleString('en-US')} classes · ${source}</p>
${second === undefined ? headlines({ results: results.map(firstOf) }) : verdicts(results, [first, second])}
<nav aria-label="Sections">${links.map(({ id, title }) => html`<a href="#${id}">${title}</a>`)}</nav>
</header>
<main>
${results.map((result, i) => {
  const id = `result-${i + 1}`
  if (!('first' in result)) return resultSection(result, id, draw, whole)
  return bothSection(result, [first, second as string], id, draw, whole)
})}
${!pictured ? html`<section id="pictures"><h2>No pictures</h2><p>What was judged are rows of numbers, whose images are not at hand: nearest neighbours are left out, and classes and points have names instead of pictures.</p></section>` : null}
${shown.map(({ section }) => section)}
${judgedSection(models, data, results.map(firstOf))}
</main>`,
  )
}

function firstOf(result: EvaluationResult | SideBySide): EvaluationResult {
  return 'first' in result ? result.first : result
}

/** Models with names that tell them apart, also where one is judged against itself. */
function distinct(models: readonly ShownModel[]): readonly ShownModel[] {
  const [first, second] = models
  if (first === undefined || first.name !== second?.name) return models
  return [
    { ...first, name: `${first.name} (first)` },
    { ...second, name: `${second.name} (second)` },
  ]
}

/** What embeddings look like: every part that there is of a model. */
function sections(models: readonly ShownModel[], draw: Draw): { id: string; title: string; section: Html }[] {
  const alone = models.length === 1
  const whose = (name: string) => (alone ? {} : { name })
  const [gallery, ...galleries] = models.flatMap(({ name, looks }) =>
    looks.gallery ? [{ gallery: looks.gallery, ...whose(name) }] : [],
  )
  const [map, ...maps] = models.flatMap(({ name, looks }) => (looks.map ? [{ map: looks.map, ...whose(name) }] : []))
  return [
    ...(gallery
      ? [{ id: 'gallery', title: 'Nearest neighbours', section: gallerySection([gallery, ...galleries]) }]
      : []),
    ...models.flatMap(({ name, looks: { confusions } }, i) => {
      if (confusions === undefined) return []
      const id = i === 0 ? 'confusion' : `confusion-${i + 1}`
      const title = alone ? 'Confused classes' : `Confused classes: ${name}`
      return [{ id, title, section: confusionSection(confusions, draw, alone ? undefined : { id, name }) }]
    }),
    ...(map ? [{ id: 'map', title: 'Map', section: mapSection([map, ...maps], draw) }] : []),
  ]
}

/** The headline of both models by each protocol, and which model is better. */
function verdicts(results: JudgedModels['results'], names: readonly [string, string]): Html {
  return html`<ul class="headlines">${results.map((result) => {
    if (!('first' in result)) return null
    const { first, second } = result
    const [one, other] = [first.figures[first.headline], second.figures[first.headline]]
    if (one === undefined) return null
    return html`<li><span class="label">${one.label}</span>
<dl>${[one, other].map((figure, i) => html`<dt class="soft">${names[i]}</dt><dd>${figure === undefined ? 'n/a' : figureValue(figure)}</dd>\n`)}</dl>
<span class="soft">${one.better === 'lower' ? 'Lower is better. ' : ''}${verdict(result)}</span></li>\n`
  })}</ul>`
}
