import { type Html, html } from './html.js'

/** Colours and dashes of runs, no two of twelve alike; dashes also let a curve be seen that lies below another. */
const colours = ['var(--first)', 'var(--second)', '#59a14f', '#af7aa1', '#c9a227', '#e07b91']
const dashes = ['none', '7 4', '2 3', '10 3 2 3']
export const colourOf = (i: number) => colours[i % colours.length] as string
export const dashOf = (i: number) => dashes[i % dashes.length] as string

/** A stroke as a run's curves have it. */
export function sign(i: number): Html {
  return html`<svg class="sign" viewBox="0 0 28 8" aria-hidden="true"><line x1="0" x2="28" y1="4" y2="4" stroke="${colourOf(i)}" stroke-width="3" stroke-dasharray="${dashOf(i)}"/></svg>`
}
