import type { Gallery, GalleryImage, GalleryRow } from './gallery.js'
import { type Html, html } from './html.js'

/** Nearest images, and of several models by whom. */
interface NamedGallery {
  readonly gallery: Gallery
  readonly name?: string
}

/**
 * Queries and their nearest neighbours as pictures; right and wrong told by sign, line and words, not by colour alone.
 *
 * @param galleries - with the same queries drawn; under each what every model finds
 */
export function gallerySection(galleries: readonly [NamedGallery, ...NamedGallery[]]): Html {
  const { drawn } = galleries[0].gallery
  const nearest = drawn[0]?.neighbours.length ?? 0
  const found = (query: number) =>
    galleries.flatMap(({ gallery, name }) => {
      const row = gallery.drawn[query]
      return row === undefined ? [] : [{ row, name }]
    })
  return html`<section id="gallery">
<h2>Nearest neighbours</h2>
<p>Images of the test data drawn at random, each with its ${nearest} nearest others by ${scores(galleries)} (the number under each).
✓ and a solid line: of the query’s class; ✗ and a dashed line: of another.</p>
<ul class="gallery">${drawn.map(({ query }, i) => galleryRow(query, found(i)))}</ul>
${galleries.map(mistakesOf)}
</section>`
}

/** What the numbers are; where models differ in it, of each by its name. */
function scores(galleries: readonly NamedGallery[]): string {
  const words = galleries.map(({ gallery: { score = 'cosine similarity' }, name }) => ({ score, name }))
  const [first] = words
  if (words.every(({ score }) => score === first?.score)) return first?.score ?? ''
  return words.map(({ score, name }) => `${score} (${name})`).join(' or ')
}

function mistakesOf({ gallery: { mistakes, searched }, name }: NamedGallery): Html {
  const queries = `Among ${searched.toLocaleString('en-US')} queries drawn at random,`
  const whose = name === undefined ? '' : `: ${name}`
  if (mistakes.length > 0)
    return html`<h3>The most confident mistakes${whose}</h3>
<p>${queries} those whose nearest image is of another class with the highest similarity.</p>
<ul class="gallery">${mistakes.map((row) => galleryRow(row.query, [{ row, name: undefined }]))}</ul>`
  const none = html`<p>${queries} none has an image of another class as its nearest.</p>`
  return name === undefined ? none : html`<h3>Mistakes: ${name}</h3>${none}`
}

/** A query with what each model finds. */
function galleryRow(query: GalleryImage, found: readonly { row: GalleryRow; name: string | undefined }[]): Html {
  return html`<li><span class="name" title="${query.name}">${query.label}</span>
<div class="query">${image(query, `Query of class ${query.label}`)}<span class="mark">query</span></div>
${found.map(({ row, name }) =>
  name === undefined
    ? neighbourList(row)
    : html`<div class="found"><span class="name" title="${name}">${name}</span>${neighbourList(row)}</div>`,
)}</li>\n`
}

function neighbourList({ neighbours }: GalleryRow): Html {
  return html`<ol>${neighbours.map((n) => {
    const said = `${n.correct ? 'right' : 'wrong'}: class ${n.label}, similarity ${n.score.toFixed(2)}`
    return html`<li class="${n.correct ? 'right' : 'wrong'}">${image(n, said)}<span class="mark" aria-hidden="true">${n.correct ? '✓' : '✗'} ${n.score.toFixed(2)}</span></li>`
  })}</ol>`
}

function image({ picture, name }: GalleryImage, alternative: string): Html {
  // Small images are PNG, pixel by pixel; photographs are better enlarged smoothly.
  const kind = picture.startsWith('data:image/png') ? 'exact' : 'smooth'
  return html`<img class="${kind}" src="${picture}" alt="${alternative}" title="${name}">`
}
