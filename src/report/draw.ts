import type * as PlotLibrary from '@observablehq/plot'
import { Html, html } from './html.js'

export type Plot = typeof PlotLibrary

/** A plot of a report. */
export interface Figure {
  title: string
  /** One or two sentences under the plot. */
  caption: string
  /** What a reader who cannot see it should know: what is drawn, from where to where. */
  alternative: string
  /** Marks and scales for Observable Plot. */
  plot: (plot: Plot) => PlotLibrary.PlotOptions
}

/** Turns a figure into markup with an inline SVG. */
export type Draw = (figure: Figure) => Html

/** Width of every plot in its own units; the page scales it to its column, up and down by less than a third. */
const width = 440

/** Loads the plotting library and a document to draw into. */
export async function loadDraw(): Promise<Draw> {
  const [plot, { parseHTML }] = await Promise.all([import('@observablehq/plot'), import('linkedom')])
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  return ({ title, caption, alternative, plot: options }) => {
    const svg = plot.plot({
      ...{ width, height: 270, marginLeft: 52, marginBottom: 40, marginTop: 24, marginRight: 16 },
      ...options(plot),
      ...{
        ariaLabel: alternative,
        document,
        style: { background: 'transparent', fontSize: '12px', fontFamily: 'inherit' },
      },
    })
    svg.setAttribute('role', 'img')
    return html`<figure class="plot"><h3>${title}</h3>${new Html(svg.outerHTML)}<figcaption>${caption}</figcaption></figure>`
  }
}
