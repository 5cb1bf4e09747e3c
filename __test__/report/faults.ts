import { parseHTML } from 'linkedom'
import { outside } from './outside.js'

/** What is wrong with any page: something from outside, an id twice, a number that is none, a picture without words, a bar beside its plot. */
export function faults(page: string): unknown[] {
  const { document } = parseHTML(page)
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id)
  return [
    ...outside(page),
    ...ids.filter((id, i) => ids.indexOf(id) < i),
    ...[...document.querySelectorAll('nav a')].filter((a) => !ids.includes((a.getAttribute('href') ?? '').slice(1))),
    ...(document.body.textContent.match(/NaN|undefined|\[object/g) ?? []),
    ...[...document.querySelectorAll('figure.plot svg')].filter((svg) => (svg.getAttribute('aria-label') ?? '') === ''),
    ...[...document.querySelectorAll('img:not([alt])')],
    ...[...document.querySelectorAll('svg rect')].filter((rect) => Number(rect.getAttribute('x')) < 0),
  ]
}
