import type { Gallery, GalleryImage, GalleryRow } from './gallery.js'
import { type Html, html } from './html.js'

/** Queries and their nearest neighbours as pictures; right and wrong told by sign, line and words, not by colour alone. */
export function gallerySection({ drawn, mistakes, searched }: Gallery): Html {
  const nearest = drawn[0]?.neighbours.length ?? 0
  return html`<section id="gallery">
<h2>Nearest neighbours</h2>
<p>Images of the test data drawn at random, each with its ${nearest} nearest others by cosine similarity (the number under each).
✓ and a solid line: of the query’s class; ✗ and a dashed line: of another.</p>
<ul class="gallery">${drawn.map(galleryRow)}</ul>
${
  mistakes.length > 0
    ? html`<h3>The most confident mistakes</h3>
<p>Among ${searched.toLocaleString('en-US')} queries drawn at random, those whose nearest image is of another class with the highest similarity.</p>
<ul class="gallery">${mistakes.map(galleryRow)}</ul>`
    : html`<p>Among ${searched.toLocaleString('en-US')} queries drawn at random, none has an image of another class as its nearest.</p>`
}
</section>`
}

function galleryRow({ query, neighbours }: GalleryRow): Html {
  return html`<li><span class="name" title="${query.name}">${query.label}</span>
<div class="query">${image(query, `Query of class ${query.label}`)}<span class="mark">query</span></div>
<ol>${neighbours.map((n) => {
    const said = `${n.correct ? 'right' : 'wrong'}: class ${n.label}, similarity ${n.score.toFixed(2)}`
    return html`<li class="${n.correct ? 'right' : 'wrong'}">${image(n, said)}<span class="mark" aria-hidden="true">${n.correct ? '✓' : '✗'} ${n.score.toFixed(2)}</span></li>`
  })}</ol></li>\n`
}

function image({ picture, name }: GalleryImage, alternative: string): Html {
  // Small images are PNG, pixel by pixel; photographs are better enlarged smoothly.
  const kind = picture.startsWith('data:image/png') ? 'exact' : 'smooth'
  return html`<img class="${kind}" src="${picture}" alt="${alternative}" title="${name}">`
}
