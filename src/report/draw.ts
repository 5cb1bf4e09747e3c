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
  /** What lies over the plot, placed in percent of it. */
  overlay?: Html
}

/** Turns a figure into markup with an inline SVG. */
export type Draw = (figure: Figure) => Html

/** Width of every plot in its own units; the page scales it to its column, up and down by less than a third. */
export const width = 440
/** Height and room for axes that every plot has unless it says otherwise, in the same units. */
export const height = 270
export const margins = { marginLeft: 52, marginBottom: 40, marginTop: 24, marginRight: 16 }

/** Loads the plotting library and a document to draw into. */
export async function loadDraw(): Promise<Draw> {
  const [plot, { parseHTML }] = await Promise.all([import('@observablehq/plot'), import('linkedom')])
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  return ({ title, caption, alternative, plot: options, overlay }) => {
    const svg = plot.plot({
      ...{ width, height, ...margins },
      ...options(plot),
      ...{
        ariaLabel: alternative,
        document,
        style: { background: 'transparent', fontSize: '12px', fontFamily: 'inherit' },
      },
    })
    svg.setAttribute('role', 'img')
    // So that the alternative is read where somebody goes through the page by keyboard.
    svg.setAttribute('tabindex', '0')
    return html`<figure class="plot"><h3>${title}</h3><div class="canvas">${new Html(svg.outerHTML)}${overlay}</div><figcaption>${caption}</figcaption></figure>`
  }
}
