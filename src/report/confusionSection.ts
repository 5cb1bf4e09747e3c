import type { Confusions } from './confusions.js'
import type { Draw, Figure } from './draw.js'
import { type Html, html } from './html.js'

/**
 * Which classes are taken for each other: a matrix with a picture of each class (of features its
 * number) at its edges, and the worst pairs in words.
 *
 * @param of - where there are several: by whom, and the section's id
 */
export function confusionSection(confusions: Confusions, draw: Draw, of?: { id: string; name: string }): Html {
  const { classes, counts, queries, pictures, searched, wrong } = confusions
  const id = of?.id ?? 'confusion'
  const title = of === undefined ? 'Confused classes' : `Confused classes: ${of.name}`
  if (classes.length === 0)
    return html`<section id="${id}"><h2>${title}</h2><p>Of ${searched.toLocaleString('en-US')} queries, none has an image of another class as its nearest.</p></section>`
  const pairs = counts
    .flatMap((row, i) => row.map((count, j) => ({ i, j, count })))
    .filter(({ i, j, count }) => i !== j && count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, 8)
  const image = (c: number) => (pictures.length > 0 ? html`<img src="${pictures[c]}" alt="">` : c + 1)
  return html`<section id="${id}">
<h2>${title}</h2>
<p>${wrong.toLocaleString('en-US')} of ${searched.toLocaleString('en-US')} queries have an image of another class as their nearest. These are the ${classes.length} classes that are taken for each other most often.</p>
<div class="plots">
${draw(matrix(confusions))}
<div><h3>Most often</h3><ol class="pairs">${pairs.map(
    ({ i, j, count }) =>
      html`<li><span class="faces">${image(i)}<span aria-hidden="true">→</span>${image(j)}</span><span>${classes[i]} taken for ${classes[j]}<br><span class="soft">${count} of ${queries[i]} queries</span></span></li>\n`,
  )}</ol></div>
</div>
</section>`
}

function matrix({ classes, counts, queries, pictures }: Confusions): Figure {
  const cells = counts.flatMap((row, i) =>
    row.map((count, j) => ({ own: i, other: j, count, share: count / Math.max(1, queries[i] as number) })),
  )
  const pictured = pictures.length > 0
  const edge = classes.map((name, c) => ({ c, name, place: String(c + 1), src: pictures[c] ?? '' }))
  const legend = pictured ? '' : ` Classes: ${edge.map(({ name, place }) => `${place} ${name}`).join(', ')}.`
  const side = Math.min(30, Math.floor(280 / classes.length))
  const square = { width: side, height: side }
  const said = cells
    .filter(({ own, other, count }) => own !== other && count > 0)
    .map(({ own, other, count }) => `${classes[own]} taken for ${classes[other]} ${count} of ${queries[own]} times`)
  return {
    title: 'Class of the nearest image',
    caption: `A row a class, a column the class of the nearest image; the number is of queries, the stronger its colour the larger its share of the row’s. Orange: mistakes; blue: right. What a row lacks of its queries went to classes that are not shown.${legend}`,
    alternative: `Confusion matrix of ${classes.length} classes. ${said.join('; ')}`,
    plot: (plot) => ({
      ...{ height: 380, marginLeft: 60, marginBottom: 20, marginTop: 62, marginRight: 12 },
      x: { type: 'band', domain: edge.map(({ c }) => c), axis: null, padding: 0.06 },
      y: { type: 'band', domain: edge.map(({ c }) => c), axis: null, padding: 0.06 },
      marks: [
        plot.cell(cells, {
          ...{ x: 'other', y: 'own' },
          fill: (d: { own: number; other: number }) => (d.own === d.other ? 'var(--first)' : 'var(--second)'),
          fillOpacity: (d: { share: number }) => 0.06 + 0.74 * Math.min(1, d.share),
        }),
        plot.text(
          cells.filter(({ count }) => count > 0),
          { x: 'other', y: 'own', text: (d: { count: number }) => String(d.count), fill: 'currentColor' },
        ),
        ...(pictured
          ? [
              plot.image(edge, { y: 'c', frameAnchor: 'left', dx: -6 - side / 2, src: 'src', ...square }),
              plot.image(edge, { x: 'c', frameAnchor: 'top', dy: -6 - side / 2, src: 'src', ...square }),
            ]
          : [
              plot.text(edge, {
                y: 'c',
                frameAnchor: 'left',
                dx: -6,
                text: 'place',
                textAnchor: 'end',
                fill: 'currentColor',
              }),
              plot.text(edge, { x: 'c', frameAnchor: 'top', dy: -10, text: 'place', fill: 'currentColor' }),
            ]),
        plot.text(['nearest'], { frameAnchor: 'top', dy: -46, fill: 'currentColor' }),
        plot.text(['query'], { frameAnchor: 'left', dx: -50, rotate: -90, fill: 'currentColor' }),
      ],
      color: { type: 'identity' },
      opacity: { type: 'identity' },
    }),
  }
}
