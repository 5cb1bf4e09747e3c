import { type Draw, type Figure, margins, width } from './draw.js'
import type { EmbeddingMap } from './embeddingMap.js'
import { Html, html } from './html.js'
import { number } from './number.js'

/** Height of a map in units of the plot; its frame is a square then. */
const height = width
const frame = { ...margins, marginLeft: 16, marginBottom: 16, marginTop: 16, marginRight: 16 }
/** Room between the outermost points and the frame, as a share of its side. */
const air = 0.04
/** Colours, each used with two signs before it comes again. */
const colours = [
  '#4e79a7',
  '#f28e2c',
  '#e15759',
  '#4a9d98',
  '#59a14f',
  '#c9a227',
  '#af7aa1',
  '#e07b91',
  '#9c755f',
  '#7d8790',
]

/** Embeddings in the plane, and of several models whose. */
interface NamedMap {
  readonly map: EmbeddingMap
  readonly name?: string
}

/**
 * Two maps of embeddings each; their points are one group of radio buttons each: a stop of the keyboard, then arrow keys.
 *
 * @param maps - of the same images
 */
export function mapSection(maps: readonly [NamedMap, ...NamedMap[]], draw: Draw): Html {
  const { sheet, classes, classCount, images } = maps[0].map
  const style =
    sheet &&
    html`<style>#map .thumb{background-image:url(${new Html(sheet.picture)});background-size:${sheet.columns * 100}% ${sheet.rows * 100}%}</style>`
  const look = sheet ? 'its picture' : 'its name'
  return html`<section id="map">
<h2>Map of the embeddings</h2>
<p>${images.length} test images of ${classes.length} classes${classes.length < classCount ? ` drawn at random of ${classCount.toLocaleString('en-US')}` : ''}, a colour and sign each. Point at one, tap it, or go through them with the arrow keys for ${look} and class.</p>
${style}<div class="plots">
${(['pca', 'umap'] as const).map((way) => maps.map((one, i) => draw(plane(one, way, i === 0 ? way : `${way}-${i + 1}`))))}
</div>
</section>`
}

/** Title and caption of a map. */
const words = {
  pca: ({ pca: { explained } }: EmbeddingMap) => ({
    title: 'PCA',
    caption: `The plane of most variance: ${number(100 * explained)} % of it lies in the plane. What looks near may be far in the other directions.`,
  }),
  umap: () => ({
    title: 'UMAP',
    caption: 'Neighbours stay neighbours (15 of each). Sizes of clusters and distances between them mean little.',
  }),
}

/** @param group - of its radio buttons, unlike that of any other map of the page */
function plane({ map, name }: NamedMap, way: keyof typeof words, group: string): Figure {
  const { classes, images } = map
  const { points } = map[way]
  const said = words[way](map)
  const title = name === undefined ? said.title : `${said.title}: ${name}`
  const marks = points.map(([x, y], i) => ({ x, y, c: images[i]?.c as number }))
  const kept = Math.round(100 * mates(marks))
  return {
    title,
    caption: `${said.caption} In it, ${kept} % of the images have one of their class as the nearest.`,
    alternative: `${said.title} map${name === undefined ? '' : ` of ${name}`} of ${images.length} images of ${classes.length} classes; ${kept} % of them have an image of their own class as the nearest on it. Each point can be reached as a radio button before this.`,
    plot: (plot) => {
      const scale = { domain: [-air, 1 + air], axis: null }
      const colour = (d: { c: number }) => colours[d.c % colours.length] as string
      const first = (d: { c: number }) => Math.floor(d.c / colours.length) % 2 === 0
      const dot = { x: 'x', y: 'y', fill: colour, stroke: 'var(--page)', strokeWidth: 0.6 }
      return {
        ...{ height, ...frame, x: scale, y: scale, color: { type: 'identity' as const } },
        marks: [
          plot.frame({ stroke: 'currentColor', strokeOpacity: 0.25 }),
          plot.dot(marks.filter(first), { ...dot, r: 4.2, symbol: 'circle' }),
          plot.dot(
            marks.filter((d) => !first(d)),
            { ...dot, r: 4, symbol: 'triangle' },
          ),
        ],
      }
    },
    overlay: html`<div class="points" role="radiogroup" aria-label="${title}: images">${points.map((p, i) => point(map, group, p, i))}</div>`,
  }
}

/** A point as a radio button over its place in the plot, with what it shows beside it. */
function point({ classes, images, sheet }: EmbeddingMap, group: string, [x, y]: [number, number], i: number): Html {
  const image = images[i] as EmbeddingMap['images'][number]
  const place = (value: number, before: number, after: number, whole: number) =>
    ((100 * (before + ((value + air) / (1 + 2 * air)) * (whole - before - after))) / whole).toFixed(2)
  const left = place(x, frame.marginLeft, frame.marginRight, width)
  const top = place(1 - y, frame.marginTop, frame.marginBottom, height)
  const share = (at: number, of: number) => (of > 1 ? Number(((100 * at) / (of - 1)).toFixed(3)) : 0)
  const thumb =
    sheet &&
    html`<span class="thumb" style="background-position:${share(i % sheet.columns, sheet.columns)}% ${share(Math.floor(i / sheet.columns), sheet.rows)}%"></span>`
  // The side with more room.
  const side = `${x > 0.5 ? 'w' : 'e'}${y > 0.5 ? 's' : 'n'}`
  return html`<label class="${side}" style="left:${left}%;top:${top}%"><input type="radio" name="${group}" aria-label="${classes[image.c]}, ${image.name}"><span class="tip">${thumb}${classes[image.c]}</span></label>`
}

/** Share of points whose nearest other point is of their class. */
function mates(points: readonly { x: number; y: number; c: number }[]): number {
  const right = points.filter((p) => {
    let best = { distance: Number.POSITIVE_INFINITY, c: -1 }
    for (const other of points) {
      const distance = other === p ? Number.POSITIVE_INFINITY : Math.hypot(p.x - other.x, p.y - other.y)
      if (distance < best.distance) best = { distance, c: other.c }
    }
    return best.c === p.c
  })
  return right.length / points.length
}
